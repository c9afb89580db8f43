import type { PackageId } from '#agent/protocol/identity.ts';
import type { ContentReference } from '#agent/sequence/references.ts';

/** Ids of those that have one: all of them do when a run is granted. */
export function referenceIds(
  ...references: readonly (ContentReference | undefined)[]
): readonly PackageId[] {
  return references.flatMap((reference) => reference?.id ?? []);
}
