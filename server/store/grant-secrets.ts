import type { Kysely } from 'kysely';
import type { RunFact } from '#agent/protocol/run-event.ts';
import type { Tables } from './tables.ts';

/**
 * Whether whoever holds a run is given secret values: what it was granted holds some, or an event of it
 * has set one, which its key opens. False for no run.
 */
export async function grantHasSecrets(db: Kysely<Tables>, runId: string): Promise<boolean> {
  const row = await db
    .selectFrom('runs')
    .select('has_secrets')
    .where('run_id', '=', runId)
    .executeTakeFirst();
  return row?.has_secrets === 1;
}

/** Whether a fact sets a secret variable. One that deletes it tells nothing, and counts all the same. */
export function setsSecret(fact: RunFact): boolean {
  return (
    (fact.kind === 'run-started' || fact.kind === 'step-finished') &&
    fact.variables.some(({ secret }) => secret)
  );
}
