import { randomInt } from 'node:crypto';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { CollectionId, MachineArchitecture } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS } from '../inventory/collection.ts';
import { type MembershipPlan, planMembership } from '../inventory/membership/plan.ts';
import type { CollectionRule, RuledCollection } from '../inventory/membership/rule.ts';
import { RULES_COUNTER } from './collection-counters.ts';
import type { Tables } from './tables.ts';

const RuleKind = z.enum(['query', 'include', 'exclude', 'unknown-computer']);

/** The rules of a site as they were at a revision, compiled: it takes time, and seldom changes. */
const plans = new Map<number, MembershipPlan>();
const KEPT = 4;

/** All rules, compiled once until they change. */
export async function membershipPlan(db: Kysely<Tables>): Promise<MembershipPlan> {
  const row = await db
    .selectFrom('counters')
    .select('value')
    .where('name', '=', RULES_COUNTER)
    .executeTakeFirst();
  const known = row === undefined ? undefined : plans.get(row.value);
  if (known !== undefined) return known;
  const plan = planMembership(await ruledCollections(db));
  const [oldest] = plans.keys();
  if (plans.size >= KEPT && oldest !== undefined) plans.delete(oldest);
  if (row !== undefined) plans.set(row.value, plan);
  return plan;
}

/**
 * Says that rules have changed. The number is drawn, not counted: a change that is undone, or made in
 * another database of this process, must not leave its plan behind under a number that comes again.
 */
export async function noteRulesChanged(db: Kysely<Tables>): Promise<void> {
  const value = randomInt(2 ** 47);
  await db
    .insertInto('counters')
    .values({ name: RULES_COUNTER, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}

/** Custom collections of devices with their rules, direct ones aside. */
export async function ruledCollections(db: Kysely<Tables>): Promise<RuledCollection[]> {
  const rows = await db
    .selectFrom('collections')
    .select(['id', 'name', 'limiting_id'])
    .where('kind', '=', 'device')
    .orderBy('id')
    .execute();
  const rules = Map.groupBy(
    await db.selectFrom('collection_rules').selectAll().orderBy('name_key').execute(),
    (row) => row.collection_id,
  );
  return rows.map((row) => ({
    id: CollectionId.parse(row.id),
    name: row.name,
    limitingCollection: CollectionId.parse(row.limiting_id ?? ALL_SYSTEMS),
    rules: (rules.get(row.id) ?? []).map(toRule),
  }));
}

/** A row as the rule that it is. */
export function toRule(row: Tables['collection_rules']): CollectionRule {
  const kind = RuleKind.parse(row.kind);
  switch (kind) {
    case 'query':
      return { kind, name: row.name, query: row.value };
    case 'include':
    case 'exclude':
      return { kind, collection: CollectionId.parse(row.value) };
    case 'unknown-computer':
      return { kind, architecture: MachineArchitecture.parse(row.value) };
  }
}
