import type { Kysely } from 'kysely';
import type { RunId } from '#agent/protocol/identity.ts';
import type { ReleasedSecrets, SecretsRequest } from '#agent/protocol/step-secrets.ts';
import type { Tables } from './tables.ts';

/** Where secrets are given to: one entry of the audit log for each of them there, however often it asks. */
export function releasePlace(request: SecretsRequest): string {
  return request.for === 'content' ? 'content' : `${request.for} ${request.step}`;
}

/** Names of what is given for the first time at its place. */
export interface FirstReleases {
  readonly accounts: readonly string[];
  readonly variables: readonly string[];
  readonly packages: readonly string[];
}

/** Notes what a key of a run is given. Answers with what it was not given before at this place. */
export async function noteReleases(
  db: Kysely<Tables>,
  wish: {
    readonly runId: RunId;
    readonly keyThumbprint: string;
    readonly request: SecretsRequest;
    readonly nowMs: number;
  },
  given: ReleasedSecrets,
): Promise<FirstReleases> {
  const place = {
    run_id: wish.runId,
    key_thumbprint: wish.keyThumbprint,
    place: releasePlace(wish.request),
  };
  const isFirst = async (kind: string, name: string): Promise<boolean> => {
    const row = await db
      .insertInto('secret_releases')
      .values({ ...place, what: `${kind} ${name.toLowerCase()}`, at_ms: wish.nowMs })
      .onConflict((conflict) =>
        conflict.columns(['run_id', 'key_thumbprint', 'place', 'what']).doNothing(),
      )
      .executeTakeFirst();
    return row.numInsertedOrUpdatedRows === 1n;
  };
  const accounts: string[] = [];
  for (const { name } of given.accounts) if (await isFirst('account', name)) accounts.push(name);
  const variables: string[] = [];
  for (const { name } of given.variables) if (await isFirst('variable', name)) variables.push(name);
  const packages: string[] = [];
  for (const { packageId } of given.packages)
    if (await isFirst('package', packageId)) packages.push(packageId);
  return { accounts, variables, packages };
}
