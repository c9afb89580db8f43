import { z } from 'zod';
import { SequenceId } from '#agent/protocol/identity.ts';
import { type ChildSource, expandChildren } from '#agent/sequence/expand-children.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { TaskSequence } from '#agent/sequence/task-sequence.ts';
import { steps } from '#agent/steps/index.ts';
import { readDocumentText } from '../document-text.ts';
import { readSequenceText } from '../sequence-text.ts';
import { CliError } from './cli-error.ts';
import { documentError, listDocuments, readTextFile } from './sequence-file.ts';

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
