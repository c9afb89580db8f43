import type { Kysely, Selectable } from 'kysely';
import { DeploymentId, DeviceId, type RunId } from '#agent/protocol/identity.ts';
import { RunEvent } from '#agent/protocol/run-event.ts';
import type { ReleasedAccount, SecretsRequest } from '#agent/protocol/step-secrets.ts';
import { InventoryError } from '../inventory/error.ts';
import {
  checkStepRelease,
  checkTrust,
  checkUse,
  DocumentNode,
  MOST_NETWORK_ACCESS,
  ReleaseLevel,
  SiteAccountKind,
  stepAt,
} from '../inventory/site-account.ts';
import { openValue, sealValue } from '../trust/variable-seal.ts';
import { StoreError } from './error.ts';
import { PinnedGrant } from './pinned-grant.ts';
import { speaking } from './runs.ts';
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

/** What was given away, for the audit log. */
export interface Release {
  readonly accounts: readonly ReleasedAccount[];
  readonly deviceId: DeviceId;
  readonly deviceName: string;
}

/** How sure a machine must be where nobody said otherwise. */
const DEFAULT_LEVEL: ReleaseLevel = 'approved';
/** What a run pins, as far as it is looked at here. */
const Pinned = PinnedGrant.pick({ documentJson: true });

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
    const row = await rowOf(db, wanted);
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
    const row = await rowOf(db, wish.id);
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

  /**
   * Gives a run what it needs in secret: the accounts that a step names, while that step runs, to the key that
   * the run was granted to, as often as it asks until the step has finished; or those that read content.
   *
   * @param key `SiteSecret.variableKey`
   * @throws {StoreError} `run.not-found`, `run.key`, `run.ended`, `account.not-found`; {InventoryError}
   *   `secret.step`, `secret.account`, `secret.trust`, `account.network-access`, `account.content`
   */
  async release(
    db: Kysely<Tables>,
    wish: {
      readonly runId: RunId;
      readonly keyThumbprint: string;
      readonly request: SecretsRequest;
    },
    key: Uint8Array,
  ): Promise<Release> {
    const { runId, request } = wish;
    await speaking(db, runId, wish.keyThumbprint);
    const run = await db
      .selectFrom('runs')
      .innerJoin('devices', 'devices.id', 'runs.device_id')
      .select(['runs.state as run_state', 'deployment_id', 'grant_json'])
      .select(['devices.id as device_id', 'devices.name as device_name', 'devices.state as state'])
      .where('run_id', '=', runId)
      .executeTakeFirstOrThrow();
    if (run.run_state !== 'running' && run.run_state !== 'restarting')
      throw new StoreError('run.ended', `Run ${runId} has ended`);
    const deployment = DeploymentId.parse(run.deployment_id);
    const level = await siteAccounts.releaseLevel(db, deployment);
    checkTrust(level, { name: run.device_name, state: run.state });
    const accounts =
      request.for === 'content'
        ? await contentAccounts(db)
        : await stepAccounts(db, { runId, grantJson: run.grant_json, request });
    return {
      deviceId: DeviceId.parse(run.device_id),
      deviceName: run.device_name,
      accounts: accounts.map((row) => ({
        name: row.name,
        user: row.user_name,
        password: openValue(key, placeOf(row.id), row.password_sealed),
      })),
    };
  },
};

type Row = Selectable<Tables['site_accounts']>;

async function contentAccounts(db: Kysely<Tables>): Promise<Row[]> {
  const rows = await db
    .selectFrom('site_accounts')
    .selectAll()
    .where('kind', '=', 'network-access')
    .orderBy('position')
    .orderBy('name_key')
    .execute();
  if (rows.length > 0) return rows;
  throw new InventoryError('account.content', 'The site has no network access account', {
    hint: 'A distribution point asks for one: metalwright account add --kind network-access',
  });
}

async function stepAccounts(
  db: Kysely<Tables>,
  about: {
    readonly runId: RunId;
    readonly grantJson: string;
    readonly request: SecretsRequest & { readonly for: 'step' };
  },
): Promise<Row[]> {
  const { request } = about;
  const { documentJson } = Pinned.parse(JSON.parse(about.grantJson));
  const step = stepAt(DocumentNode.parse(JSON.parse(documentJson)), request.step);
  const isRunning = await isStepRunning(db, about.runId, request.step);
  checkStepRelease({ step, isRunning }, request);
  const rows: Row[] = [];
  for (const name of request.accounts) {
    const row = await rowOf(db, name);
    if (row === undefined)
      throw new StoreError('account.not-found', `The site has no account ${name}`, {
        hint: `metalwright account add ${name} --kind <kind> --user <user>`,
      });
    checkUse({ name: row.name, kind: SiteAccountKind.parse(row.kind) }, step?.type);
    rows.push(row);
  }
  return rows;
}

/** Whether the newest event about a step is that it started. */
async function isStepRunning(db: Kysely<Tables>, runId: RunId, stepId: string): Promise<boolean> {
  const rows = await db
    .selectFrom('events')
    .select('fact_json')
    .where('run_id', '=', runId)
    .orderBy('seq', 'desc')
    .limit(200)
    .execute();
  for (const { fact_json } of rows) {
    const fact = RunEvent.shape.fact.parse(JSON.parse(fact_json));
    if ('stepId' in fact && fact.stepId === stepId) return fact.kind === 'step-started';
  }
  return false;
}

async function rowOf(db: Kysely<Tables>, wanted: string): Promise<Row | undefined> {
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

function toAccount(row: Row): SiteAccount {
  return {
    id: row.id,
    name: row.name,
    kind: SiteAccountKind.parse(row.kind),
    user: row.user_name,
    position: row.position,
    changedMs: row.changed_ms,
  };
}
