import type { Kysely } from 'kysely';
import { DeploymentId, DeviceId, type PackageId, type RunId } from '#agent/protocol/identity.ts';
import { RunEvent } from '#agent/protocol/run-event.ts';
import type {
  ReleasedAccount,
  ReleasedKey,
  ReleasedSecrets,
  ReleasedVariable,
  SecretsRequest,
} from '#agent/protocol/step-secrets.ts';
import { InventoryError } from '../inventory/error.ts';
import {
  checkConditionRelease,
  checkStepRelease,
  checkTrust,
  checkUse,
  DocumentNode,
  documentAccountNames,
  SiteAccountKind,
  stepAt,
} from '../inventory/site-account.ts';
import { StoreError } from './error.ts';
import { type FirstReleases, noteReleases } from './noted-releases.ts';
import { packageKeyOf } from './package-keys.ts';
import { PinnedGrant, unsealVariables } from './pinned-grant.ts';
import { isMediaProved } from './proven-media.ts';
import { keepReleased, releasedTo } from './released-values.ts';
import { speaking } from './runs.ts';
import {
  openPassword,
  type SiteAccountRow,
  siteAccountRow,
  siteAccounts,
} from './site-accounts.ts';
import type { Tables } from './tables.ts';
import { variablesNow } from './variables.ts';

/** What was given away. */
export interface Release extends ReleasedSecrets {
  readonly deviceId: DeviceId;
  readonly deviceName: string;
  /** What this key was not given before at this step: for the audit log. */
  readonly first: FirstReleases;
}

interface ReleaseWish {
  readonly runId: RunId;
  readonly keyThumbprint: string;
  readonly request: SecretsRequest;
  readonly nowMs: number;
}

/** What a run pins, as far as it is looked at here. */
const Pinned = PinnedGrant.pick({ documentJson: true, variables: true, content: true });
type Pinned = ReturnType<typeof Pinned.parse>;

export const secretReleases = {
  /**
   * Gives a run what it needs in secret: the accounts that a step names and the variables it asks for, while that
   * step runs, with the keys of secret packages, to the key that the run was granted to, as often as it asks until the step has finished; the
   * variables that a condition names, until it is answered; or the accounts that read content.
   *
   * @param key `SiteSecret.variableKey`
   * @throws {StoreError} `run.not-found`, `run.key`, `run.ended`, `account.not-found`; {InventoryError}
   *   `secret.step`, `secret.account`, `secret.variable`, `secret.package`, `secret.trust`, `account.network-access`,
   *   `account.content`, `variable.sealed`
   */
  async release(db: Kysely<Tables>, wish: ReleaseWish, key: Uint8Array): Promise<Release> {
    const { runId, request } = wish;
    await speaking(db, runId, wish.keyThumbprint);
    const run = await db
      .selectFrom('runs')
      .innerJoin('devices', 'devices.id', 'runs.device_id')
      .select(['runs.state as run_state', 'deployment_id', 'grant_json', 'recovered_ms'])
      .select(['devices.id as device_id', 'devices.name as device_name', 'devices.state as state'])
      .where('run_id', '=', runId)
      .executeTakeFirstOrThrow();
    if (run.run_state !== 'running' && run.run_state !== 'restarting')
      throw new StoreError('run.ended', `Run ${runId} has ended`);
    const level = await siteAccounts.releaseLevel(db, DeploymentId.parse(run.deployment_id));
    checkTrust(level, {
      name: run.device_name,
      state: run.state,
      mediaProved: level === 'media-proved' && (await isMediaProved(db, wish.keyThumbprint)),
    });
    const deviceId = DeviceId.parse(run.device_id);
    const recovered = run.recovered_ms > 0;
    const pinned = Pinned.parse(JSON.parse(run.grant_json));
    const given = await secretsFor(db, { runId, request, pinned, deviceId, recovered }, key);
    const first = await noteReleases(db, wish, given);
    await keepReleased(db, runId, given, key);
    return { ...given, deviceId, deviceName: run.device_name, first };
  },

  /**
   * What a run was given so far, for an agent that has started again to hide it. Of a run that was taken in again
   * it is not known: all that it may have been given counts, as it is now.
   *
   * @param key `SiteSecret.variableKey`
   * @throws {StoreError} `run.not-found`, `run.key`; {InventoryError} `variable.sealed`
   */
  async given(
    db: Kysely<Tables>,
    runId: RunId,
    keyThumbprint: string,
    key: Uint8Array,
  ): Promise<string[]> {
    await speaking(db, runId, keyThumbprint);
    const { device_id, grant_json, recovered_ms } = await db
      .selectFrom('runs')
      .select(['device_id', 'grant_json', 'recovered_ms'])
      .where('run_id', '=', runId)
      .executeTakeFirstOrThrow();
    const kept = await releasedTo(db, runId, key);
    if (recovered_ms === 0) return kept;
    const variables = await variablesNow(db, DeviceId.parse(device_id), key);
    const secret = variables.flatMap((one) => (one.secret ? [one.value] : []));
    const document = DocumentNode.parse(
      JSON.parse(Pinned.parse(JSON.parse(grant_json)).documentJson),
    );
    const accounts: SiteAccountRow[] = [];
    for (const name of documentAccountNames(document)) {
      const row = await siteAccountRow(db, name);
      if (row !== undefined) accounts.push(row);
    }
    return [...kept, ...secret, ...accounts.map((row) => openPassword(row, key))];
  },
};

