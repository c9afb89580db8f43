import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { CliError } from './cli-error.ts';

/** Reads a file as text. @throws {CliError} `cli.file` */
export async function readTextFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError(
      'cli.file',
      `cannot read: ${error instanceof Error ? error.message : String(error)}`,
      {
        where: file,
        hint: 'name a YAML or JSON file that this user may read',
        cause: error,
      },
    );
  });
}

/** Reads the text of a task sequence, and how it is written by the ending of its name. */
export async function readSequenceFile(
  file: string,
): Promise<{ text: string; format: 'yaml' | 'json' }> {
  const text = await readTextFile(file);
  return { text, format: extname(file).toLowerCase() === '.json' ? 'json' : 'yaml' };
}

/** What is wrong with a document, said at its file. Anything else stays what it is. */
export function documentError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return error;
  const hint = 'hint' in error && typeof error.hint === 'string' ? { hint: error.hint } : {};
  return new CliError(error.code, error.message, { where: file, ...hint, cause: error });
}
