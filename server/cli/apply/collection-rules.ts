import { z } from 'zod';
import { MachineArchitecture } from '#agent/protocol/identity.ts';
import {
  type CollectionDetail,
  MembersPage,
  type RuleView,
  type RuleWish,
} from '../../http/api-collections.ts';
import type { ApiClient } from '../api-client.ts';
import { type Difference, key, mapDifferences } from './difference.ts';
import type { Reference } from './kind.ts';

/** Members of a collection that are asked for at once. */
const PAGE = 1000;

/** The rules of a collection in the words of a file, direct ones too. */
export async function readRules(
  api: ApiClient,
  { id, rules, directRules }: CollectionDetail,
): Promise<readonly RuleWish[]> {
  const direct = directRules === 0 ? [] : await readDirect(api, id);
  return [...rules.map(ruleOf), ...direct];
}

/** Collections and devices that rules name. */
export function namedByRules(rules: readonly RuleWish[]): Reference[] {
  return rules.flatMap((rule) => {
    if (rule.kind === 'include' || rule.kind === 'exclude')
      return [{ kind: 'collection', name: rule.collection }];
    return rule.kind === 'direct' ? [{ kind: 'device', name: rule.device }] : [];
  });
}

/** How rules differ, whatever their order. */
export function ruleDifferences(
  now: readonly RuleWish[],
  wanted: readonly RuleWish[],
): Difference[] {
  return mapDifferences('rules', ruleTexts(now), ruleTexts(wanted));
}

/** Makes the rules of a collection those of the file. */
export async function changeRules(
  api: ApiClient,
  path: string,
  { wanted, now }: { readonly wanted: readonly RuleWish[]; readonly now: readonly RuleWish[] },
): Promise<void> {
  const [old, next] = [ruleTexts(now), ruleTexts(wanted)];
  const add = wanted.filter((rule) => old.get(ruleKey(rule)) !== next.get(ruleKey(rule)));
  const remove = now
    .filter((rule) => old.get(ruleKey(rule)) !== next.get(ruleKey(rule)))
    .map((rule) => ({ kind: rule.kind, name: ruleName(rule) }));
  if (add.length + remove.length === 0) return;
  await api.call('POST', `${path}/rules`, z.unknown(), { json: { add, remove } });
}

function ruleOf({ kind, name, query }: RuleView): RuleWish {
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

async function readDirect(api: ApiClient, id: string): Promise<RuleWish[]> {
  const rules: RuleWish[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const path = `/collections/${id}/members?limit=${PAGE}&after=${encodeURIComponent(after)}`;
    const page: MembersPage = await api.call('GET', path, MembersPage);
    for (const { name, direct } of page.members)
      if (direct) rules.push({ kind: 'direct', device: name });
    after = page.next;
  }
  return rules;
}

function ruleTexts(rules: readonly RuleWish[]): Map<string, string> {
  return new Map(
    rules.map((rule) => [ruleKey(rule), rule.kind === 'query' ? rule.query.trim() : ruleKey(rule)]),
  );
}

/** What tells a rule from others of its kind. */
function ruleKey(rule: RuleWish): string {
  return `${rule.kind} ${key(ruleName(rule))}`;
}

function ruleName(rule: RuleWish): string {
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