interface Asked {
  readonly runId: RunId;
  readonly request: SecretsRequest;
  readonly pinned: Pinned;
  readonly deviceId: DeviceId;
  readonly recovered: boolean;
}

async function secretsFor(
  db: Kysely<Tables>,
  asked: Asked,
  key: Uint8Array,
): Promise<ReleasedSecrets> {
  const { request, pinned, runId } = asked;
  const released = (row: SiteAccountRow): ReleasedAccount => ({
    name: row.name,
    user: row.user_name,
    password: openPassword(row, key),
  });
  if (request.for === 'content')
    return { accounts: (await contentAccounts(db)).map(released), variables: [], packages: [] };
  const node = stepAt(DocumentNode.parse(JSON.parse(pinned.documentJson)), request.step);
  const last = await lastFactOf(db, runId, request.step);
  if (request.for === 'condition') {
    checkConditionRelease({ node, isOpen: last === undefined }, request);
    const variables = await withheld(db, asked, request.variables, key);
    return { accounts: [], variables, packages: [] };
  }
  checkStepRelease({ step: node, isRunning: last?.kind === 'step-started' }, request);
  const accounts = await stepAccounts(db, request.accounts, node?.type);
  return {
    accounts: accounts.map(released),
    variables: await withheld(db, asked, request.variables, key),
    packages: await packageKeys(db, pinned, request.packages, key),
  };
}

/**
 * Values of secret variables of a run, as they were pinned when it was granted. Of one that was taken in again
 * nothing was pinned: those of the device and its collections are taken as they are now.
 */
async function withheld(
  db: Kysely<Tables>,
  { runId, pinned, deviceId, recovered }: Asked,
  names: readonly string[],
  key: Uint8Array,
): Promise<ReleasedVariable[]> {
  if (names.length === 0) return [];
  const known = recovered ? await variablesNow(db, deviceId, key) : pinned.variables;
  return names.map((name) => {
    const wanted = name.trim().toLowerCase();
    const found = known.find((one) => one.secret && one.name.toLowerCase() === wanted);
    if (found === undefined)
      throw new InventoryError('secret.variable', `The run has no secret variable ${name}`, {
        hint: 'Set it on the device or a collection of it, and deploy the machine again.',
      });
    const [open = found] = recovered ? [found] : unsealVariables(runId, [found], key);
    return { name: open.name, value: open.value };
  });
}

/** Keys of secret packages, of the versions that the run has. */
async function packageKeys(
  db: Kysely<Tables>,
  { content }: Pinned,
  ids: readonly PackageId[],
  key: Uint8Array,
): Promise<ReleasedKey[]> {
  const given: ReleasedKey[] = [];
  for (const packageId of ids) {
    const one = Object.values(content).find((each) => each.packageId === packageId);
    const found = one?.kind === 'found' ? await packageKeyOf(db, one, key) : undefined;
    if (found === undefined)
      throw new InventoryError('secret.package', `The run has no secret package ${packageId}`, {
        hint: 'Only what was pinned when the run was granted is given.',
      });
    given.push({ packageId, key: found });
  }
  return given;
}

async function contentAccounts(db: Kysely<Tables>): Promise<SiteAccountRow[]> {
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
  names: readonly string[],
  stepType: string | undefined,
): Promise<SiteAccountRow[]> {
  const rows: SiteAccountRow[] = [];
  for (const name of names) {
    const row = await siteAccountRow(db, name);
    if (row === undefined)
      throw new StoreError('account.not-found', `The site has no account ${name}`, {
        hint: `metalwright account add ${name} --kind <kind> --user <user>`,
      });
    checkUse({ name: row.name, kind: SiteAccountKind.parse(row.kind) }, stepType);
    rows.push(row);
  }
  return rows;
}

/** The newest fact about a step or group of a run. */
export async function lastFactOf(db: Kysely<Tables>, runId: RunId, stepId: string) {
  // Quotes of a value are escaped in JSON: only the field itself is found.
  const row = await db
    .selectFrom('events')
    .select('fact_json')
    .where('run_id', '=', runId)
    .where('fact_json', 'like', `%"stepId":${JSON.stringify(stepId)}%`)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : RunEvent.shape.fact.parse(JSON.parse(row.fact_json));
}
