import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from './tables.ts';

const SecretsOfGrant = z.object({ variables: z.array(z.object({ secret: z.boolean() })) });

/** Whether the grant of a run gives secret values to whoever holds the run. False for no run. */
export async function grantHasSecrets(db: Kysely<Tables>, runId: string): Promise<boolean> {
  const row = await db
    .selectFrom('runs')
    .select('grant_json')
    .where('run_id', '=', runId)
    .executeTakeFirst();
  if (row === undefined) return false;
  const { variables } = SecretsOfGrant.parse(JSON.parse(row.grant_json));
  return variables.some(({ secret }) => secret);
}
