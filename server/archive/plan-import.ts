import type { PackageId, SequenceId } from '#agent/protocol/identity.ts';
import type { ArchivedObject } from './manifest.ts';
import type { ReadDocument } from './read-archive.ts';
import type { SitePackage, SiteSequence } from './site.ts';

/** What becomes of a sequence whose name the site has already. */
export const conflictRules = ['create', 'ignore', 'overwrite'] as const;
export type ConflictRule = (typeof conflictRules)[number];

/** What becomes of a sequence of an archive. */
export type SequencePlan =
  /** The site has it: that one stays, and is run instead. */
  | { readonly kind: 'ignore'; readonly there: SiteSequence }
  | { readonly kind: 'overwrite'; readonly there: SiteSequence }
  /** @param id the one it had, where it is free */
  | { readonly kind: 'create'; readonly name: string; readonly id: SequenceId | undefined };

/** What becomes of a package, if its content can be had; else it is the one that is there, or missing. */
export type PackagePlan =
  | { readonly kind: 'use'; readonly there: SitePackage }
  | { readonly kind: 'overwrite'; readonly there: SitePackage }
  | { readonly kind: 'create'; readonly name: string; readonly id: PackageId | undefined };

/** What a site has. */
export interface SiteNames {
  readonly sequences: readonly SiteSequence[];
  readonly packages: readonly SitePackage[];
}

/** Plans what becomes of each sequence, in their order. Names that are taken get a number: `Name (2)`. */
export function planSequences(
  archived: readonly ReadDocument[],
  site: SiteNames,
  rule: ConflictRule,
): readonly SequencePlan[] {
  const taken = new Set([...site.sequences, ...archived].map(({ name }) => keyOf(name)));
  const ids = idsOf(site);
  return archived.map(({ id, name }) => {
    const there = site.sequences.find((each) => keyOf(each.name) === keyOf(name));
    if (there !== undefined && rule !== 'create') return { kind: rule, there };
    return {
      kind: 'create',
      name: there === undefined ? name : freeName(name, taken),
      id: ids.has(id) ? undefined : id,
    };
  });
}

/**
 * Plans what becomes of one package.
 * @param isSame whether the package of that name on the site has the same files
 * @param taken names of packages of its kind, the archive's too; a new one is added
 */
export function planPackage(
  { id, kind, name }: ArchivedObject,
  site: SiteNames,
  options: { readonly rule: ConflictRule; readonly isSame: boolean; readonly taken: Set<string> },
): PackagePlan {
  const { rule, isSame, taken } = options;
  const there = packageOf({ kind, name }, site);
  if (there !== undefined && (isSame || rule === 'ignore')) return { kind: 'use', there };
  if (there !== undefined && rule === 'overwrite') return { kind: 'overwrite', there };
  return {
    kind: 'create',
    name: there === undefined ? name : freeName(name, taken),
    id: idsOf(site).has(id) ? undefined : id,
  };
}

/** The package of that kind and name on the site. */
export function packageOf(
  { kind, name }: Pick<ArchivedObject, 'kind' | 'name'>,
  { packages }: SiteNames,
): SitePackage | undefined {
  return packages.find((each) => each.kind === kind && keyOf(each.name) === keyOf(name));
}

/** What two names have in common that are one. */
export function keyOf(name: string): string {
  return name.trim().toLowerCase();
}

function idsOf({ sequences, packages }: SiteNames): ReadonlySet<string> {
  return new Set([...sequences, ...packages].map(({ id }) => id));
}

function freeName(name: string, taken: Set<string>): string {
  for (let number = 2; ; number += 1) {
    const free = `${name.slice(0, 110)} (${number})`;
    if (taken.has(keyOf(free))) continue;
    taken.add(keyOf(free));
    return free;
  }
}
