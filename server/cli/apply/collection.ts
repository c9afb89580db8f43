import { z } from 'zod';
import { MachineArchitecture } from '#agent/protocol/identity.ts';
import { CollectionView } from '../../http/api.ts';
import {
  CollectionCreate,
  CollectionDeleted,
  CollectionDetail,
  MembersPage,
  type RuleView,
  RuleWish,
} from '../../http/api-collections.ts';
import type { VariableView } from '../../http/api-variables.ts';
import { WindowView } from '../../http/api-windows.ts';
import { WindowSettings } from '../../inventory/maintenance-window/window.ts';
import { Recurrence } from '../../inventory/schedule/recurrence.ts';
import type { ApiClient } from '../api-client.ts';
import { parseRecurrenceText } from '../recurrence-text.ts';
import { type Difference, differencesOf, key, mapDifferences } from './difference.ts';
import type { ObjectKind, Site } from './kind.ts';
import { asText } from './text-form.ts';
import { putVariables, secretProblems, variableDifferences, variableFields } from './variables.ts';

/** Members of a collection that are asked for at once. */
const PAGE = 1000;
const Name = z.string().trim().min(1).max(128);

/** A maintenance window; its recurrence also as the command line has it, `weekly on monday`. */
const Window = z.preprocess(
  (value) => asText(value, 'recurrence', parseRecurrenceText),
  WindowSettings,
);

/** A collection as a file describes it; what a file leaves out is as if it had just been made. */
export const CollectionDocument = z.strictObject({
  kind: z.literal('collection'),
  name: CollectionCreate.shape.name,
  /** Name of the collection that limits it. */
  limiting: Name.default('All Systems'),
  precedence: z.int().min(0).max(1_000_000).default(1),
  rules: z.array(RuleWish).max(1000).default([]),
  /** Left out: those that are there stay. */
  maintenanceWindows: z.array(Window).max(100).optional(),
  ...variableFields,
});
type CollectionDocument = z.infer<typeof CollectionDocument>;
type Rule = CollectionDocument['rules'][number];

/** A collection as the server has it, in the words of a file. */
interface CollectionNow {
  readonly view: CollectionView;
  readonly limiting: string;
  readonly rules: readonly Rule[];
  readonly windows: readonly WindowView[];
  readonly variables: readonly VariableView[];
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
    const names = new Map(all.map(({ id, name }) => [id, name]));
    return new Map(
      all.map((view) => [
        key(view.name),
        {
          view,
          limiting:
            view.limitingCollection === null ? '' : (names.get(view.limitingCollection) ?? ''),
          rules: [],
          windows: windows.filter(({ collection }) => collection.id === view.id),
          variables: view.variables,
        },
      ]),
    );
  },
  async detail(api, now) {
    if (now.view.builtIn) return now;
    const detail = await api.call('GET', `/collections/${now.view.id}`, CollectionDetail);
    const direct = detail.directRules === 0 ? [] : await directRules(api, detail.id);
    return { ...now, rules: [...detail.rules.map(ruleOf), ...direct] };
  },
  references: ({ limiting, rules }) => [
    { kind: 'collection', name: limiting },
    ...rules.flatMap((rule) => {
      if (rule.kind === 'include' || rule.kind === 'exclude')
        return [{ kind: 'collection', name: rule.collection }];
      return rule.kind === 'direct' ? [{ kind: 'device', name: rule.device }] : [];
    }),
  ],
  async problems(document, now, site) {
    const owner = `collection "${document.name}"`;
    return [
      ...(await secretProblems(document, now?.variables ?? [], { site, owner })),
      ...twice(document.maintenanceWindows ?? []).map((name) => ({
        code: 'apply.twice',
        message: `The ${owner} has two maintenance windows "${name}"`,
        hint: 'Each has a name of its own.',
      })),
    ];
  },
  differences(document, now, site) {
    return [
      ...(now.view.builtIn
        ? []
        : [
            ...(key(now.limiting) === key(document.limiting)
              ? []
              : differencesOf(now.limiting, document.limiting, 'limiting')),
          ]),
      ...differencesOf(now.view.precedence, document.precedence, 'precedence'),
      ...(now.view.builtIn
        ? []
        : mapDifferences('rules', ruleTexts(now.rules), ruleTexts(document.rules))),
      ...variableDifferences(document, now.variables, site),
      ...windowDifferences(document, now),
    ];
  },
  order: limitsFirst,
  async put(site, document, now) {
    const { api } = site;
    const { name, limiting, precedence, rules } = document;
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
    await putVariables(site, path, { wanted: document, now: now?.variables ?? [] });
    await putWindows(site, { document, collection: made.id, now: now?.windows ?? [] });
  },
  prune: {
    may: ({ view }) => !view.builtIn,
    nameOf: ({ view }) => view.name,
    remove: async (api, { view }) =>
      void (await api.call('DELETE', `/collections/${view.id}`, CollectionDeleted)),
  },
};

