import { writeFile } from 'node:fs/promises';
import { CliError } from './cli-error.ts';

/** Writes a file that is not there yet. @throws {CliError} `cli.file-exists`, unless it may be overwritten; `cli.file` */
export async function writeNewFile(file: string, text: string, mayOverwrite: boolean) {
  try {
    await writeFile(file, text, { flag: mayOverwrite ? 'w' : 'wx' });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (isThere)
      throw new CliError('cli.file-exists', 'the file is there already', {
        where: file,
        hint: 'name another file, or overwrite it with --force',
      });
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError('cli.file', `cannot write: ${message}`, {
      where: file,
      hint: 'name a file in a folder that this user may write to',
      cause: error,
    });
  }
}
