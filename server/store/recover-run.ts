import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { DeviceId, type PackageId, type RunId, SequenceId } from '#agent/protocol/identity.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { documentHasSecrets } from '../inventory/document-secrets.ts';
import { pinSequence, readExpanded, resolveBy } from '../inventory/pin.ts';
import { parseClaim, type RecoveryClaim } from '../trust/recovery-claim.ts';
import { childFinder } from './child-finder.ts';
import { devices } from './devices.ts';
import { StoreError } from './error.ts';
import { addSoftware, listedSoftware } from './granted-software.ts';
import { packages } from './packages.ts';
import { type PinnedContent, resolveContent, resolveDriverPackages } from './pinned-content.ts';
import type { PinnedGrant } from './pinned-grant.ts';
import { modelOf, newRunFacts } from './run-facts.ts';
import { speaking } from './runs.ts';
import { formatSetupSteps } from './setup-steps.ts';
import type { Tables } from './tables.ts';

/** A machine that has a run which the database does not know. */
export interface RecoveryRequest {
  readonly runId: RunId;
  /** What the run's grant had as `recovery`. */
  readonly recovery: string;
  /** The pinned document, where the machine still has it. */
  readonly documentJson: string | null;
  /** Record of the machine that asks; null where it has none. */
  readonly deviceId: DeviceId | null;
  readonly keyThumbprint: string;
  readonly nowMs: number;
}

export const lostRuns = {
  /**
   * Takes in a run that was granted after the backup this database was restored from. What was granted is
   * known by the server's own claim; the document is the machine's, or made again, and checked by its hash.
   * The events come afterwards, as always. A run that is known is answered with what is kept of it.
   *
   * @param key the site's `variableKey`
   * @throws {StoreError} `run.recovery`, `run.lost`, `run.key`, `run.open`
   */
  async recover(
    db: Kysely<Tables>,
    request: RecoveryRequest,
    key: Uint8Array,
  ): Promise<{ readonly have: number; readonly taken: boolean }> {
    const { runId, keyThumbprint, nowMs } = request;
    const claim = parseClaim(request.recovery, key);
    if (claim === undefined || claim.runId !== runId)
      throw new StoreError('run.recovery', 'This site has not granted that run', {
        hint: 'Deploy the machine again from the beginning.',
      });
    const known = await db
      .selectFrom('runs')
      .select('run_id')
      .where('run_id', '=', runId)
      .executeTakeFirst();
    if (known !== undefined)
      return { have: (await speaking(db, runId, keyThumbprint)).have, taken: false };
    const deviceId = await deviceOf(db, request, claim);
    const documentJson = await documentOf(db, request, claim);
    await db
      .insertInto('runs')
      .values({
        run_id: runId,
        device_id: deviceId,
        deployment_id: claim.deploymentId,
        sequence_id: claim.sequenceId,
        sequence_version: claim.sequenceVersion,
        sequence_name: claim.sequenceName,
        purpose: claim.purpose,
        grant_json: JSON.stringify(await grantOf(db, claim, documentJson)),
        has_secrets: documentHasSecrets(parseTaskSequence(JSON.parse(documentJson), steps)) ? 1 : 0,
        key_thumbprint: keyThumbprint,
        next_boot: 'pe',
        started_ms: claim.startedMs,
        last_event_ms: nowMs,
        model: await modelOf(db, deviceId),
        ...newRunFacts,
        setup_steps: formatSetupSteps(documentJson),
        recovered_ms: nowMs,
      })
      .execute();
    return { have: 0, taken: true };
  },
};

/** The record of the machine. One that was made after the backup is made anew, and it was let in before. */
async function deviceOf(
  db: Kysely<Tables>,
  { deviceId }: RecoveryRequest,
  claim: RecoveryClaim,
): Promise<DeviceId> {
  const asking = deviceId === null ? null : await devices.get(db, deviceId);
  if (asking === null)
    throw new StoreError('run.lost', 'This site has no record of the machine any more', {
      hint: 'Make a record of it (metalwright device import), then start it again.',
    });
  const before = await devices.get(db, claim.deviceId);
  if (asking.state === 'ignored' || (before !== null && before.id !== asking.id))
    throw new StoreError('run.key', `Run ${claim.runId} belongs to another machine`);
  const open = await db
    .selectFrom('runs')
    .select('run_id')
    .where('device_id', '=', asking.id)
    .where('state', 'in', ['running', 'restarting'])
    .executeTakeFirst();
  if (open !== undefined)
    throw new StoreError('run.open', `Run ${open.run_id} is open on this machine`, {
      hint: 'It is resumed, and cannot be replaced or cancelled.',
    });
  if (asking.state === 'waiting')
    await devices.setState(db, asking.id, {
      state: 'approved',
      ...(claim.deviceName === null ? {} : { name: claim.deviceName }),
    });
  return asking.id;
}

