import type { Kysely } from 'kysely';
import { type Caller, maySpeakAs, PersonRole, TokenScope } from '../trust/person-role.ts';
import type { Tables } from './tables.ts';

/** How often it is kept that a session or token was used. */
const USED_EVERY_MS = 60_000;

/** `session`: a browser's cookie; `link`: a link that signs in once; `api`: a token with an end. */
type OperatorTokenKind = 'session' | 'link' | 'api';

/** What is made: a session of a person, or of the one-time link's bearer, who may do everything. */
export interface NewOperatorToken {
  readonly hash: string;
  readonly id: string;
  readonly kind: OperatorTokenKind;
  readonly name: string;
  /** Null: nobody's, the link's. */
  readonly personId: string | null;
  /** At most; what the person may do now is looked at each time. */
  readonly role: PersonRole;
  readonly scope: TokenScope | null;
  readonly remoteAddress: string;
  readonly nowMs: number;
  readonly expiresMs: number;
}

export const operators = {
  async add(db: Kysely<Tables>, token: NewOperatorToken): Promise<void> {
    await db.deleteFrom('operator_tokens').where('expires_ms', '<', token.nowMs).execute();
    await db
      .insertInto('operator_tokens')
      .values({
        token_hash: token.hash,
        kind: token.kind,
        name: token.name,
        created_ms: token.nowMs,
        expires_ms: token.expiresMs,
        id: token.id,
        person_id: token.personId ?? '',
        role: token.role,
        scope_json: token.scope === null ? '' : JSON.stringify(token.scope),
        remote_address: token.remoteAddress,
        last_used_ms: 0,
      })
      .execute();
  },

  /**
   * Who asks with this token, by what he may do now; null for an unknown or expired one, and one of a person
   * who is disabled or gone. Links are not asked here.
   */
  async who(db: Kysely<Tables>, hash: string, nowMs: number): Promise<Caller | null> {
    const row = await db
      .selectFrom('operator_tokens')
      .leftJoin('people', 'people.id', 'operator_tokens.person_id')
      .select([
        'operator_tokens.id',
        'operator_tokens.kind',
        'operator_tokens.name',
        'operator_tokens.person_id',
        'operator_tokens.role',
        'operator_tokens.scope_json',
        'operator_tokens.last_used_ms',
        'people.name as person_name',
        'people.role as person_role',
        'people.disabled as disabled',
      ])
      .where('token_hash', '=', hash)
      .where('kind', 'in', ['session', 'api'])
      .where('expires_ms', '>', nowMs)
      .executeTakeFirst();
    if (row === undefined) return null;
    const caller = callerOf(row);
    if (caller !== null && nowMs - row.last_used_ms > USED_EVERY_MS)
      await db
        .updateTable('operator_tokens')
        .set({ last_used_ms: nowMs })
        .where('token_hash', '=', hash)
        .execute();
    return caller;
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

  /**
   * Sessions or API tokens that are good still, the newest first.
   *
   * @param personId whose; undefined: everybody's
   */
  async list(
    db: Kysely<Tables>,
    wish: {
      readonly kind: 'session' | 'api';
      readonly personId?: string | undefined;
      readonly nowMs: number;
    },
  ): Promise<HeldToken[]> {
    let query = db
      .selectFrom('operator_tokens')
      .selectAll()
      .where('kind', '=', wish.kind)
      .where('expires_ms', '>', wish.nowMs)
      .orderBy('created_ms', 'desc')
      .orderBy('id');
    if (wish.personId !== undefined) query = query.where('person_id', '=', wish.personId);
    return (await query.execute()).map((row) => ({
      id: row.id,
      kind: wish.kind,
      name: row.name,
      personId: row.person_id === '' ? null : row.person_id,
      role: row.role === '' ? 'administrator' : PersonRole.parse(row.role),
      scope: row.scope_json === '' ? null : TokenScope.parse(JSON.parse(row.scope_json)),
      address: row.remote_address,
      createdMs: row.created_ms,
      expiresMs: row.expires_ms,
      lastUsedMs: row.last_used_ms === 0 ? null : row.last_used_ms,
    }));
  },

  /** Ends a session or API token by its id. @returns whether there was one */
  async end(
    db: Kysely<Tables>,
    wish: {
      readonly id: string;
      readonly kind: 'session' | 'api';
      readonly personId?: string | undefined;
    },
  ): Promise<boolean> {
    let query = db
      .deleteFrom('operator_tokens')
      .where('id', '=', wish.id)
      .where('kind', '=', wish.kind);
    if (wish.personId !== undefined) query = query.where('person_id', '=', wish.personId);
    return (await query.executeTakeFirst()).numDeletedRows > 0n;
  },

  /** Ends a session or token. */
  async remove(db: Kysely<Tables>, hash: string): Promise<void> {
    await db.deleteFrom('operator_tokens').where('token_hash', '=', hash).execute();
  },
};

/** A session or an API token, as it is listed. */
export interface HeldToken {
  readonly id: string;
  readonly kind: 'session' | 'api';
  /** That of an API token; a session's is its person's. */
  readonly name: string;
  readonly personId: string | null;
  readonly role: PersonRole;
  readonly scope: TokenScope | null;
  readonly address: string;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly lastUsedMs: number | null;
}

/** A row of a token with its person, who may be gone. */
interface TokenRow {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly person_id: string;
  readonly role: string;
  readonly scope_json: string;
  readonly person_name: string | null;
  readonly person_role: string | null;
  readonly disabled: number | null;
}

function callerOf(row: TokenRow): Caller | null {
  const by = row.kind === 'api' ? 'token' : 'session';
  // Sessions of before there were roles have none, and were all the administrator's.
  const role = row.role === '' ? 'administrator' : PersonRole.parse(row.role);
  const rest = {
    by,
    tokenId: row.id,
    scope: row.scope_json === '' ? null : TokenScope.parse(JSON.parse(row.scope_json)),
  } as const;
  if (row.person_id === '') return { name: row.name, role, personId: null, ...rest };
  if (row.person_name === null || row.person_role === null || row.disabled === 1) return null;
  const own = PersonRole.parse(row.person_role);
  if (by === 'session')
    return { name: row.person_name, role: own, personId: row.person_id, ...rest };
  if (!maySpeakAs(own, role)) return null;
  return { name: `${row.person_name}/${row.name}`, role, personId: row.person_id, ...rest };
}
