import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { HiddenValues } from '#agent/protocol/hidden-values.ts';
import {
  type DeploymentId,
  type DeviceId,
  PackageId,
  type RunId,
} from '#agent/protocol/identity.ts';
import type { BootImageIdentity, Environment, RunRequest } from '#agent/protocol/policy.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import { missingAccounts } from '../inventory/account-cases.ts';
import { contentWaitUntil } from '../inventory/content-wait.ts';
import { InventoryError } from '../inventory/error.ts';
import { decidePolicy } from '../inventory/policy.ts';
import {
  checkTrust,
  DocumentNode,
  documentAccountNames,
  namedBySteps,
} from '../inventory/site-account.ts';
import { formatClaim } from '../trust/recovery-claim.ts';
import { storedChild } from './child-finder.ts';
import { type AskedFrom, locatorOf } from './content-locations.ts';
import { deployments } from './deployments.ts';
import { devices } from './devices.ts';
import { distributionPoints } from './distribution-points.ts';
import { StoreError } from './error.ts';
import { evaluateDevice } from './evaluate-device.ts';
import { grantedDrivers } from './granted-drivers.ts';
import { addSoftware, listedSoftware } from './granted-software.ts';
import { anySecret } from './package-keys.ts';
import { pinDocument } from './pin-document.ts';
import { formatContent, type PinnedContent, resolveContent } from './pinned-content.ts';
import { PinnedGrant, sealVariables, unsealVariables, withheldOf } from './pinned-grant.ts';
import { policy } from './policy.ts';
import { isMediaProved } from './proven-media.ts';
import { claimOf } from './recover-run.ts';
import { modelOf, newRunFacts } from './run-facts.ts';
import { speaking } from './runs.ts';
import { formatSetupSteps } from './setup-steps.ts';
import { siteAccounts } from './site-accounts.ts';
import { variablesOfRun } from './start-variables.ts';
import type { Tables } from './tables.ts';
import { openVariables } from './variables.ts';

/** Who asks for a run. */
export interface GrantRequest {
  readonly runId: RunId;
  readonly deploymentId: DeploymentId;
  readonly deviceId: DeviceId;
  readonly keyThumbprint: string;
  readonly remoteAddress: string;
  readonly environment: Environment;
  /** What it was told at the machine to start; null where nothing was. */
  readonly preferred: DeploymentId | null;
  /** What the machine was started from; null where it did not say. */
  readonly bootImage: BootImageIdentity | null;
  /** What was typed at the machine for variables that are empty. */
  readonly variables?: RunRequest['variables'];
  readonly nowMs: number;
}

/** What a grant has of the answerer: it depends on the server's secret and the address it is reached by. */
export interface GrantFrame {
  readonly resumeToken: string;
  readonly runKey: string;
  /** Where content is looked for. */
  readonly from: AskedFrom;
  /** Opens and seals secret variables: `SiteSecret.variableKey`. */
  readonly variableKey: Uint8Array;
  /** What the run was given in secret before; undefined where that is nothing. */
  readonly hidden?: HiddenValues | undefined;
}

