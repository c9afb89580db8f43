import type { Kysely } from 'kysely';
import type { RunId } from '#agent/protocol/identity.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';
import { takeOutSecrets } from '../archive/take-out-secrets.ts';
import { PinnedGrant } from './pinned-grant.ts';
import type { Tables } from './tables.ts';

/** What a run was granted, for people: nothing secret is in it. */
export interface RunDocument {
  /** The task sequence with its children, as JSON, its passwords and keys emptied. */
  readonly documentJson: string;
  /** Where a secret stood in it. */
  readonly emptied: readonly string[];
  /** Variables that the run began with; values of secret ones are hidden. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** Bytes of its log. */
  readonly logBytes: number;
}

export const runDocuments = {
  /** What a run was granted; null where there is no such run. */
  async of(db: Kysely<Tables>, id: RunId): Promise<RunDocument | null> {
    const row = await db
      .selectFrom('runs')
      .select(['grant_json', 'log_bytes'])
      .where('run_id', '=', id)
      .executeTakeFirst();
    if (row === undefined) return null;
    const { documentJson, variables } = PinnedGrant.parse(JSON.parse(row.grant_json));
    const document: unknown = JSON.parse(documentJson);
    const text = JSON.stringify(document, null, 2);
    const taken = takeOutSecrets({ text, format: 'json' }, document);
    return {
      documentJson: taken.text,
      emptied: taken.paths,
      variables: variables.map(({ name, value, secret }) => ({
        name,
        value: secret && value !== '' ? HIDDEN : value,
      })),
      logBytes: row.log_bytes,
    };
  },
};
