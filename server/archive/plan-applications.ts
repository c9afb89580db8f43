import type { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import { Application, linkApplicationReferences } from '#agent/sequence/application.ts';
import type { ContentReference } from '#agent/sequence/references.ts';
import type { SequenceBatch } from '../http/api-sequences.ts';
import type { BroughtPackage } from './bring-packages.ts';
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
import type { SitePackage } from './site.ts';
import {
  type FindObject,
  objectFinder,
  type SoftwareReference,
  softwareReferences,
} from './software-references.ts';

type What = PackagePlan['kind'] | 'missing';

/** An application of an archive, and what becomes of it. */
export interface PlannedApplication {
  /** In the archive. */
  readonly id: PackageId;
  readonly archived: string;
  /** `missing`: something that it leads to is neither in the archive nor on the site. */
  readonly what: What;
  readonly link: Link;
  readonly entry: NonNullable<SequenceBatch['applications']>[number] | undefined;
}

/** What is known when applications are planned. */
interface Known {
  readonly wanted: ReadonlySet<PackageId>;
  readonly rule: ConflictRule;
  readonly names: SiteNames;
  readonly packages: readonly BroughtPackage[];
  /** Manifests of the applications that the site has under these names, by their ids there. */
  readonly there: ReadonlyMap<PackageId, ContentManifest>;
}

interface Considered {
  readonly object: ArchivedObject;
  /** Undefined in an archive with names alone. */
  readonly application: Application | undefined;
  readonly references: readonly SoftwareReference[];
  readonly there: SitePackage | undefined;
  what: What;
  /** It stays what it is, whatever becomes of what it leads to. */
  settled: boolean;
}

/**
 * Plans what becomes of applications. One that says the same as the one of that name on the site, and leads to the
 * same, is used as it is; one that leads to what can be had nowhere is the one of that name, or missing.
 */
export function planApplications(archive: Archive, known: Known): readonly PlannedApplication[] {
  const { names, rule } = known;
  const { objects } = archive.manifest;
  const find = objectFinder(objects);
  const considered = objects
    .filter(({ id, kind }) => kind === 'application' && known.wanted.has(id))
    .map((object) => consider(archive, object, known));
  settle(considered, known, find);
  const all = [...names.packages, ...objects].filter(({ kind }) => kind === 'application');
  const taken = new Set(all.map(({ name }) => keyOf(name)));
  const plans = considered.map((one) => ({ ...one, link: linkOf(one, { names, rule, taken }) }));
  const links = new Map<PackageId, Link>([
    ...known.packages.map(({ id, link }): [PackageId, Link] => [id, link]),
    ...plans.map(({ object, link }): [PackageId, Link] => [object.id, link]),
  ]);
  const linkTo = softwareLinker(find, links, names);
  return plans.map(({ object, what, link, there, application }) => {
    const id = what === 'create' && link.id !== undefined ? PackageId.parse(link.id) : undefined;
    const isMade = application !== undefined && (what === 'create' || what === 'overwrite');
    const entry = isMade
      ? {
          application: linkApplicationReferences(
            { ...application, name: link.name },
            (reference, kind) => linkTo({ kind, reference }) ?? reference,
          ),
          baseVersion: what === 'overwrite' ? (there?.version ?? 0) : 0,
          ...(id === undefined ? {} : { id }),
        }
      : undefined;
    return { id: object.id, archived: object.name, what, link, entry };
  });
}

/** Finds what a reference of software in an archive is on the site; undefined where that is nothing. */
export function softwareLinker(
  find: FindObject,
  links: ReadonlyMap<PackageId, Link>,
  names: SiteNames,
): (one: SoftwareReference) => ContentReference | undefined {
  return (one) => {
    const object = find(one);
    const link = object === undefined ? ofSite(one, names) : links.get(object.id);
    if (link === undefined) return undefined;
    const { id, name } = link;
    return id === undefined ? { name } : { id: PackageId.parse(id), name };
  };
}

function consider(archive: Archive, object: ArchivedObject, { names, rule, there: kept }: Known) {
  const { objects } = archive.manifest;
  const manifest = archive.packages.get(object.id);
  const { data: application } = Application.safeParse(manifest?.application);
  const references = manifest === undefined ? [] : softwareReferences(manifest);
  const there = packageOf(object, names);
  const one = { object, application, references, there };
  if (application === undefined || there === undefined || rule === 'ignore') {
    const what = there !== undefined ? 'use' : application === undefined ? 'missing' : 'create';
    return { ...one, what, settled: what !== 'create' } satisfies Considered as Considered;
  }
  const { data: other } = Application.safeParse(kept.get(there.id)?.application);
  const isSame =
    other !== undefined && inNames(application, objects) === inNames(other, names.packages);
  return { ...one, what: isSame ? 'use' : rule, settled: false } satisfies Considered as Considered;
}

/** They may lead to each other in any way: each is looked at again until nothing changes. */
function settle(all: readonly Considered[], { rule, names, packages }: Known, find: FindObject) {
  const outcome = new Map<PackageId, { readonly what: What }>([
    ...packages.map((each) => [each.id, each] as const),
    ...all.map((each) => [each.object.id, each] as const),
  ]);
  const becomes = (one: SoftwareReference): What => {
    const object = find(one);
    if (object !== undefined) return outcome.get(object.id)?.what ?? 'missing';
    return ofSite(one, names) === undefined ? 'missing' : 'use';
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const one of all) {
      if (one.settled) continue;
      const targets = one.references.map(becomes);
      const isLost = targets.includes('missing');
      const isMoved = one.what === 'use' && targets.includes('create');
      if (!isLost && !isMoved) continue;
      one.settled = isLost;
      one.what = !isLost ? (rule === 'ignore' ? 'use' : rule) : one.there ? 'use' : 'missing';
      changed = true;
    }
  }
}

function linkOf(
  { object, what, there }: Considered,
  { names, rule, taken }: Pick<Known, 'names' | 'rule'> & { readonly taken: Set<string> },
): Link {
  if (what === 'missing') return { name: object.name, id: undefined };
  if (what === 'use' && there !== undefined) return there;
  const plan = planPackage(object, names, { rule, isSame: false, taken });
  return plan.kind === 'create' ? plan : plan.there;
}

/** What a reference of software leads to by its name, where the archive does not have it. */
function ofSite({ kind, reference: { name } }: SoftwareReference, names: SiteNames) {
  return name === undefined ? undefined : packageOf({ kind, name }, names);
}

/** An application as a text in which references are names: ids mean nothing on another site. */
function inNames(
  application: Application,
  known: readonly { readonly id: PackageId; readonly name: string }[],
): string {
  const named = linkApplicationReferences(application, ({ id, name = '' }) => ({
    name: keyOf(known.find((one) => one.id === id)?.name ?? name) || '-',
  }));
  return JSON.stringify({ ...named, name: keyOf(named.name), $schema: undefined });
}