/** Grants as JSON of a `RunGrant`, in bytes: a package may have 100,000 files, which only the machine reads. */
export const grants = {
  /**
   * Grants a run: checks again that the deployment may start here now, pins the newest version of
   * everything, children too, keeps it. The same run id again from the same key is answered the same.
   *
   * @throws {StoreError} `run.exists`, `sequence.not-found`; {InventoryError} `run.refused`, the code of
   *   the refusal, `run.not-asked`, `sequence.disabled`, `feature.child-sequences`, `variable.sealed`; {SequenceError} what
   *   `expandChildren` and `parseTaskSequence` throw
   */
  async make(db: Kysely<Tables>, wish: GrantRequest, frame: GrantFrame): Promise<Uint8Array> {
    const before = await db
      .selectFrom('runs')
      .select(['device_id', 'key_thumbprint'])
      .where('run_id', '=', wish.runId)
      .executeTakeFirst();
    if (before !== undefined) {
      if (before.device_id !== wish.deviceId || before.key_thumbprint !== wish.keyThumbprint)
        throw new StoreError('run.exists', `Run ${wish.runId} belongs to another machine or key`);
      return grants.get(db, wish.runId, wish.keyThumbprint, frame);
    }
    const facts = await policy.facts(db, wish);
    const decision = decidePolicy(facts, wish);
    if (decision.kind === 'resume')
      throw new InventoryError('run.open', `Run ${decision.runId} is open on this machine`, {
        hint: 'It is resumed, and cannot be replaced or cancelled.',
      });
    if (decision.kind !== 'offers') throw new InventoryError(decision.code, decision.reason);
    const offer = decision.offers.find(({ deploymentId }) => deploymentId === wish.deploymentId);
    if (offer === undefined)
      throw new InventoryError(
        'run.refused',
        `Deployment ${wish.deploymentId} is not offered to this machine now`,
        { hint: 'It was withdrawn, has run here, or is aimed at another collection.' },
      );
    const sequence = await storedChild(db, { id: offer.sequenceId });
    if (sequence === undefined)
      throw new StoreError('sequence.not-found', `There is no task sequence ${offer.sequenceId}`);

    const { pinned, hasSecrets } = await pinDocument(db, sequence);
    await refuseMissingAccounts(db, pinned.documentJson);
    const content: Record<PackageId, PinnedContent> = {};
    const { bootImage } = pinned;
    for (const id of pinned.references)
      content[id] = await resolveContent(db, id, id === bootImage ? 'boot-image' : undefined);
    const driverPackages = await grantedDrivers(db, pinned.choosesDrivers, wish.deviceId);
    for (const one of driverPackages) content[one.packageId] ??= one;
    const { readsLists } = pinned;
    const readsAny = readsLists.applications || readsLists.programs;
    const listed = readsAny ? await listedSoftware(db, readsLists) : [];
    for (const id of listed) content[id] ??= await resolveContent(db, id);
    await addSoftware(db, content);
    const variables = await variablesOfRun(
      db,
      {
        device: wish.deviceId,
        memberOf: facts.memberOf,
        read: (owner) => openVariables(db, owner, frame.variableKey),
      },
      wish.variables,
    );
    const used = pinned.references.flatMap((id) => {
      const one = content[id];
      return one?.kind === 'found' ? [one] : [];
    });
    const secretContent = await anySecret(db, used);
    const { documentJson } = pinned;
    await refuseUntrusted(db, wish, { documentJson, variables, secretContent });
    const commandPrompt = await deployments.commandPrompt(db, wish.deploymentId);
    const { settings: own } = await deployments.get(db, wish.deploymentId);
    const grant: PinnedGrant = {
      runId: wish.runId,
      deploymentId: wish.deploymentId,
      sequenceId: sequence.id,
      sequenceName: sequence.name,
      purpose: offer.purpose,
      documentJson: pinned.documentJson,
      documentSha256: createHash('sha256').update(pinned.documentJson).digest('hex'),
      deviceName: facts.device?.name ?? null,
      variables: sealVariables(wish.runId, variables, frame.variableKey),
      content,
      ...(pinned.choosesDrivers !== 'none'
        ? { driverPackages: driverPackages.map(({ packageId }) => packageId) }
        : {}),
      ...(readsAny ? { software: listed.filter((id) => content[id]?.kind === 'found') } : {}),
      ...(bootImage === undefined ? {} : { bootImage }),
      ...(commandPrompt === null ? {} : { commandPrompt }),
      download: own.download,
      fallback: own.fallback,
      ...(offer.purpose === 'required'
        ? { contentWaitUntilMs: contentWaitUntil(own, { ...wish, site: facts.site }) }
        : {}),
    };
    await db
      .insertInto('runs')
      .values({
        run_id: wish.runId,
        device_id: wish.deviceId,
        deployment_id: wish.deploymentId,
        sequence_id: sequence.id,
        sequence_version: sequence.version,
        sequence_name: sequence.name,
        purpose: offer.purpose,
        grant_json: JSON.stringify(grant),
        has_secrets: hasSecrets || secretContent || variables.some(({ secret }) => secret) ? 1 : 0,
        key_thumbprint: wish.keyThumbprint,
        next_boot: 'pe',
        started_ms: wish.nowMs,
        last_event_ms: wish.nowMs,
        model: await modelOf(db, wish.deviceId),
        ...newRunFacts,
        setup_steps: formatSetupSteps(documentJson),
      })
      .execute();
    await evaluateDevice(db, wish.deviceId, 'runs');
    return await formatGrant(db, { grant, have: 0 }, frame);
  },

  /**
   * The grant again. Until a step has started, what was missing is looked for again (reference:
   * conditions, 3a); what was found stays as it was.
   *
   * @throws {StoreError} `run.not-found`, `run.key`; {InventoryError} `variable.sealed`
   */
  async get(
    db: Kysely<Tables>,
    id: RunId,
    keyThumbprint: string,
    frame: GrantFrame,
  ): Promise<Uint8Array> {
    const { have } = await speaking(db, id, keyThumbprint);
    const row = await db
      .selectFrom('runs')
      .select(['grant_json', 'step_started'])
      .where('run_id', '=', id)
      .executeTakeFirstOrThrow();
    const grant = PinnedGrant.parse(JSON.parse(row.grant_json));
    if (row.step_started === 1 || entriesOf(grant).every(([, one]) => one.kind === 'found'))
      return await formatGrant(db, { grant, have }, frame);
    const content: Record<PackageId, PinnedContent> = {};
    for (const [reference, one] of entriesOf(grant))
      content[reference] =
        one.kind === 'found'
          ? one
          : await resolveContent(
              db,
              reference,
              reference === grant.bootImage ? 'boot-image' : undefined,
            );
    await addSoftware(db, content);
    const now = { ...grant, content };
    await db
      .updateTable('runs')
      .set({ grant_json: JSON.stringify(now) })
      .where('run_id', '=', id)
      .execute();
    return await formatGrant(db, { grant: now, have }, frame);
  },
};

