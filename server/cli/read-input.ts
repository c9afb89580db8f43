import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CliError } from './cli-error.ts';

/** All of standard input; of a terminal one line, which is not shown while it is typed. @throws {CliError} `cli.stopped` */
export async function readInput(): Promise<string> {
  if (!process.stdin.isTTY) return await text(process.stdin);
  process.stderr.write('value (it is not shown): ');
  const nowhere = new Writable({ write: (_part, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await lines.question('');
  } catch (error) {
    throw new CliError('cli.stopped', 'stopped before the value was there', { cause: error });
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
