import type { Collection } from '../../../inventory/collection.ts';
import { InventoryError } from '../../../inventory/error.ts';
import type { CollectionRule } from '../../../inventory/membership/rule.ts';
import { parseQuery } from '../../../inventory/query/parse.ts';
import type { Store } from '../../../store/operations.ts';
import { CollectionView } from '../../api.ts';
import { CollectionDetail, type RuleView } from '../../api-collections.ts';

/** Collections as operators see them. */
export async function collectionViews(
  store: Store,
  wanted: readonly Collection[],
): Promise<CollectionView[]> {
  const [standings, variables] = await Promise.all([
    store.memberships.standings(),
    store.variables.ofCollections(),
  ]);
  const byId = new Map(standings.map((standing) => [standing.id, standing]));
  return wanted.map((collection) =>
    CollectionView.parse({
      memberCount: 0,
      evaluatedMs: null,
      tookMs: null,
      pending: false,
      problem: null,
      ...byId.get(collection.id),
      ...collection,
      variables: variables.get(collection.id) ?? [],
    }),
  );
}

/** One collection with its rules. */
export async function collectionDetail(
  store: Store,
  collection: Collection,
): Promise<CollectionDetail> {
  const [[view], rules, direct, all] = await Promise.all([
    collectionViews(store, [collection]),
    store.collectionRules.list(collection.id),
    store.collectionRules.direct(collection.id),
    store.collections.list(),
  ]);
  const names = new Map(all.map(({ id, name }) => [id, name]));
  return CollectionDetail.parse({
    ...view,
    rules: rules.map((rule) => ruleView(rule, names)),
    directRules: direct.length,
  });
}

function ruleView(rule: CollectionRule, names: ReadonlyMap<string, string>): RuleView {
  const base = { query: null, collection: null, problem: null };
  switch (rule.kind) {
    case 'query':
      return {
        ...base,
        kind: rule.kind,
        name: rule.name,
        query: rule.query,
        problem: problemOf(rule.query),
      };
    case 'include':
    case 'exclude': {
      const name = names.get(rule.collection) ?? rule.collection;
      return { ...base, kind: rule.kind, name, collection: rule.collection };
    }
    case 'unknown-computer':
      return { ...base, kind: rule.kind, name: rule.architecture };
  }
}

function problemOf(query: string): string | null {
  try {
    parseQuery(query);
    return null;
  } catch (error) {
    if (error instanceof InventoryError) return error.message;
    throw error;
  }
}