function ruleOf({ kind, name, query }: RuleView): Rule {
  switch (kind) {
    case 'query':
      return { kind, name, query: query ?? '' };
    case 'include':
    case 'exclude':
      return { kind, collection: name };
    case 'unknown-computer':
      return { kind, architecture: MachineArchitecture.parse(name) };
  }
}

async function directRules(api: ApiClient, id: string): Promise<Rule[]> {
  const rules: Rule[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const path = `/collections/${id}/members?limit=${PAGE}&after=${encodeURIComponent(after)}`;
    const page: MembersPage = await api.call('GET', path, MembersPage);
    for (const { name, direct } of page.members)
      if (direct) rules.push({ kind: 'direct', device: name });
    after = page.next;
  }
  return rules;
}

function ruleTexts(rules: readonly Rule[]): Map<string, string> {
  return new Map(
    rules.map((rule) => [ruleKey(rule), rule.kind === 'query' ? rule.query.trim() : ruleKey(rule)]),
  );
}

/** What tells a rule from others of its kind. */
function ruleKey(rule: Rule): string {
  return `${rule.kind} ${key(ruleName(rule))}`;
}

function ruleName(rule: Rule): string {
  switch (rule.kind) {
    case 'query':
      return rule.name ?? rule.query;
    case 'include':
    case 'exclude':
      return rule.collection;
    case 'unknown-computer':
      return rule.architecture;
    case 'direct':
      return rule.device;
  }
}

async function changeRules(
  api: ApiClient,
  path: string,
  { wanted, now }: { readonly wanted: readonly Rule[]; readonly now: readonly Rule[] },
): Promise<void> {
  const [old, next] = [ruleTexts(now), ruleTexts(wanted)];
  const add = wanted.filter((rule) => old.get(ruleKey(rule)) !== next.get(ruleKey(rule)));
  const remove = now
    .filter((rule) => old.get(ruleKey(rule)) !== next.get(ruleKey(rule)))
    .map((rule) => ({ kind: rule.kind, name: ruleName(rule) }));
  if (add.length + remove.length === 0) return;
  await api.call('POST', `${path}/rules`, z.unknown(), { json: { add, remove } });
}

function twice(windows: readonly { readonly name: string }[]): string[] {
  return [...Map.groupBy(windows, ({ name }) => key(name)).values()].flatMap(([, ...others]) =>
    others.map(({ name }) => name),
  );
}

/** A window without what only the server knows. */
function windowSettings({
  id: _id,
  collection: _on,
  rule: _rule,
  next: _next,
  ...own
}: WindowView) {
  return { ...own, recurrence: Recurrence.parse(own.recurrence) };
}

function windowDifferences(document: CollectionDocument, now: CollectionNow): Difference[] {
  const { maintenanceWindows } = document;
  if (maintenanceWindows === undefined) return [];
  const before = new Map(now.windows.map((each) => [key(each.name), windowSettings(each)]));
  const after = new Map(maintenanceWindows.map((each) => [key(each.name), each]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((each) =>
    differencesOf(before.get(each), after.get(each), `maintenanceWindows: ${each}`),
  );
}

async function putWindows(
  { api }: Site,
  {
    document,
    collection,
    now,
  }: {
    readonly document: CollectionDocument;
    readonly collection: string;
    readonly now: readonly WindowView[];
  },
): Promise<void> {
  const { maintenanceWindows } = document;
  if (maintenanceWindows === undefined) return;
  for (const wanted of maintenanceWindows) {
    const there = now.find(({ name }) => key(name) === key(wanted.name));
    if (there === undefined)
      await api.call('POST', '/maintenance-windows', WindowView, {
        json: { collection, ...wanted },
      });
    else if (differencesOf(windowSettings(there), wanted).length > 0)
      await api.call('PUT', `/maintenance-windows/${there.id}`, WindowView, { json: wanted });
  }
  const names = new Set(maintenanceWindows.map(({ name }) => key(name)));
  for (const { id, name } of now)
    if (!names.has(key(name))) await api.call('DELETE', `/maintenance-windows/${id}`, z.unknown());
}

/** Collections after those that they are limited by, include or exclude; a circle stays as it is. */
function limitsFirst(wanted: readonly CollectionDocument[]): CollectionDocument[] {
  const byName = new Map(wanted.map((each) => [key(each.name), each]));
  const ordered = new Set<CollectionDocument>();
  const begun = new Set<CollectionDocument>();
  const add = (each: CollectionDocument): void => {
    if (begun.has(each)) return;
    begun.add(each);
    for (const name of [each.limiting, ...each.rules.flatMap(collectionIn)]) {
      const other = byName.get(key(name));
      if (other !== undefined) add(other);
    }
    ordered.add(each);
  };
  for (const each of wanted) add(each);
  return [...ordered];
}

function collectionIn(rule: Rule): string[] {
  return rule.kind === 'include' || rule.kind === 'exclude' ? [rule.collection] : [];
}
