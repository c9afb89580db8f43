import type { Kysely, Selectable } from 'kysely';
import type { DeploymentId } from '#agent/protocol/identity.ts';
import { MOST_NETWORK_ACCESS, ReleaseLevel, SiteAccountKind } from '../inventory/site-account.ts';
import { openValue, sealValue } from '../trust/variable-seal.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

/** An account of the site, without its password. */
export interface SiteAccount {
  readonly id: string;
  readonly name: string;
  readonly kind: SiteAccountKind;
  readonly user: string;
  /** Those of one kind are tried in this order, the lowest first. */
  readonly position: number;
  readonly changedMs: number;
}

/** What is set; the password stays where none is given. */
export interface SiteAccountWish {
  readonly name: string;
  readonly kind: SiteAccountKind;
  readonly user: string;
  readonly password?: string | undefined;
  readonly position: number;
}

/** How sure a machine must be where nobody said otherwise. */
const DEFAULT_LEVEL: ReleaseLevel = 'approved';

/** Whether the site has an account that content is read with. */
export async function hasNetworkAccess(db: Kysely<Tables>): Promise<boolean> {
  const row = await db
    .selectFrom('site_accounts')
    .select('id')
    .where('kind', '=', 'network-access')
    .executeTakeFirst();
  return row !== undefined;
}

export const siteAccounts = {
  /** By kind, in the order in which they are tried. */
  async list(db: Kysely<Tables>): Promise<SiteAccount[]> {
    const rows = await db
      .selectFrom('site_accounts')
      .selectAll()
      .orderBy('kind')
      .orderBy('position')
      .orderBy('name_key')
      .execute();
    return rows.map(toAccount);
  },

  /** By id, or by name without case. */
  async find(db: Kysely<Tables>, wanted: string): Promise<SiteAccount | null> {
    const row = await siteAccountRow(db, wanted);
    return row === undefined ? null : toAccount(row);
  },

  /**
   * Makes or changes an account. The password is sealed before it is written.
   *
   * @param key `SiteSecret.variableKey`
   * @throws {StoreError} `account.exists`, `account.too-many`, `account.password`
   */
  async put(
    db: Kysely<Tables>,
    wish: SiteAccountWish & {
      readonly id: string;
      readonly isNew: boolean;
      readonly nowMs: number;
    },
    key: Uint8Array,
  ): Promise<SiteAccount> {
    const others = (await siteAccounts.list(db)).filter(({ id }) => id !== wish.id);
    if (others.some(({ name }) => keyOf(name) === keyOf(wish.name)))
      throw new StoreError('account.exists', `There is an account ${wish.name} already`);
    const ofKind = others.filter(({ kind }) => kind === wish.kind).length;
    if (wish.kind === 'network-access' && ofKind >= MOST_NETWORK_ACCESS)
      throw new StoreError(
        'account.too-many',
        `There are ${MOST_NETWORK_ACCESS} network access accounts already`,
        { hint: 'They are tried one after the other: remove those that open nothing.' },
      );
    const columns = {
      name: wish.name.trim(),
      name_key: keyOf(wish.name),
      kind: wish.kind,
      user_name: wish.user,
      position: wish.position,
      changed_ms: wish.nowMs,
    };
    const sealed =
      wish.password === undefined ? undefined : sealValue(key, placeOf(wish.id), wish.password);
    if (wish.isNew && sealed === undefined)
      throw new StoreError('account.password', `The account ${wish.name} has no password`);
    if (wish.isNew)
      await db
        .insertInto('site_accounts')
        .values({ id: wish.id, ...columns, password_sealed: sealed ?? '' })
        .execute();
    else
      await db
        .updateTable('site_accounts')
        .set(sealed === undefined ? columns : { ...columns, password_sealed: sealed })
        .where('id', '=', wish.id)
        .execute();
    const row = await siteAccountRow(db, wish.id);
    if (row === undefined) throw new StoreError('account.not-found', `No account ${wish.id}`);
    return toAccount(row);
  },

  /** Takes one away. @throws {StoreError} `account.not-found` */
  async remove(db: Kysely<Tables>, id: string): Promise<void> {
    const gone = await db.deleteFrom('site_accounts').where('id', '=', id).executeTakeFirst();
    if (gone.numDeletedRows === 0n)
      throw new StoreError('account.not-found', `There is no account ${id}`);
  },

  /** How sure a machine must be for the secrets of a deployment. */
  async releaseLevel(db: Kysely<Tables>, id: DeploymentId): Promise<ReleaseLevel> {
    const row = await db
      .selectFrom('deployment_secrets')
      .select('release_at')
      .where('deployment_id', '=', id)
      .executeTakeFirst();
    return row === undefined ? DEFAULT_LEVEL : ReleaseLevel.parse(row.release_at);
  },

  async setReleaseLevel(db: Kysely<Tables>, id: DeploymentId, level: ReleaseLevel): Promise<void> {
    await db
      .insertInto('deployment_secrets')
      .values({ deployment_id: id, release_at: level })
      .onConflict((conflict) => conflict.column('deployment_id').doUpdateSet({ release_at: level }))
      .execute();
  },
};

/** As the database keeps it. */
export type SiteAccountRow = Selectable<Tables['site_accounts']>;

/** The password of an account. @throws {InventoryError} `variable.sealed` */
export function openPassword(row: SiteAccountRow, key: Uint8Array): string {
  return openValue(key, placeOf(row.id), row.password_sealed);
}

/** By id, or by name without case. */
export async function siteAccountRow(
  db: Kysely<Tables>,
  wanted: string,
): Promise<SiteAccountRow | undefined> {
  return await db
    .selectFrom('site_accounts')
    .selectAll()
    .where((where) => where.or([where('id', '=', wanted), where('name_key', '=', keyOf(wanted))]))
    .executeTakeFirst();
}

function keyOf(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}

/** Sealed for this account alone: a copy of the text opens in no other row. */
function placeOf(id: string): { owner: string; name: string } {
  return { owner: `account:${id}`, name: 'password' };
}

function toAccount(row: SiteAccountRow): SiteAccount {
  return {
    id: row.id,
    name: row.name,
    kind: SiteAccountKind.parse(row.kind),
    user: row.user_name,
    position: row.position,
    changedMs: row.changed_ms,
  };
}
