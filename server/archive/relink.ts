import { PackageId } from '#agent/protocol/identity.ts';
import { resolveBy } from '../inventory/pin.ts';
import { findSequence } from './collect-export.ts';
import { type DocumentReference, documentReferences } from './document-references.ts';
import type { Edit } from './edit-text.ts';
import type { ArchiveManifest } from './manifest.ts';

/** What an object of an archive is on the site that it comes to. */
export interface Link {
  readonly name: string;
  /** Undefined where it is not known yet, or the object is not there: it is found by its name. */
  readonly id: string | undefined;
}

/** Finds what something of the archive is now, by its id there. */
export type FindLink = (id: string) => Link | undefined;

/**
 * The changes by which a document means the same on another site: ids that are others there, names that were
 * taken, and ids that are something else there, or nothing.
 *
 * @param isTaken whether an id is one on the site
 */
export function relink(
  document: unknown,
  manifest: Pick<ArchiveManifest, 'sequences' | 'objects'>,
  { link, isTaken }: { readonly link: FindLink; readonly isTaken: (id: string) => boolean },
): Edit[] {
  const resolve = resolveBy(manifest.objects);
  const idOf = (reference: DocumentReference): string | undefined => {
    const { kind, id, name } = reference;
    if (kind === 'sequence') return findSequence(manifest.sequences, reference)?.id;
    const found = resolve({ id: id === undefined ? undefined : PackageId.parse(id), name }, kind);
    return manifest.objects.find((each) => each.id === found)?.id;
  };
  return documentReferences(document).flatMap((reference) => {
    const known = idOf(reference);
    const target = known === undefined ? undefined : link(known);
    if (target !== undefined) return editsOf(reference, target);
    // It led nowhere where it comes from, and must not lead to whatever has that id here.
    const { id, name } = reference;
    if (id === undefined || !isTaken(id)) return [];
    return editsOf(reference, { id: undefined, name: name ?? id });
  });
}

function editsOf({ keys, id, name }: DocumentReference, target: Link): Edit[] {
  if (id !== undefined && target.id === undefined) return [{ keys, value: { name: target.name } }];
  const isRenamed =
    name !== undefined && name.trim().toLowerCase() !== target.name.trim().toLowerCase();
  return [
    ...(id !== undefined && id !== target.id ? [{ keys: [...keys, 'id'], value: target.id }] : []),
    ...(isRenamed ? [{ keys: [...keys, 'name'], value: target.name }] : []),
  ];
}
