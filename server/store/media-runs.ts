import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { DeviceId, RunId } from '#agent/protocol/identity.ts';
import {
  isMediaRunClaim,
  type MediaRun,
  type MediaRunClaim,
  NO_DEPLOYMENT,
  readMediaRunClaim,
} from '#agent/protocol/media-run.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { documentHasSecrets } from '../inventory/document-secrets.ts';
import { StoreError } from './error.ts';
import { media } from './media.ts';
import type { PinnedGrant } from './pinned-grant.ts';
import { modelOf, newRunFacts } from './run-facts.ts';
import { runs } from './runs.ts';
import { formatSetupSteps } from './setup-steps.ts';
import type { Tables } from './tables.ts';

/** A run without a server that a machine hands over. */
export interface MediaRunRequest {
  readonly run: MediaRun;
  /** Record of the machine that hands it over; null where it has none. */
  readonly deviceId: DeviceId | null;
  readonly keyThumbprint: string;
  readonly nowMs: number;
}

export const mediaRuns = {
  /**
   * Takes the history of a run from stand-alone media, whole and ended: nothing of it is ever gone on with. One that is
   * known already is no error.
   *
   * @throws {StoreError} `run.media-claim`, `run.not-ended`, `run.lost`, `media.not-found`
   */
  async take(
    db: Kysely<Tables>,
    { run, deviceId, keyThumbprint, nowMs }: MediaRunRequest,
  ): Promise<{ readonly runId: RunId; readonly taken: boolean }> {
    const claim = await checkedClaim(db, run);
    const { runId } = claim;
    if (deviceId === null)
      throw new StoreError('run.lost', 'This site has no record of the machine', {
        hint: 'Approve it, or make a record of it (metalwright device import): it hands the run over at its next start.',
      });
    const known = await db
      .selectFrom('runs')
      .select('run_id')
      .where('run_id', '=', runId)
      .executeTakeFirst();
    if (known !== undefined) return { runId, taken: false };
    const { documentJson, events } = run;
    const grant: PinnedGrant = {
      runId,
      deploymentId: NO_DEPLOYMENT,
      sequenceId: claim.sequenceId,
      sequenceName: claim.sequenceName,
      purpose: 'available',
      documentJson,
      documentSha256: claim.documentSha256,
      deviceName: null,
      variables: [],
      content: {},
    };
    await db
      .insertInto('runs')
      .values({
        run_id: runId,
        device_id: deviceId,
        deployment_id: NO_DEPLOYMENT,
        sequence_id: claim.sequenceId,
        sequence_version: claim.sequenceVersion,
        sequence_name: claim.sequenceName,
        purpose: 'available',
        grant_json: JSON.stringify(grant),
        has_secrets: documentHasSecrets(parseTaskSequence(JSON.parse(documentJson), steps)) ? 1 : 0,
        key_thumbprint: keyThumbprint,
        next_boot: 'disk',
        started_ms: events[0]?.atMs ?? nowMs,
        last_event_ms: nowMs,
        model: await modelOf(db, deviceId),
        ...newRunFacts,
        setup_steps: formatSetupSteps(documentJson),
      })
      .execute();
    const kept = await runs.append(db, runId, events, { keyThumbprint, nowMs });
    // Thrown, it leaves nothing behind: a run that is open would be gone on with.
    if (kept.kind !== 'kept' || !['succeeded', 'failed'].includes(kept.run.state))
      throw new StoreError('run.not-ended', `The events of run ${runId} do not end it`, {
        hint: 'It is kept on the machine. What it says of itself is not whole.',
      });
    return { runId, taken: true };
  },
};

/** @throws {StoreError} `run.media-claim`, `media.not-found` */
async function checkedClaim(
  db: Kysely<Tables>,
  { claim: text, documentJson, events }: MediaRun,
): Promise<MediaRunClaim> {
  const claim = readMediaRunClaim(text);
  if (claim === undefined)
    throw new StoreError('run.media-claim', 'The run does not say from which media it was begun');
  const record = await media.find(db, claim.mediaId);
  if (record === null)
    throw new StoreError(
      'media.not-found',
      `This site has no record of the media ${claim.mediaId} that the run was begun from`,
      { hint: 'They were deleted, or made before the backup that this server was restored from.' },
    );
  const isTheirs = isMediaRunClaim(text, record.publicKey);
  const hash = createHash('sha256').update(documentJson).digest('hex');
  const isWhole = events.every(
    (event, index) => event.runId === claim.runId && event.seq === index + 1,
  );
  if (isTheirs && isWhole && hash === claim.documentSha256) return claim;
  throw new StoreError(
    'run.media-claim',
    `The media "${record.label}" have not signed what is handed over as run ${claim.runId}`,
    { hint: 'What the machine kept was changed.' },
  );
}
