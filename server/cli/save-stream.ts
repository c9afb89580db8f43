import { createWriteStream } from 'node:fs';
import { link, rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError } from './cli-error.ts';

/**
 * Saves what a server sends under a name that is not there yet: the file is there whole or not at all.
 *
 * @returns its bytes @throws {CliError} `cli.file-exists`, `cli.file`
 */
export async function saveStream(stream: Readable, file: string): Promise<number> {
  const partial = `${file}.part`;
  try {
    await pipeline(stream, createWriteStream(partial, { mode: 0o600, flush: true }));
    // A link, unlike a rename, replaces nothing.
    await link(partial, file);
    return (await stat(file)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new CliError('cli.file-exists', 'the file is there already', {
        where: file,
        hint: 'name another file with --output',
      });
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError('cli.file', `cannot be saved: ${message}`, {
      where: file,
      hint: 'is the server up, and may this user write there? Nothing was kept',
      cause: error,
    });
  } finally {
    await rm(partial, { force: true });
  }
}
