import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { steps } from '#agent/steps/index.ts';
import { ObjectDocument, type WantedObject } from '../apply/document.ts';
import { readYaml } from '../documents/read/read-yaml.ts';
import { readSequenceText } from '../sequence-text.ts';
import { CliError } from './cli-error.ts';
import { documentError, isDocument, readSequenceFile } from './sequence-file.ts';

/** Files of a folder that are looked through. */
const MAX_FILES = 5000;
const Kind = z.looseObject({ kind: z.string() });

/** What is wrong with one file. */
export interface FileProblem {
  readonly file: string;
  readonly error: CliError;
}

/**
 * Reads all YAML and JSON files of a folder and its folders, but for those that begin with a dot; each has
 * one object. What is wrong with one keeps the others from nothing.
 *
 * @throws {CliError} `cli.file`: the folder cannot be read, or has too many files
 */
export async function readWanted(folder: string): Promise<{
  readonly wanted: readonly WantedObject[];
  readonly problems: readonly FileProblem[];
}> {
  const wanted: WantedObject[] = [];
  const problems: FileProblem[] = [];
  for (const path of await listFiles(folder)) {
    const file = relative(folder, path);
    try {
      wanted.push({ ...(await readObject(path)), file });
    } catch (error) {
      const told = documentError(error, path);
      if (!(told instanceof CliError)) throw error;
      problems.push({ file, error: told });
    }
  }
  return { wanted, problems };
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && isDocument(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter(
        (path) =>
          !relative(folder, path)
            .split('/')
            .some((part) => part.startsWith('.')),
      )
      .sort();
    if (files.length <= MAX_FILES) return files;
    throw new CliError('cli.file', `${files.length} files, at most ${MAX_FILES} are read`, {
      where: folder,
    });
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(
      'cli.file',
      `cannot read: ${error instanceof Error ? error.message : String(error)}`,
      { where: folder, hint: 'name a folder that this user may read', cause: error },
    );
  }
}

async function readObject(path: string) {
  const { text, format } = await readSequenceFile(path);
  const { value } = readYaml(text);
  const isObject = Kind.safeParse(value).success;
  if (!isObject) {
    const { sequence } = readSequenceText(text, steps);
    return { kind: 'sequence', name: sequence.name, text, format } as const;
  }
  const parsed = ObjectDocument.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CliError('apply.document', z.prettifyError(parsed.error), {
    where: path,
    hint: 'docs/apply.md has what a file may say; one without "kind" is a task sequence.',
  });
}
