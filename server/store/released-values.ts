/**
 * What a run was given in secret, each value once. An agent that starts again has forgotten it, and a program may
 * print it all the same: it is told fingerprints (agent/protocol/hidden-values.ts). The value itself is kept, sealed,
 * because an account may have another password by then; it goes when the run has ended.
 */
import { createHmac } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { RunId } from '#agent/protocol/identity.ts';
import type { ReleasedSecrets } from '#agent/protocol/step-secrets.ts';
import { openValue, sealValue } from '../trust/variable-seal.ts';
import type { Tables } from './tables.ts';

/** Keeps what is given now. Keys of packages are in no text that a program could print. */
export async function keepReleased(
  db: Kysely<Tables>,
  runId: RunId,
  { accounts, variables }: Pick<ReleasedSecrets, 'accounts' | 'variables'>,
  key: Uint8Array,
): Promise<void> {
  const given = [
    ...accounts.map(({ password }) => password),
    ...variables.map(({ value }) => value),
  ];
  for (const value of new Set(given.filter((each) => each.trim() !== '')))
    await db
      .insertInto('released_values')
      .values({
        run_id: runId,
        mark: createHmac('sha256', key).update(`released:${runId}:${value}`).digest('base64url'),
        value_sealed: sealValue(key, placeOf(runId), value),
      })
      .onConflict((conflict) => conflict.columns(['run_id', 'mark']).doNothing())
      .execute();
}

/** What was kept, in the clear. @throws {InventoryError} `variable.sealed` */
export async function releasedTo(
  db: Kysely<Tables>,
  runId: RunId,
  key: Uint8Array,
): Promise<string[]> {
  const rows = await db
    .selectFrom('released_values')
    .select('value_sealed')
    .where('run_id', '=', runId)
    .orderBy('mark')
    .execute();
  return rows.map(({ value_sealed }) => openValue(key, placeOf(runId), value_sealed));
}

/** Of runs that are over. */
export async function forgetEnded(db: Kysely<Tables>): Promise<void> {
  await db
    .deleteFrom('released_values')
    .where('run_id', 'in', (select) =>
      select
        .selectFrom('runs')
        .select('run_id')
        .where('state', 'not in', ['running', 'restarting']),
    )
    .execute();
}

function placeOf(run: RunId): { owner: string; name: string } {
  return { owner: `run:${run}`, name: 'released' };
}
