import type { SourceSequence } from './source-sequence.ts';

/** What the name of a document, a group or a step may have. */
export const MAX_NAME = 256;

/**
 * A name for each sequence that no other of them has, without case: the second `Install` becomes
 * `Install (2)`. In their order.
 */
export function uniqueSequenceNames(
  sources: readonly Pick<SourceSequence, 'name'>[],
): readonly string[] {
  const taken = new Set<string>();
  return sources.map(({ name }) => {
    const wanted = nodeName(name, 'Imported task sequence');
    let unique = wanted;
    for (let number = 2; taken.has(unique.toLowerCase()); number++) {
      const suffix = ` (${number})`;
      unique = `${wanted.slice(0, MAX_NAME - suffix.length)}${suffix}`;
    }
    taken.add(unique.toLowerCase());
    return unique;
  });
}

/** A name as a document takes it: without blanks around it, not empty, not too long. */
export function nodeName(name: string, otherwise: string): string {
  const fitting = name.trim().slice(0, MAX_NAME).trim();
  return fitting === '' ? otherwise : fitting;
}
