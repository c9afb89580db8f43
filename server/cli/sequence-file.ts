import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { CliError } from './cli-error.ts';
import { readDocumentFile } from './document-file.ts';

/** Files of a folder that are looked through. */
const MAX_FILES = 1000;
const MAX_FILE_BYTES = 5 * 1024 * 1024;

/** Reads a file as text: UTF-8 or UTF-16. @throws {CliError} `cli.file`, `document.*` */
export async function readTextFile(file: string): Promise<string> {
  return (await readDocumentFile(file)).text;
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

/** Whether a word of the command line names a file: else it is the name of something on the server. */
export function namesFile(word: string): boolean {
  return isDocument(word) || word.includes('/') || word.includes('\\');
}

/** Whether a name ends as YAML or JSON does. */
export function isDocument(file: string): boolean {
  return ['.yaml', '.yml', '.json'].includes(extname(file).toLowerCase());
}

/** The YAML and JSON files of a folder, by name. @throws {CliError} `cli.file` */
export async function listDocuments(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter(isDocument).sort();
    const files = names.slice(0, MAX_FILES).map((name) => join(folder, name));
    const sizes = await Promise.all(files.map(async (file) => stat(file)));
    return files.filter((_file, index) => {
      const found = sizes[index];
      return found !== undefined && found.isFile() && found.size <= MAX_FILE_BYTES;
    });
  } catch (error) {
    throw new CliError(
      'cli.file',
      `cannot read: ${error instanceof Error ? error.message : String(error)}`,
      { where: folder, hint: 'name a folder that this user may read', cause: error },
    );
  }
}
