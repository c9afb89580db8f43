import { z } from 'zod';
import { CollectionView } from '../../http/api.ts';
import {
  CollectionCreate,
  CollectionDeleted,
  CollectionDetail,
  RuleWish,
} from '../../http/api-collections.ts';
import { WindowView } from '../../http/api-windows.ts';
import { changeRules, namedByRules, readRules, ruleDifferences } from './collection-rules.ts';
import { namedTwice, putWindows, WindowDocument, windowDifferences } from './collection-windows.ts';
import { differencesOf, key } from './difference.ts';
import type { ObjectKind } from './kind.ts';
import { Name } from './listed.ts';
import { putVariables, secretProblems, variableDifferences, variableFields } from './variables.ts';

/** A collection as a file describes it; what a file leaves out is as if it had just been made. */
const CollectionDocument = z.strictObject({
  kind: z.literal('collection'),
  name: CollectionCreate.shape.name,
  /** Name of the collection that limits it. */
  limiting: Name.default('All Systems'),
  precedence: z.int().min(0).max(1_000_000).default(1),
  rules: z.array(RuleWish).max(1000).default([]),
  /** Left out: those that are there stay. */
  maintenanceWindows: z.array(WindowDocument).max(100).optional(),
  ...variableFields,
});
export type CollectionDocument = z.infer<typeof CollectionDocument>;

/** A collection as the server has it, in the words of a file. */
interface CollectionNow {
  readonly view: CollectionView;
  readonly limiting: string;
  readonly rules: readonly RuleWish[];
  readonly windows: readonly WindowView[];
}

export const collectionKind: ObjectKind<CollectionDocument, CollectionNow> = {
  kind: 'collection',
  title: 'collection',
  schema: CollectionDocument,
  nameOf: ({ name }) => name,
  async list(api) {
    const [all, windows] = await Promise.all([
      api.call('GET', '/collections', z.array(CollectionView)),
      api.call('GET', '/maintenance-windows', z.array(WindowView)),
    ]);
    const names = new Map<string | null, string>(all.map(({ id, name }) => [id, name]));
    return new Map(
      all.map((view) => [
        key(view.name),
        {
          view,
          limiting: names.get(view.limitingCollection) ?? '',
          rules: [],
          windows: windows.filter(({ collection }) => collection.id === view.id),
        },
      ]),
    );
  },
  async detail(api, now) {
    if (now.view.builtIn) return now;
    const detail = await api.call('GET', `/collections/${now.view.id}`, CollectionDetail);
    return { ...now, rules: await readRules(api, detail) };
  },
  references: ({ limiting, rules }) => [
    { kind: 'collection', name: limiting },
    ...namedByRules(rules),
  ],
  async problems(document, now, site) {
    const owner = `collection "${document.name}"`;
    return [
      ...(await secretProblems(document, now?.view.variables ?? [], { site, owner })),
      ...namedTwice(document.maintenanceWindows ?? []).map((name) => ({
        code: 'apply.twice',
        message: `The ${owner} has two maintenance windows "${name}"`,
        hint: 'Each has a name of its own.',
      })),
    ];
  },
  differences(document, { view, limiting, rules, windows }, site) {
    const { builtIn } = view;
    return [
      ...(builtIn || key(limiting) === key(document.limiting)
        ? []
        : differencesOf(limiting, document.limiting, 'limiting')),
      ...differencesOf(view.precedence, document.precedence, 'precedence'),
      ...(builtIn ? [] : ruleDifferences(rules, document.rules)),
      ...variableDifferences(document, view.variables, site),
      ...windowDifferences(windows, document.maintenanceWindows),
    ];
  },
  order: limitsFirst,
  async put(site, document, now) {
    const { api } = site;
    const { name, limiting, precedence, rules, maintenanceWindows } = document;
    const made =
      now?.view ??
      (await api.call('POST', '/collections', CollectionView, {
        json: { name, limitingCollection: limiting, rules },
      }));
    const path = `/collections/${made.id}`;
    const otherLimit = now !== undefined && !made.builtIn && key(now.limiting) !== key(limiting);
    if (precedence !== made.precedence || otherLimit)
      await api.call('PUT', path, CollectionView, {
        json: { precedence, ...(otherLimit ? { limitingCollection: limiting } : {}) },
      });
    if (now !== undefined && !made.builtIn)
      await changeRules(api, path, { wanted: rules, now: now.rules });
    await putVariables(site, path, { wanted: document, now: now?.view.variables ?? [] });
    if (maintenanceWindows !== undefined)
      await putWindows(api, made.id, { wanted: maintenanceWindows, now: now?.windows ?? [] });
  },
  prune: {
    may: ({ view }) => !view.builtIn,
    nameOf: ({ view }) => view.name,
    remove: async (api, { view }) =>
      void (await api.call('DELETE', `/collections/${view.id}`, CollectionDeleted)),
  },
};

/** Collections after those that they are limited by, include or exclude; a circle stays as it is. */
function limitsFirst(wanted: readonly CollectionDocument[]): CollectionDocument[] {
  const byName = new Map(wanted.map((each) => [key(each.name), each]));
  const ordered = new Set<CollectionDocument>();
  const begun = new Set<CollectionDocument>();
  const add = (each: CollectionDocument): void => {
    if (begun.has(each)) return;
    begun.add(each);
    for (const { kind, name } of collectionKind.references?.(each) ?? []) {
      const other = kind === 'collection' ? byName.get(key(name)) : undefined;
      if (other !== undefined) add(other);
    }
    ordered.add(each);
  };
  for (const each of wanted) add(each);
  return [...ordered];
}
