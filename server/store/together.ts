import type { Kysely } from 'kysely';
import { appendLogsTogether, appendRunsTogether } from './append-together.ts';
import type { CallAnswer, StoreCall } from './messages.ts';
import { registerTogether } from './register-together.ts';
import type { Tables } from './tables.ts';

type Together = (
  db: Kysely<Tables>,
  calls: readonly (readonly unknown[])[],
) => Promise<readonly unknown[]>;

/** Operations of which many are done by the statements of one. Their arguments are as their callers gave them. */
const known: readonly {
  readonly aggregate: string;
  readonly name: string;
  readonly perform: Together;
}[] = [
  { aggregate: 'agents', name: 'register', perform: registerTogether as unknown as Together },
  { aggregate: 'runs', name: 'append', perform: appendRunsTogether as unknown as Together },
  { aggregate: 'logs', name: 'append', perform: appendLogsTogether as unknown as Together },
];

/** Does what it was planned for, in the transaction that is open; answers by the ids of the calls that are done. */
export type DoTogether = (db: Kysely<Tables>) => Promise<ReadonlyMap<number, CallAnswer>>;

/**
 * What of a group can be done together; undefined where nothing can. A call that turns out to be out of the
 * ordinary is left out of the answers, to be run by itself.
 */
export function planTogether(calls: readonly StoreCall[]): DoTogether | undefined {
  const plans = known.flatMap(({ aggregate, name, perform }) => {
    const some = calls.filter((call) => call.name === name && call.aggregate === aggregate);
    return some.length < 2 ? [] : [{ perform, some }];
  });
  if (plans.length === 0) return undefined;
  return async (db) => {
    const answers = new Map<number, CallAnswer>();
    for (const { perform, some } of plans) {
      const values = await perform(
        db,
        some.map(({ args }) => args),
      );
      for (const [place, { id }] of some.entries()) {
        const value = values[place];
        if (value !== undefined) answers.set(id, { id, ok: true, value });
      }
    }
    return answers;
  };
}
