import type { CollectionId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS } from '../collection.ts';
import { InventoryError } from '../error.ts';
import { type QueryPredicate, type QueryRow, queryCompiler } from '../query/compile.ts';
import type { QueryNeed, QuerySubject } from '../query/field.ts';
import { type Gate, type GateIndex, gateIndex } from '../query/gate.ts';
import { parseQuery } from '../query/parse.ts';
import { inDependencyOrder } from './order.ts';
import type { RuledCollection } from './rule.ts';

/** Collections that name a device by direct rules. */
type DirectRulesOf = ReadonlySet<CollectionId>;

/** All rules of a site, compiled. */
export interface MembershipPlan {
  /** Custom collections, each after those that decide it. */
  readonly order: readonly CollectionId[];
  /** What is to be read of a device beside its record. */
  readonly needs: ReadonlySet<QueryNeed>;
  /** Collections whose members change as time passes, since a query compares with it. */
  readonly asksTime: ReadonlySet<CollectionId>;
  /** Collections that unknown machines may be members of without being named (M17). */
  readonly reachesUnknown: ReadonlySet<CollectionId>;
  /** Queries that cannot be read by this version: they find nothing. */
  readonly broken: ReadonlyMap<CollectionId, string>;
  /** Custom collections that a device is a member of; of the wanted ones, where some are. */
  readonly membershipsOf: (
    subject: QuerySubject,
    direct: DirectRulesOf,
    at: { readonly nowMs: number; readonly wanted?: ReadonlySet<CollectionId> },
  ) => ReadonlySet<CollectionId>;
}

/** One collection as it is decided: others by their place in the order. */
interface Decision {
  readonly id: CollectionId;
  readonly limit: number;
  readonly includes: readonly number[];
  readonly excludes: readonly number[];
  readonly unknown: ReadonlySet<string>;
  /** Of known devices alone, and of devices in any state. */
  readonly queries: readonly DecidingQuery[];
}

interface DecidingQuery {
  readonly fits: QueryPredicate;
  readonly anyState: boolean;
  readonly gate: Gate | null;
}

/** Places of the built-in collections; of one that is not there, or in a circle, `NOBODY`. */
const EVERYBODY = -1;
const UNKNOWN = -2;
const NOBODY = -3;

/** Compiles all rules once, for any number of devices. */
export function planMembership(collections: readonly RuledCollection[]): MembershipPlan {
  const compiler = queryCompiler();
  const ordered = inDependencyOrder(collections);
  const places = new Map<CollectionId, number>([
    [ALL_SYSTEMS, EVERYBODY],
    [ALL_UNKNOWN_COMPUTERS, UNKNOWN],
    ...ordered.map(({ id }, place) => [id, place] as const),
  ]);
  const needs = new Set<QueryNeed>();
  const asksTime = new Set<CollectionId>();
  const reachesUnknown = new Set<CollectionId>([ALL_UNKNOWN_COMPUTERS]);
  const broken = new Map<CollectionId, string>();
  const placeOf = (id: CollectionId) => places.get(id) ?? NOBODY;

  const decisions = ordered.map(({ id, limitingCollection, rules }): Decision => {
    const includes: number[] = [];
    const excludes: number[] = [];
    const unknown = new Set<string>();
    const queries: DecidingQuery[] = [];
    for (const rule of rules)
      switch (rule.kind) {
        case 'include':
          includes.push(placeOf(rule.collection));
          if (reachesUnknown.has(rule.collection) || rule.collection === ALL_SYSTEMS)
            reachesUnknown.add(id);
          break;
        case 'exclude':
          excludes.push(placeOf(rule.collection));
          break;
        case 'unknown-computer':
          unknown.add(rule.architecture);
          reachesUnknown.add(id);
          break;
        case 'query':
          try {
            const query = parseQuery(rule.query);
            for (const need of query.needs) needs.add(need);
            if (query.asksTime) asksTime.add(id);
            if (query.asksState) reachesUnknown.add(id);
            queries.push({
              fits: compiler.compile(query),
              anyState: query.asksState,
              gate: compiler.gateOf(query),
            });
          } catch (error) {
            if (!(error instanceof InventoryError)) throw error;
            broken.set(id, `"${rule.name}": ${error.message}`);
          }
      }
    return { id, limit: placeOf(limitingCollection), includes, excludes, unknown, queries };
  });

  const { asked, index } = gatesOf(decisions);

  return {
    order: ordered.map(({ id }) => id),
    needs,
    asksTime,
    reachesUnknown,
    broken,
    membershipsOf(subject, direct, { nowMs, wanted }) {
      const row = compiler.rowOf(subject);
      const verdicts = new Uint8Array(decisions.length);
      const { state, architecture } = subject.inventory;
      const isUnknown = state === 'approved';
      const unknownArchitecture = isUnknown ? architecture : null;
      const isKnown = state === 'known';
      const ask = { isKnown, isUnknown, unknownArchitecture, direct, row, nowMs, verdicts };
      const members = new Set<CollectionId>();
      const opened = asked.slice();
      index.open(row, opened);
      for (const id of direct) opened[placeOf(id)] = 1;
      for (let place = 0; place < decisions.length; place++) {
        const decision = decisions[place];
        if (opened[place] === 0 || decision === undefined || !isMember(decision, ask)) continue;
        verdicts[place] = 1;
        if (wanted === undefined || wanted.has(decision.id)) members.add(decision.id);
      }
      return members;
    },
  };
}

/**
 * A collection that nothing but queries with gates decides is asked about only those devices that open one
 * of them, or that it names: of hundreds of collections, most devices open a handful.
 */
function gatesOf(decisions: readonly Decision[]): { asked: Uint8Array; index: GateIndex } {
  const asked = new Uint8Array(decisions.length);
  const index = gateIndex();
  for (const [place, { includes, unknown, queries }] of decisions.entries())
    if (includes.length > 0 || unknown.size > 0 || queries.some(({ gate }) => gate === null))
      asked[place] = 1;
    else for (const { gate } of queries) index.add(gate ?? [], place);
  return { asked, index };
}

interface Ask {
  readonly isKnown: boolean;
  /** A member of All Unknown Computers. */
  readonly isUnknown: boolean;
  /** Of such a machine; null: it is none, or has not said. */
  readonly unknownArchitecture: string | null;
  readonly direct: DirectRulesOf;
  readonly row: QueryRow;
  readonly nowMs: number;
  /** Of the collections before: 1 where the device is a member. */
  readonly verdicts: Uint8Array;
}

/** Loops, not closures: it runs 50 million times for 100,000 devices and 500 collections. */
function isMember(decision: Decision, ask: Ask): boolean {
  if (!isIn(decision.limit, ask) || !isNamed(decision, ask)) return false;
  for (const place of decision.excludes) if (isIn(place, ask)) return false;
  return true;
}

function isNamed({ id, includes, unknown, queries }: Decision, ask: Ask): boolean {
  for (const { fits, anyState } of queries)
    if ((anyState || ask.isKnown) && fits(ask.row, ask.nowMs)) return true;
  if (ask.direct.has(id)) return true;
  for (const place of includes) if (isIn(place, ask)) return true;
  return ask.unknownArchitecture !== null && unknown.has(ask.unknownArchitecture);
}

function isIn(place: number, ask: Ask): boolean {
  if (place >= 0) return ask.verdicts[place] === 1;
  return place === EVERYBODY || (place === UNKNOWN && ask.isUnknown);
}
