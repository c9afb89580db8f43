import type { Kysely, Selectable } from 'kysely';
import { PersonRole } from '../trust/person-role.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

/** Somebody with an account. The hash of the password is asked for apart. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly role: PersonRole;
  readonly disabled: boolean;
  /** Whether a password signs in. */
  readonly hasPassword: boolean;
  /** The OpenID provider that speaks for this account; null for one that is only here. */
  readonly issuer: string | null;
  /** What that provider calls him. */
  readonly subject: string | null;
  readonly createdMs: number;
  readonly lastSignedInMs: number | null;
}

/** An account at an OpenID provider. Never by an e-mail address or a name: those can be given anew. */
export interface ProviderAccount {
  readonly issuer: string;
  readonly subject: string;
}

/** Names that stand in the audit log for something else. */
const RESERVED = new Set(['admin', 'unknown', 'server']);

export const people = {
  /** Sorted by name. */
  async list(db: Kysely<Tables>): Promise<Person[]> {
    const rows = await db.selectFrom('people').selectAll().orderBy('name_key').execute();
    return rows.map(toPerson);
  },

  /** By id, or by name without case; null when there is none. */
  async find(db: Kysely<Tables>, wanted: string): Promise<Person | null> {
    const row = await db
      .selectFrom('people')
      .selectAll()
      .where((where) => where.or([where('id', '=', wanted), where('name_key', '=', keyOf(wanted))]))
      .executeTakeFirst();
    return row === undefined ? null : toPerson(row);
  },

  /** What a sign-in is checked by; null for nobody. */
  async credentials(
    db: Kysely<Tables>,
    name: string,
  ): Promise<{ readonly person: Person; readonly passwordHash: string } | null> {
    const row = await db
      .selectFrom('people')
      .selectAll()
      .where('name_key', '=', keyOf(name))
      .executeTakeFirst();
    return row === undefined ? null : { person: toPerson(row), passwordHash: row.password_hash };
  },

  /** Makes an account. @throws {StoreError} `person.exists`, `person.name`, `person.subject` */
  async add(
    db: Kysely<Tables>,
    wish: {
      readonly id: string;
      readonly name: string;
      readonly role: PersonRole;
      readonly passwordHash: string;
      readonly provider?: ProviderAccount | undefined;
      readonly nowMs: number;
    },
  ): Promise<Person> {
    if (wish.provider !== undefined) await refuseOtherSubject(db, wish.provider, wish.id);
    await insert(db, { ...wish, ...(wish.provider ?? { issuer: '', subject: '' }) });
    return await get(db, wish.id);
  },

  /**
   * Changes role, disables, or says who at the provider it is (null: nobody). Who is disabled, or is
   * somebody else at the provider, is signed out everywhere.
   *
   * @throws {StoreError} `person.not-found`, `person.last-administrator`, `person.subject`
   */
  async change(
    db: Kysely<Tables>,
    id: string,
    wish: {
      readonly role?: PersonRole | undefined;
      readonly disabled?: boolean | undefined;
      readonly provider?: ProviderAccount | null | undefined;
    },
  ): Promise<{ readonly before: Person; readonly after: Person }> {
    const before = await get(db, id);
    const role = wish.role ?? before.role;
    const disabled = wish.disabled ?? before.disabled;
    await db
      .updateTable('people')
      .set({ role, disabled: disabled ? 1 : 0 })
      .where('id', '=', id)
      .execute();
    await needAdministrator(db, before);
    if (wish.provider !== undefined) {
      if (wish.provider !== null) await refuseOtherSubject(db, wish.provider, id);
      await db
        .updateTable('people')
        .set(wish.provider ?? { issuer: '', subject: '' })
        .where('id', '=', id)
        .execute();
    }
    if (disabled || wish.provider !== undefined) await endSessions(db, id);
    return { before, after: await get(db, id) };
  },

  /** Sets a password and signs out everywhere. @throws {StoreError} `person.not-found` */
  async setPassword(db: Kysely<Tables>, id: string, passwordHash: string): Promise<Person> {
    const person = await get(db, id);
    await db
      .updateTable('people')
      .set({ password_hash: passwordHash })
      .where('id', '=', id)
      .execute();
    await endSessions(db, id);
    return { ...person, hasPassword: true };
  },

  /** Keeps the same password's hash with today's parameters, unless it was changed meanwhile. */
  async rehash(
    db: Kysely<Tables>,
    id: string,
    hashes: { readonly before: string; readonly after: string },
  ): Promise<void> {
    await db
      .updateTable('people')
      .set({ password_hash: hashes.after })
      .where('id', '=', id)
      .where('password_hash', '=', hashes.before)
      .execute();
  },

  /** Keeps when somebody signed in. */
  async noteSignIn(db: Kysely<Tables>, id: string, nowMs: number): Promise<void> {
    await db.updateTable('people').set({ last_signed_in_ms: nowMs }).where('id', '=', id).execute();
  },

  /**
   * The account of somebody whom an OpenID provider has told, by issuer and subject. A local account of that
   * name is never taken over.
   *
   * @param told.role what the provider says now; null: what it is here
   * @param told.newRole of an account that is made, at the first sign-in; null: none is made
   * @returns `before` is null for one that was made
   * @throws {StoreError} `person.exists`, `person.name`, `person.disabled`, `person.unknown`,
   *   `person.last-administrator`
   */
  async signInFrom(
    db: Kysely<Tables>,
    told: ProviderAccount & {
      readonly id: string;
      readonly name: string | undefined;
      readonly role: PersonRole | null;
      readonly newRole: PersonRole | null;
      readonly nowMs: number;
    },
  ): Promise<{ readonly before: Person | null; readonly person: Person }> {
    const known = await withSubject(db, told);
    if (known === undefined) {
      const { newRole, name } = told;
      if (newRole === null || name === undefined)
        throw new StoreError(
          'person.unknown',
          'The provider knows you, but you have no account here',
          {
            hint:
              newRole === null
                ? 'an administrator makes one: metalwright person add <name> --role <role> --subject <sub>'
                : 'the provider sends no name for it (oidc.nameClaim); an administrator can make one: metalwright person add',
          },
        );
      await insert(db, { ...told, name, role: newRole, passwordHash: '' });
    } else if (known.disabled)
      throw new StoreError('person.disabled', `The account ${known.name} is disabled`, {
        hint: 'an administrator enables it: metalwright person change <name> --enable',
      });
    const id = known?.id ?? told.id;
    const role = told.role === null ? {} : { role: told.role };
    await db
      .updateTable('people')
      .set({ ...role, last_signed_in_ms: told.nowMs })
      .where('id', '=', id)
      .execute();
    if (known !== undefined) await needAdministrator(db, known);
    return { before: known ?? null, person: await get(db, id) };
  },

  /**
   * Takes an account away with all it is signed in with.
   *
   * @throws {StoreError} `person.not-found`, `person.last-administrator`
   */
  async remove(db: Kysely<Tables>, id: string): Promise<Person> {
    const person = await get(db, id);
    await db.deleteFrom('people').where('id', '=', id).execute();
    await needAdministrator(db, person);
    await db.deleteFrom('operator_tokens').where('person_id', '=', id).execute();
    return person;
  },
};

