import type { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId, type SequenceId } from '#agent/protocol/identity.ts';
import { readDocumentText } from '../document-text.ts';
import { resolveBy } from '../inventory/pin.ts';
import { type DocumentReference, documentReferences } from './document-references.ts';
import type { ArchiveScope } from './manifest.ts';
import type { ExportSite, SiteDocument, SitePackage, SiteSequence } from './site.ts';
import { softwareReferences } from './software-references.ts';

/** A task sequence, with the document that its text is. */
type CollectedSequence = SiteDocument & { readonly document: unknown; readonly asked: boolean };

/** All that goes into an archive. */
export interface Collected {
  readonly sequences: readonly CollectedSequence[];
  readonly objects: readonly (SitePackage & { readonly manifest: ContentManifest | undefined })[];
  readonly missing: readonly {
    readonly sequence: SequenceId;
    readonly path: string;
    readonly wanted: string;
  }[];
}

/**
 * Finds what sequences lead to: the task sequences that they run, at any depth, and the images and packages
 * that any of them references, by disabled steps too, with what applications and programs lead to. What is not there is listed, and no error.
 */
export async function collectExport(
  site: ExportSite,
  wanted: readonly SiteSequence[],
  scope: ArchiveScope,
): Promise<Collected> {
  const all = await site.sequences();
  const packages = (await site.packages()).toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const resolve = resolveBy(packages);
  const asked = new Set(wanted.map(({ id }) => id));
  const sequences: CollectedSequence[] = [];
  const objects = new Map<PackageId, SitePackage>();
  const missing: Collected['missing'][number][] = [];
  const waiting = [...asked];
  const seen = new Set(asked);
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const written = await site.document(id);
    const document = readDocumentText(written.text).value;
    sequences.push({ ...written, document, asked: asked.has(id) });
    for (const reference of documentReferences(document)) {
      const { kind, path } = reference;
      const found =
        kind === 'sequence'
          ? findSequence(all, reference)
          : findPackage(packages, resolve(asReference(reference), kind));
      if (found === undefined)
        missing.push({ sequence: id, path, wanted: reference.name ?? reference.id ?? '' });
      else if ('kind' in found) objects.set(found.id, found);
      else if (!seen.has(found.id)) {
        seen.add(found.id);
        waiting.push(found.id);
      }
    }
  }
  const manifests = await withSoftware(site, { objects, packages, scope });
  return { sequences, objects: manifests, missing };
}

/** Objects by id, and what applications and programs among them lead to, at any depth. */
async function withSoftware(
  site: ExportSite,
  {
    objects,
    packages,
    scope,
  }: {
    readonly objects: ReadonlyMap<PackageId, SitePackage>;
    readonly packages: readonly SitePackage[];
    readonly scope: ArchiveScope;
  },
): Promise<Collected['objects']> {
  const resolve = resolveBy(packages);
  const found: Collected['objects'][number][] = [];
  const seen = new Set(objects.keys());
  const waiting = [...objects.values()];
  for (let object = waiting.shift(); object !== undefined; object = waiting.shift()) {
    const manifest = scope === 'nothing' ? undefined : await site.manifest(object.id);
    found.push({ ...object, version: manifest?.version ?? object.version, manifest });
    for (const { kind, reference } of manifest === undefined ? [] : softwareReferences(manifest)) {
      const next = findPackage(packages, resolve(reference, kind));
      if (next === undefined || seen.has(next.id)) continue;
      seen.add(next.id);
      waiting.push(next);
    }
  }
  return found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** What a step's Run Task Sequence names. */
export function findSequence<Named extends { readonly id: string; readonly name: string }>(
  all: readonly Named[],
  { id, name = '' }: Pick<DocumentReference, 'id' | 'name'>,
): Named | undefined {
  const key = name.trim().toLowerCase();
  return all.find((each) =>
    id === undefined ? each.name.trim().toLowerCase() === key : each.id === id,
  );
}

function asReference({ id, name }: DocumentReference) {
  return { id: id === undefined ? undefined : PackageId.parse(id), name };
}

function findPackage(
  packages: readonly SitePackage[],
  id: PackageId | undefined,
): SitePackage | undefined {
  return packages.find((each) => each.id === id);
}
