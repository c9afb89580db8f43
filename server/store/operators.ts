import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** `session`: a browser's cookie; `link`: a link that signs in once; `api`: a token with an end. */
export type OperatorTokenKind = 'session' | 'link' | 'api';

export const operators = {
  async add(
    db: Kysely<Tables>,
    token: {
      readonly hash: string;
      readonly kind: OperatorTokenKind;
      readonly name: string;
      readonly nowMs: number;
      readonly expiresMs: number;
    },
  ): Promise<void> {
    await db.deleteFrom('operator_tokens').where('expires_ms', '<', token.nowMs).execute();
    await db
      .insertInto('operator_tokens')
      .values({
        token_hash: token.hash,
        kind: token.kind,
        name: token.name,
        created_ms: token.nowMs,
        expires_ms: token.expiresMs,
      })
      .execute();
  },

  /** Name of the operator with this token; null for an unknown or expired one. Links are not asked here. */
  async who(db: Kysely<Tables>, hash: string, nowMs: number): Promise<string | null> {
    const row = await db
      .selectFrom('operator_tokens')
      .select('name')
      .where('token_hash', '=', hash)
      .where('kind', 'in', ['session', 'api'])
      .where('expires_ms', '>', nowMs)
      .executeTakeFirst();
    return row?.name ?? null;
  },

  /** Uses a link up; its operator's name, or null when it was used, is unknown or has expired. */
  async redeem(db: Kysely<Tables>, hash: string, nowMs: number): Promise<string | null> {
    const row = await db
      .deleteFrom('operator_tokens')
      .where('token_hash', '=', hash)
      .where('kind', '=', 'link')
      .returning(['name', 'expires_ms'])
      .executeTakeFirst();
    return row === undefined || row.expires_ms <= nowMs ? null : row.name;
  },

  /** Ends a session or token. */
  async remove(db: Kysely<Tables>, hash: string): Promise<void> {
    await db.deleteFrom('operator_tokens').where('token_hash', '=', hash).execute();
  },
};
