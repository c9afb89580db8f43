import type { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId, Sha256 } from '#agent/protocol/identity.ts';
import type { PackageProgram } from '#agent/sequence/package-program.ts';
import { UPLOAD_BATCH } from '../http/api-packages.ts';
import type { SequenceBatch } from '../http/api-sequences.ts';
import { checkHash } from './hash-check.ts';
import type { ArchivedObject } from './manifest.ts';
import {
  type ConflictRule,
  keyOf,
  type PackagePlan,
  packageOf,
  planPackage,
  type SiteNames,
} from './plan-import.ts';
import type { Archive } from './read-archive.ts';
import type { Link } from './relink.ts';
import type { ImportSite } from './site.ts';
import { programsOf } from './software-references.ts';

/** A package of an archive, its content on the site; it becomes one when the upload is kept. */
export interface BroughtPackage {
  /** In the archive. */
  readonly id: PackageId;
  readonly archived: string;
  readonly what: PackagePlan['kind'] | 'missing';
  readonly link: Link;
  readonly upload: SequenceBatch['packages'][number] | undefined;
}

interface Options {
  readonly onConflict: ConflictRule;
  readonly signal: AbortSignal;
  readonly onSent?: (sizeBytes: number) => void;
  readonly names: SiteNames;
  /** Ids of the packages that are needed. */
  readonly wanted: ReadonlySet<PackageId>;
}

/**
 * Sends what the site does not have of the packages' content. One that is on the site with the same files and programs is
 * used as it is; one whose content is nowhere is the one of that name on the site, or missing.
 */
export async function bringPackages(
  site: ImportSite,
  archive: Archive,
  options: Options,
): Promise<readonly BroughtPackage[]> {
  const { names, wanted, onConflict: rule } = options;
  const brought: BroughtPackage[] = [];
  const taken = new Map<string, Set<string>>();
  for (const { kind, name } of [...names.packages, ...archive.manifest.objects]) {
    const of = taken.get(kind) ?? new Set();
    taken.set(kind, of.add(keyOf(name)));
  }
  for (const object of archive.manifest.objects) {
    if (!wanted.has(object.id) || object.kind === 'application') continue;
    const manifest = archive.packages.get(object.id);
    const there = packageOf(object, names);
    const isSame =
      there !== undefined &&
      manifest !== undefined &&
      isSamePackage(manifest, await site.manifest(there.id));
    const ofKind = taken.get(object.kind) ?? new Set();
    const plan = planPackage(object, names, { rule, isSame, taken: ofKind });
    brought.push(await bring(site, archive, { object, manifest, plan, there, options }));
  }
  return brought;
}

async function bring(
  site: ImportSite,
  archive: Archive,
  one: {
    readonly object: ArchivedObject;
    readonly manifest: ContentManifest | undefined;
    readonly plan: PackagePlan;
    readonly there: Link | undefined;
    readonly options: Options;
  },
): Promise<BroughtPackage> {
  const { object, manifest, plan, there, options } = one;
  const { id, name: archived } = object;
  if (plan.kind === 'use')
    return { id, archived, what: 'use', link: plan.there, upload: undefined };
  const target = plan.kind === 'create' ? plan : plan.there;
  const upload =
    manifest === undefined ? undefined : await send(site, archive, { manifest, target, options });
  if (upload === undefined || manifest === undefined)
    return there === undefined
      ? {
          id,
          archived,
          what: 'missing',
          link: { name: archived, id: undefined },
          upload: undefined,
        }
      : { id, archived, what: 'use', link: there, upload: undefined };
  const { kind, images } = manifest;
  const baseVersion = plan.kind === 'overwrite' ? plan.there.version : 0;
  return {
    id,
    archived,
    what: plan.kind,
    link: target,
    upload: { upload, kind, images, baseVersion },
  };
}

/** @returns id of the upload; undefined when an object is neither in the archive nor on the site */
async function send(
  site: ImportSite,
  archive: Archive,
  one: {
    readonly manifest: ContentManifest;
    readonly target: { readonly name: string; readonly id: PackageId | undefined };
    readonly options: Options;
  },
): Promise<string | undefined> {
  const { manifest, target, options } = one;
  const { objects } = manifest;
  const sizes = new Map(objects.map(({ sha256, sizeBytes }) => [sha256, sizeBytes]));
  const { name, id } = target;
  const upload = await site.begin({ name, id });
  const missing = new Set<Sha256>();
  for (let at = 0; at < objects.length; at += UPLOAD_BATCH) {
    const part = objects.slice(at, at + UPLOAD_BATCH);
    const files = part.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256 }));
    for (const sha256 of await site.declare(upload, files)) missing.add(sha256);
  }
  if (missing.size > 0 && archive.manifest.with !== 'content') return undefined;
  for (const sha256 of missing) {
    options.signal.throwIfAborted();
    const sizeBytes = sizes.get(sha256) ?? 0;
    const expected = { what: `objects/${sha256}`, sizeBytes, sha256 };
    const bytes = checkHash(archive.content(sha256), expected);
    await site.send(upload, { sha256, sizeBytes, bytes });
    options.onSent?.(sizeBytes);
  }
  return upload;
}

/** The same files, and all programs of the archive's as they are there. */
function isSamePackage(archived: ContentManifest, there: ContentManifest): boolean {
  if (!hasSameFiles(archived, there)) return false;
  const known = new Set(programsOf(there).map(inNames));
  return programsOf(archived).every((one) => known.has(inNames(one)));
}

/** What it runs first is told by its name alone: ids mean nothing on another site. */
function inNames({ runFirst, ...program }: PackageProgram): string {
  const first = runFirst && { ...runFirst, package: runFirst.package?.name?.toLowerCase() };
  return JSON.stringify({ ...program, name: program.name.toLowerCase(), runFirst: first });
}

function hasSameFiles(one: ContentManifest, other: ContentManifest): boolean {
  const files = ({ objects }: ContentManifest) =>
    objects
      .map(({ path, sha256 }) => `${path}\n${sha256}`)
      .sort()
      .join('\n');
  return files(one) === files(other);
}
