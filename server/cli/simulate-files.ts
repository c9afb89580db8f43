import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import { MachineArchitecture, PackageId, SequenceId } from '#agent/protocol/identity.ts';
import { type ChildSource, expandChildren } from '#agent/sequence/expand-children.ts';
import { parseTaskSequence, type TaskSequence } from '#agent/sequence/schema.ts';
import { problemOf } from '#agent/sequence/step-params.ts';
import { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import { steps } from '#agent/steps/index.ts';
import { readDocumentText } from '../document-text.ts';
import { readSequenceText } from '../sequence-text.ts';
import { CliError } from './cli-error.ts';
import { documentError, readTextFile } from './sequence-file.ts';

/** Files of a folder that are looked through for children. */
const MAX_FILES = 1000;
const MAX_FILE_BYTES = 5 * 1024 * 1024;
const GB = 1e9;

/** Whether a word of the command line names a file: else it is the name of something on the server. */
export function namesFile(word: string): boolean {
  return isDocument(word) || word.includes('/') || word.includes('\\');
}

function isDocument(file: string): boolean {
  return ['.yaml', '.yml', '.json'].includes(extname(file).toLowerCase());
}

/**
 * Reads a task sequence with its children, which lie in a folder as files and are known by their names.
 * @throws {CliError} `sequence.*`, `cli.file`, with the file that is meant
 */
export async function readSequenceTree(file: string, folder: string): Promise<TaskSequence> {
  const { sequence, document } = readAs(await readTextFile(file), file);
  if (!JSON.stringify(document).includes('"run-sequence"')) return sequence;
  const children = await readChildren(folder);
  const self = [...children.values()].find(({ name }) => nameKey(name) === nameKey(sequence.name));
  try {
    const expanded = expandChildren(
      document,
      ({ id, name = '' }) => (id === undefined ? children.get(nameKey(name)) : undefined),
      { id: self?.id ?? SequenceId.parse('FILE'), name: sequence.name },
    );
    for (const { document: child, name } of expanded.children) {
      const source = children.get(nameKey(name));
      // Read as a sequence of its own, so that what is wrong is told with its file and line.
      if (source !== undefined && child === source.document) readAs(source.text, source.file);
    }
    return parseTaskSequence(expanded.document, steps);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw childError(documentError(error, file), folder);
  }
}

interface ChildFile extends ChildSource {
  readonly file: string;
  readonly text: string;
}

/** Every document in a folder that has a name and steps; of two with one name the first counts. */
async function readChildren(folder: string): Promise<ReadonlyMap<string, ChildFile>> {
  const children = new Map<string, ChildFile>();
  for (const file of await listDocuments(folder)) {
    const text = await readTextFile(file);
    const head = ChildHead.safeParse(readOrNothing(text));
    if (!head.success || children.has(nameKey(head.data.name))) continue;
    children.set(nameKey(head.data.name), {
      id: SequenceId.parse(`FILE${String(children.size + 1).padStart(4, '0')}`),
      name: head.data.name,
      version: 1,
      document: readOrNothing(text),
      disabled: head.data.disabled,
      hasBootImage: false,
      file,
      text,
    });
  }
  return children;
}
const ChildHead = z.looseObject({
  name: z.string().min(1).max(256),
  disabled: z.boolean().default(false),
  steps: z.array(z.unknown()),
});

function readOrNothing(text: string): unknown {
  try {
    return readDocumentText(text).value;
  } catch {
    return undefined;
  }
}

/** @throws {CliError} `cli.file` */
async function listDocuments(folder: string): Promise<string[]> {
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

function nameKey(name: string): string {
  return name.trim().toLowerCase();
}

function readAs(text: string, file: string) {
  try {
    return readSequenceText(text, steps);
  } catch (error) {
    throw documentError(error, file);
  }
}

function childError(error: unknown, folder: string): unknown {
  if (!(error instanceof CliError) || error.code !== 'sequence.child-missing') return error;
  return new CliError(error.code, error.message, {
    ...(error.where === undefined ? {} : { where: error.where }),
    hint: `put its file into ${folder}, or name another folder with --sequences; there a child is known by its name`,
    cause: error,
  });
}

/** Reads the description of a device. @throws {CliError} `simulate.device`, `cli.file` */
export async function readDeviceFile(file: string): Promise<SimulatedDevice> {
  return readWith(SimulatedDevice, file, {
    code: 'simulate.device',
    hint: 'docs/simulate.md lists what a device file may say',
  });
}

const PackageFacts = z.strictObject({
  name: z.string().min(1).max(128),
  id: PackageId.optional(),
  version: z.int().positive().default(1),
  sizeGb: z.number().nonnegative().max(1_000_000).default(0),
  images: z
    .array(
      z.strictObject({
        index: z.int().positive().default(1),
        name: z.string().max(256).optional(),
        kind: z.enum(['windows', 'linux', 'data']),
        architecture: MachineArchitecture,
        /** Of its files when applied. */
        totalGb: z.number().nonnegative().max(1_000_000).default(0),
      }),
    )
    .max(1000)
    .optional(),
});
const PackageList = z.strictObject({ packages: z.array(PackageFacts).max(10_000) });

/** Reads lists of packages from a file, or from all of a folder. @throws {CliError} `simulate.packages`, `cli.file` */
export async function readPackages(path: string): Promise<ContentManifest[]> {
  const files = isDocument(path) ? [path] : await listDocuments(path);
  const lists = await Promise.all(
    files.map(async (file) =>
      readWith(PackageList, file, {
        code: 'simulate.packages',
        hint: 'packages: [{ name: Debian 12, sizeGb: 1.2, images: [{ kind: linux, architecture: x64 }] }]',
      }),
    ),
  );
  return lists
    .flatMap(({ packages }) => packages)
    .map(({ name, id, version, sizeGb, images }, index) =>
      ContentManifest.parse({
        packageId: id ?? `PKG${String(index + 1).padStart(5, '0')}`,
        version,
        name,
        kind: images === undefined ? 'package' : 'os-image',
        objects: [
          {
            path: images === undefined ? 'package' : 'image.wim',
            sizeBytes: Math.round(sizeGb * GB),
            sha256: '0'.repeat(64),
            chunks: [],
          },
        ],
        images: (images ?? []).map(({ totalGb, ...image }) => ({
          ...image,
          name: image.name ?? name,
          totalBytes: Math.round(totalGb * GB),
        })),
      }),
    );
}

async function readWith<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
  { code, hint }: { readonly code: string; readonly hint: string },
): Promise<z.output<Schema>> {
  const text = await readTextFile(file);
  const fail = (message: string, cause: unknown) =>
    new CliError(code, message, { where: file, hint, cause });
  let read: ReturnType<typeof readDocumentText>;
  try {
    read = readDocumentText(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw fail(`This is no YAML or JSON: ${message}`, error);
  }
  const parsed = schema.safeParse(read.value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 20).map((issue) => {
    const { path, message } = problemOf(issue, '');
    return `${path || 'document'}${read.lineOf(path)}: ${message}`;
  });
  throw fail(problems.join('\n'), parsed.error);
}
