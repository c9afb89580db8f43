import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { steps } from '#agent/steps/index.ts';
import { readYaml } from '../../documents/read/read-yaml.ts';
import { readSequenceText } from '../../sequence-text.ts';
import { CliError } from '../cli-error.ts';
import { documentError, isDocument, readSequenceFile } from '../sequence-file.ts';
import type { KindRun } from './kind.ts';

/** Files of a folder that are looked through. */
const MAX_FILES = 5000;
const Kind = z.looseObject({ kind: z.string() });
/** Many devices in one file, as an import has them. */
const DeviceList = z.strictObject({
  kind: z.literal('devices'),
  devices: z.array(z.looseObject({})).max(10_000),
});

/** What is wrong with one file. */
export interface FileProblem {
  readonly file: string;
  readonly error: CliError;
}

/**
 * Reads all YAML and JSON files of a folder and its folders, but for those that begin with a dot, into the
 * kinds that they say; each has one object, `devices` a list of them. What is wrong with one keeps the
 * others from nothing.
 *
 * @throws {CliError} `cli.file`: the folder cannot be read, or has too many files
 */
export async function readFolder(
  folder: string,
  kinds: readonly KindRun[],
): Promise<readonly FileProblem[]> {
  const problems: FileProblem[] = [];
  for (const path of await listFiles(folder)) {
    const file = relative(folder, path);
    try {
      await readObject(path, file, kinds);
    } catch (error) {
      const told = documentError(error, path);
      if (!(told instanceof CliError)) throw error;
      problems.push({ file, error: told });
    }
  }
  return problems;
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

async function readObject(path: string, file: string, kinds: readonly KindRun[]): Promise<void> {
  const { text, format } = await readSequenceFile(path);
  const { value } = readYaml(text);
  const add = (kind: string, document: unknown) => {
    const found = kinds.find((each) => each.kind === kind);
    if (found === undefined)
      throw refused(
        path,
        `there is no kind ${JSON.stringify(kind)}; there is ${kinds.map((each) => each.kind).join(', ')} and devices`,
      );
    try {
      found.add(file, document);
    } catch (error) {
      throw error instanceof z.ZodError ? refused(path, z.prettifyError(error)) : error;
    }
  };
  const said = Kind.safeParse(value);
  if (!said.success) {
    const { sequence } = readSequenceText(text, steps);
    return add('sequence', { name: sequence.name, text, format });
  }
  const { kind } = said.data;
  if (kind === 'sequence') throw refused(path, 'a task sequence has no "kind"');
  if (kind !== 'devices') return add(kind, value);
  const list = DeviceList.safeParse(value);
  if (!list.success) throw refused(path, z.prettifyError(list.error));
  for (const device of list.data.devices) add('device', { kind: 'device', ...device });
}

function refused(path: string, message: string): CliError {
  return new CliError('apply.document', message, {
    where: path,
    hint: 'docs/apply.md has what a file may say; one without "kind" is a task sequence.',
  });
}