/** The pinned document. @throws {StoreError} `run.lost` when it cannot be made again */
async function documentOf(
  db: Kysely<Tables>,
  request: RecoveryRequest,
  claim: RecoveryClaim,
): Promise<string> {
  const isRight = (text: string) =>
    createHash('sha256').update(text).digest('hex') === claim.documentSha256;
  if (request.documentJson !== null && isRight(request.documentJson)) return request.documentJson;
  const row = await db
    .selectFrom('sequence_versions')
    .select('document_json')
    .where('sequence_id', '=', claim.sequenceId)
    .where('version', '=', claim.sequenceVersion)
    .executeTakeFirst();
  if (row !== undefined) {
    const { sequenceId: id, sequenceName: name } = claim;
    const source = { id, name, documentJson: row.document_json };
    const expanded = readExpanded(source, await childFinder(db, source));
    const pinned = pinSequence(expanded, resolveBy(await packages.index(db)));
    if (isRight(pinned.documentJson)) return pinned.documentJson;
  }
  throw new StoreError(
    'run.lost',
    `The server was restored from a backup that does not have the task sequence "${claim.sequenceName}" as run ${claim.runId} has it`,
    { hint: 'Add the task sequence again as it was and start the machine, or deploy it anew.' },
  );
}

async function grantOf(
  db: Kysely<Tables>,
  claim: RecoveryClaim,
  documentJson: string,
): Promise<PinnedGrant> {
  const sequence = parseTaskSequence(JSON.parse(documentJson), steps);
  const pinned = pinSequence(sequence, resolveBy(await packages.index(db)));
  const { bootImage } = pinned;
  const content: Record<PackageId, PinnedContent> = {};
  for (const id of pinned.references)
    content[id] = await resolveContent(db, id, id === bootImage ? 'boot-image' : undefined);
  const choosesDrivers = pinned.choosesDrivers !== 'none';
  const driverPackages = choosesDrivers ? await resolveDriverPackages(db, () => true) : [];
  for (const one of driverPackages) content[one.packageId] ??= one;
  const { readsLists } = pinned;
  const readsAny = readsLists.applications || readsLists.programs;
  const listed = readsAny ? await listedSoftware(db, readsLists) : [];
  for (const id of listed) content[id] ??= await resolveContent(db, id);
  await addSoftware(db, content);
  const { runId, deploymentId, sequenceId, sequenceName, purpose, documentSha256 } = claim;
  return {
    runId,
    deploymentId,
    sequenceId,
    sequenceName,
    purpose,
    documentJson,
    documentSha256,
    deviceName: claim.deviceName,
    // The run's own are in its first event, which comes again.
    variables: [],
    content,
    ...(choosesDrivers ? { driverPackages: driverPackages.map(({ packageId }) => packageId) } : {}),
    ...(readsAny ? { software: listed.filter((id) => content[id]?.kind === 'found') } : {}),
    ...(bootImage === undefined ? {} : { bootImage }),
  };
}

/** What goes into a grant so that the run can be taken in again. */
export async function claimOf(db: Kysely<Tables>, grant: PinnedGrant): Promise<RecoveryClaim> {
  const row = await db
    .selectFrom('runs')
    .select(['device_id', 'sequence_id', 'sequence_version', 'started_ms'])
    .where('run_id', '=', grant.runId)
    .executeTakeFirstOrThrow();
  return {
    runId: grant.runId,
    deviceId: DeviceId.parse(row.device_id),
    deviceName: grant.deviceName,
    deploymentId: grant.deploymentId,
    sequenceId: SequenceId.parse(row.sequence_id),
    sequenceVersion: row.sequence_version,
    sequenceName: grant.sequenceName,
    purpose: grant.purpose,
    documentSha256: grant.documentSha256,
    startedMs: row.started_ms,
  };
}
