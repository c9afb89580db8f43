import type { CollectionId, MachineArchitecture } from '#agent/protocol/identity.ts';

/**
 * What makes devices members of a collection, beside direct rules, which name one device each. Exclude
 * beats all others. `unknown-computer` is Configuration Manager's direct rule for *x64 Unknown Computer*
 * and its like: approved unknown machines of that architecture.
 */
export type CollectionRule =
  | { readonly kind: 'query'; readonly name: string; readonly query: string }
  | { readonly kind: 'include' | 'exclude'; readonly collection: CollectionId }
  | { readonly kind: 'unknown-computer'; readonly architecture: MachineArchitecture };

/** A custom collection with what decides who its members are. */
export interface RuledCollection {
  readonly id: CollectionId;
  readonly name: string;
  readonly limitingCollection: CollectionId;
  readonly rules: readonly CollectionRule[];
}

/** Collections that a collection is decided by: its limit, and what it includes and excludes. */
export function dependenciesOf({
  limitingCollection,
  rules,
}: Pick<RuledCollection, 'limitingCollection' | 'rules'>): readonly CollectionId[] {
  return [
    limitingCollection,
    ...rules.flatMap((rule) =>
      rule.kind === 'include' || rule.kind === 'exclude' ? [rule.collection] : [],
    ),
  ];
}
