import type { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { ChildSource } from '#agent/sequence/expand-children.ts';
import { childReferences } from './child-references.ts';
import { InventoryError } from './error.ts';

/** Finds the stored task sequence that a step names. */
export type FindChild = (reference: SequenceReference) => ChildSource | undefined;

/** A stored task sequence, its document as JSON text. */
export interface StoredDocument {
  readonly id: SequenceId;
  readonly name: string;
  readonly documentJson: string;
}

/**
 * Refuses a sequence through which sequences run each other in a circle (M10). Each sequence is looked
 * at once, whatever else is wrong with it: a child that is missing hides no circle.
 *
 * @throws {InventoryError} `sequence.child-cycle`
 */
export function refuseCycle(root: StoredDocument, find: FindChild): void {
  const seen = new Set<SequenceId>();
  const visit = (document: unknown, around: readonly string[]): void => {
    for (const reference of childReferences(document)) {
      const child = find(reference);
      if (child === undefined) continue;
      if (child.id === root.id)
        throw new InventoryError(
          'sequence.child-cycle',
          `Task sequences would run each other in a circle: ${[...around, root.name].map((name) => `"${name}"`).join(' -> ')}`,
          { hint: 'Take the step out of one of them.' },
        );
      if (seen.has(child.id)) continue;
      seen.add(child.id);
      visit(child.document, [...around, child.name]);
    }
  };
  visit(JSON.parse(root.documentJson), [root.name]);
}
