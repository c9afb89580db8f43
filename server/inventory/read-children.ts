import type { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { ChildSource } from '#agent/sequence/expand-children.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import type { FindChild } from './child-cycle.ts';
import { childReferences } from './child-references.ts';

/** Text of all documents that one sequence leads to, each counted once: Configuration Manager's limit of a policy. */
const MAX_BYTES = 32 * 1024 * 1024;

/** A task sequence as it is stored. */
export interface StoredChild {
  readonly id: SequenceId;
  readonly name: string;
  readonly version: number;
  readonly disabled: boolean;
  readonly documentJson: string;
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
    const key = keyOf(reference);
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
    // No document can name a boot image yet.
    const source: ChildSource = { ...rest, document, hasBootImage: false };
    found.set(key, source);
    byId.set(child.id, source);
    waiting.push(...childReferences(document));
  }
  return (reference) => found.get(keyOf(reference));
}

/** The id counts where there is one. */
function keyOf({ id, name }: SequenceReference): string {
  return id === undefined ? `name:${(name ?? '').trim().toLowerCase()}` : `id:${id}`;
}