/** @throws {InventoryError} `account.not-found`, `account.state-store` (M40) */
async function refuseMissingAccounts(db: Kysely<Tables>, documentJson: string): Promise<void> {
  const document = DocumentNode.parse(JSON.parse(documentJson));
  const missing = missingAccounts(document, await siteAccounts.list(db));
  const first = missing.find(({ refuses }) => refuses);
  if (first !== undefined)
    throw new InventoryError(first.code, first.message, {
      hint: first.hint,
      problems: missing.map(({ code, message, hint }) => ({ code, message, hint })),
    });
}

/** Before anything is erased: a machine that no step would be given its secrets is not begun with. @throws {InventoryError} `secret.trust` */
async function refuseUntrusted(
  db: Kysely<Tables>,
  { deviceId, deploymentId, keyThumbprint }: GrantRequest,
  {
    documentJson,
    variables,
    secretContent,
  }: {
    readonly documentJson: string;
    readonly variables: readonly VariableChange[];
    /** Whether a package that it references is secret. */
    readonly secretContent: boolean;
  },
): Promise<void> {
  const document = DocumentNode.parse(JSON.parse(documentJson));
  const withheld = withheldOf(variables).filter(({ withheld }) => withheld === true);
  const names = withheld.map(({ name }) => name.toLowerCase());
  const needs =
    secretContent ||
    documentAccountNames(document).length > 0 ||
    namedBySteps(document, names).size > 0;
  const device = needs ? await devices.get(db, deviceId) : null;
  if (device === null) return;
  const level = await siteAccounts.releaseLevel(db, deploymentId);
  const mediaProved = level === 'media-proved' && (await isMediaProved(db, keyThumbprint));
  checkTrust(level, { ...device, mediaProved });
}

async function formatGrant(
  db: Kysely<Tables>,
  { grant, have }: { readonly grant: PinnedGrant; readonly have: number },
  { resumeToken, runKey, from, variableKey, hidden }: GrantFrame,
): Promise<Uint8Array> {
  const { content: _content, ...rest } = grant;
  const variables = unsealVariables(grant.runId, withheldOf(grant.variables), variableKey);
  const recovery = formatClaim(await claimOf(db, grant), variableKey);
  const cas = await distributionPoints.cas(db);
  const contentCas = cas.length === 0 ? undefined : cas;
  const told = { variables, resumeToken, recovery, runKey, have, contentCas, hidden };
  const head = JSON.stringify({ ...rest, ...told });
  const content = await formatContent(db, entriesOf(grant), await locatorOf(db, grant, from));
  return new TextEncoder().encode(`${head.slice(0, -1)},"content":${content}}`);
}

function entriesOf({ content }: PinnedGrant): (readonly [PackageId, PinnedContent])[] {
  return Object.entries(content).map(([id, one]) => [PackageId.parse(id), one] as const);
}
