import { readFile } from 'node:fs/promises';
import { CliError } from './cli-error.ts';
import type { Terminal } from './terminal.ts';

/**
 * A secret from a file or one line of standard input, which a terminal does not show: on the command line
 * it would stand in the shell's history and in the list of processes.
 *
 * @throws {CliError} `cli.usage`, `cli.file`
 */
export async function readPassword({ input }: Terminal, file: string | undefined): Promise<string> {
  if (file !== undefined) {
    try {
      return firstLine(await readFile(file, 'utf8'));
    } catch (error) {
      throw new CliError('cli.file', `the file with the password cannot be read: ${file}`, {
        cause: error,
      });
    }
  }
  if (input === undefined)
    throw new CliError('cli.usage', 'there is no standard input to read the password from', {
      hint: 'name a file with --password-file',
      exitCode: 2,
    });
  return firstLine(await input());
}

function firstLine(text: string): string {
  return text.replace(/\r?\n$/, '');
}