async function withSubject(
  db: Kysely<Tables>,
  { issuer, subject }: ProviderAccount,
): Promise<Person | undefined> {
  const row = await db
    .selectFrom('people')
    .selectAll()
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .executeTakeFirst();
  return row === undefined ? undefined : toPerson(row);
}

async function refuseOtherSubject(
  db: Kysely<Tables>,
  account: ProviderAccount,
  id: string,
): Promise<void> {
  const other = await withSubject(db, account);
  if (other !== undefined && other.id !== id)
    throw new StoreError(
      'person.subject',
      `The provider signs ${other.name} in by that sub already`,
      {
        hint: 'one account at the provider is one person here: metalwright person list',
      },
    );
}

async function insert(
  db: Kysely<Tables>,
  wish: Pick<Person, 'id' | 'name' | 'role'> & {
    readonly passwordHash: string;
    readonly issuer: string;
    readonly subject: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const name = wish.name.normalize('NFC').trim();
  if (RESERVED.has(keyOf(name)))
    throw new StoreError('person.name', `${name} stands for something else in the audit log`, {
      hint: "take the person's own name",
    });
  const taken = await db
    .selectFrom('people')
    .select('id')
    .where('name_key', '=', keyOf(name))
    .executeTakeFirst();
  if (taken !== undefined)
    throw new StoreError('person.exists', `There is an account ${name} already`);
  await db
    .insertInto('people')
    .values({
      id: wish.id,
      name,
      name_key: keyOf(name),
      role: wish.role,
      password_hash: wish.passwordHash,
      issuer: wish.issuer,
      subject: wish.subject,
      disabled: 0,
      created_ms: wish.nowMs,
      last_signed_in_ms: null,
    })
    .execute();
}

/** Somebody who can sign in must be left to administer, once there is anybody. */
async function needAdministrator(db: Kysely<Tables>, was: Person): Promise<void> {
  if (was.role !== 'administrator' || was.disabled) return;
  const left = await db
    .selectFrom('people')
    .select('id')
    .where('role', '=', 'administrator')
    .where('disabled', '=', 0)
    .executeTakeFirst();
  if (left === undefined)
    throw new StoreError('person.last-administrator', `${was.name} is the last administrator`, {
      hint: 'make somebody else an administrator first',
    });
}

async function endSessions(db: Kysely<Tables>, personId: string): Promise<void> {
  await db
    .deleteFrom('operator_tokens')
    .where('person_id', '=', personId)
    .where('kind', '=', 'session')
    .execute();
}

async function get(db: Kysely<Tables>, id: string): Promise<Person> {
  const row = await db.selectFrom('people').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new StoreError('person.not-found', `There is no account ${id}`);
  return toPerson(row);
}

function keyOf(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}

function toPerson(row: Selectable<Tables['people']>): Person {
  return {
    id: row.id,
    name: row.name,
    role: PersonRole.parse(row.role),
    disabled: row.disabled === 1,
    hasPassword: row.password_hash !== '',
    issuer: row.issuer === '' ? null : row.issuer,
    subject: row.subject === '' ? null : row.subject,
    createdMs: row.created_ms,
    lastSignedInMs: row.last_signed_in_ms,
  };
}
