import type { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { ChildSource } from '#agent/sequence/expand-children.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { childReferences } from './child-references.ts';

/** Text of all documents that one sequence leads to, each counted once: Configuration Manager's limit of a policy. */
const MAX_BYTES = 32 * 1024 * 1024;

/** Finds the stored task sequence that a step names. */
export type FindChild = (reference: SequenceReference) => ChildSource | undefined;

/** A stored task sequence, its document as JSON text. */
export interface StoredDocument {
  readonly id: SequenceId;
  readonly name: string;
  readonly documentJson: string;
}

/** A task sequence as it is stored. */
export interface StoredChild extends StoredDocument {
  readonly version: number;
  readonly disabled: boolean;
}

/**
 * Reads every task sequence that a document leads to, at any depth, each once.
 *
 * @param load finds one by a reference; its id counts where it has one, else its name without case
 * @throws {SequenceError} `sequence.expanded-too-large`
 */
export async function readChildren(
  root: { readonly documentJson: string },
  load: (reference: SequenceReference) => Promise<StoredChild | undefined>,
): Promise<FindChild> {
  const found = new Map<string, ChildSource | undefined>();
  const byId = new Map<SequenceId, ChildSource>();
  let bytes = root.documentJson.length;
  const waiting = childReferences(JSON.parse(root.documentJson));
  for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
    const key = referenceKey(reference);
    if (found.has(key)) continue;
    const child = await load(reference);
    const known = child === undefined ? undefined : byId.get(child.id);
    found.set(key, known);
    if (child === undefined || known !== undefined) continue;
    bytes += child.documentJson.length;
    if (bytes > MAX_BYTES)
      throw new SequenceError(
        'sequence.expanded-too-large',
        `With its children the task sequence is larger than ${MAX_BYTES / 1024 / 1024} MiB`,
        { hint: 'Split it, or run fewer children.' },
      );
    const { documentJson, ...rest } = child;
    const document: unknown = JSON.parse(documentJson);
    const source: ChildSource = { ...rest, document };
    found.set(key, source);
    byId.set(child.id, source);
    waiting.push(...childReferences(document));
  }
  return (reference) => found.get(referenceKey(reference));
}

/** One text for each sequence that references name: the id counts where there is one. */
export function referenceKey({ id, name }: SequenceReference): string {
  return id === undefined ? `name:${(name ?? '').trim().toLowerCase()}` : `id:${id}`;
}
