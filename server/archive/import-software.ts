import type { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import type { PackageProgram } from '#agent/sequence/package-program.ts';
import type { BroughtPackage } from './bring-packages.ts';
import { softwareLinker } from './plan-applications.ts';
import { type ConflictRule, packageOf, type SiteNames } from './plan-import.ts';
import type { Archive } from './read-archive.ts';
import type { ImportSite } from './site.ts';
import { objectFinder, programsOf, softwareReferences } from './software-references.ts';

/** Adds what applications and programs lead to, at any depth, but for those whose own on the site are kept. */
export function withSoftware(
  wanted: ReadonlySet<PackageId>,
  archive: Archive,
  { names, rule }: { readonly names: SiteNames; readonly rule: ConflictRule },
): ReadonlySet<PackageId> {
  const { objects } = archive.manifest;
  const find = objectFinder(objects);
  const all = new Set(wanted);
  // A set tells those that are added while it is walked.
  for (const id of all) {
    const object = objects.find((each) => each.id === id);
    const manifest = archive.packages.get(id);
    if (object === undefined || manifest === undefined) continue;
    if (rule === 'ignore' && packageOf(object, names) !== undefined) continue;
    for (const reference of softwareReferences(manifest)) {
      const found = find(reference);
      if (found !== undefined) all.add(found.id);
    }
  }
  return all;
}

/** Manifests of the site's applications that have names of the archive's, by their ids there. */
export async function applicationsThere(
  site: ImportSite,
  { manifest }: Archive,
  names: SiteNames,
): Promise<ReadonlyMap<PackageId, ContentManifest>> {
  const found = new Map<PackageId, ContentManifest>();
  for (const object of manifest.objects) {
    const there = object.kind === 'application' ? packageOf(object, names) : undefined;
    if (there !== undefined) found.set(there.id, await site.manifest(there.id));
  }
  return found;
}

/** The programs of a package of the archive as they are to be on the site. */
export type ProgramLinker = (id: PackageId) => {
  /** Nothing where it has none: those that are there stay. */
  readonly own: { readonly programs?: PackageProgram[] };
  /** Names of those that run something first which is not there. */
  readonly leftOut: readonly string[];
};

/** Makes it, when it is known what became of the packages. */
export function programLinker(
  archive: Archive,
  known: { readonly names: SiteNames; readonly packages: readonly BroughtPackage[] },
): ProgramLinker {
  const find = objectFinder(archive.manifest.objects);
  const there = known.packages.filter(({ what }) => what !== 'missing');
  const links = new Map(there.map(({ id, link }) => [id, link]));
  const linkTo = softwareLinker(find, links, known.names);
  return (id) => {
    const manifest = archive.packages.get(id);
    if (manifest?.programs === undefined) return { own: {}, leftOut: [] };
    const programs: PackageProgram[] = [];
    const leftOut: string[] = [];
    for (const program of programsOf(manifest)) {
      const { runFirst } = program;
      if (runFirst?.package === undefined) programs.push(program);
      else {
        const first = linkTo({ kind: 'package', reference: runFirst.package });
        if (first === undefined) leftOut.push(program.name);
        else programs.push({ ...program, runFirst: { ...runFirst, package: first } });
      }
    }
    return { own: { programs }, leftOut };
  };
}
