import type { RuleCondition } from '#agent/steps/dynamic-variables/rule-condition.ts';
import { type DynamicRule, equals, exists, notExists, rule } from './rule-parts.ts';

/** As many as MDT reads of one list. */
const MAX_ITEMS = 100;

/** An item that some section may have put into a list. */
interface Item {
  readonly value: string;
  /** It is there whatever the machine is. */
  readonly isCertain: boolean;
}

/** `Applications001`: the item of a list at a place, from 1. */
export function listMember(list: string, place: number): string {
  return `${list}${String(place).padStart(3, '0')}`;
}

/**
 * Rules for the lists of MDT: each section that applies adds its items behind those that are there, and
 * none twice. A rule cannot count. So an item tries the places that it may come to, from the last to the
 * first, and takes the one that is free and has none free before it.
 */
export class ListRules {
  readonly #items = new Map<string, Item[]>();

  /** The rules that add the items of one section, which applies where all `conditions` hold. */
  add(
    list: string,
    values: readonly string[],
    conditions: readonly RuleCondition[],
  ): readonly DynamicRule[] {
    const known = this.#items.get(list.toLowerCase()) ?? [];
    this.#items.set(list.toLowerCase(), known);
    const rules: DynamicRule[] = [];
    /** Of this section, those that are added for certain where it applies. */
    let own = 0;
    const before = known.filter(({ isCertain }) => isCertain).length;
    const firstOfOwn = known.length;
    for (const value of values.slice(0, MAX_ITEMS)) {
      const twins = known.filter((item) => mayBeSame(item.value, value));
      const isThere = known.some(
        (item, index) => isSame(item.value, value) && (item.isCertain || index >= firstOfOwn),
      );
      if (isThere) continue;
      const last = Math.min(known.length + 1, MAX_ITEMS);
      const first = Math.min(before + own + 1, last);
      for (let place = last; place >= first; place -= 1) {
        const member = listMember(list, place);
        rules.push(
          rule(
            [
              ...conditions,
              notExists(member),
              ...(place > first ? [exists(listMember(list, place - 1))] : []),
              ...(twins.length > 0 && place > 1 ? [noneOf(list, place, value)] : []),
            ],
            { name: member, value },
          ),
        );
      }
      // What is put together may become empty, and then is none.
      const isAdded = twins.length === 0 && !value.includes('%');
      if (isAdded) own += 1;
      known.push({ value, isCertain: isAdded && conditions.length === 0 });
    }
    return rules;
  }
}

/** No place before this one has the value. */
function noneOf(list: string, place: number, value: string): RuleCondition {
  return {
    none: Array.from({ length: place - 1 }, (_, index) =>
      equals(listMember(list, index + 1), value),
    ),
  };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase() && !one.includes('%');
}

function mayBeSame(one: string, other: string): boolean {
  return isSame(one, other) || one.includes('%') || other.includes('%');
}
