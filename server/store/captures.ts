import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { CapturedImageOffer } from '#agent/protocol/captured-image.ts';
import type { ContentObject, ImageFacts } from '#agent/protocol/content.ts';
import { DeviceId, PackageId, type RunId } from '#agent/protocol/identity.ts';
import { InventoryError } from '../inventory/error.ts';
import { DocumentNode, stepAt } from '../inventory/site-account.ts';
import { StoreError } from './error.ts';
import { touchUpload } from './open-upload.ts';
import { PinnedGrant } from './pinned-grant.ts';
import { lastFactOf } from './release-secrets.ts';
import { speaking } from './runs.ts';
import type { Tables } from './tables.ts';
import { uploads } from './uploads.ts';

/** Path of the one object in the package of an OS image. */
export const CAPTURED_PATH = 'image.wim';
const CAPTURE_STEP = 'capture-image';
const Pinned = PinnedGrant.pick({ documentJson: true });

/** Who offers, and what. */
export interface CaptureWish {
  readonly runId: RunId;
  readonly keyThumbprint: string;
  readonly offer: Omit<CapturedImageOffer, 'chunks'>;
  readonly nowMs: number;
}
/** Where a capture stands. */
export type CaptureStanding =
  | { readonly kind: 'kept'; readonly packageId: PackageId; readonly version: number }
  | { readonly kind: 'open'; readonly uploadId: string };

/** Images that steps capture and hand over. */
export const captures = {
  /**
   * Begins to take an image from the step that runs, or goes on with it. Only the key that the run was granted to may, while
   * that step runs. An image that was not captured gets no version so: what a deployment trusts is not replaced by a
   * machine.
   * @throws {StoreError} `run.not-found`, `run.key`, `run.ended`; {InventoryError} `capture.step`, `capture.name-taken`
   */
  async open(db: Kysely<Tables>, wish: CaptureWish): Promise<CaptureStanding> {
    const { offer, nowMs } = wish;
    const uploadId = uploadIdOf(wish);
    await checkStep(db, wish);
    const kept = await db
      .selectFrom('captures')
      .select(['package_id', 'version'])
      .where('upload_id', '=', uploadId)
      .executeTakeFirst();
    if (kept !== undefined)
      return {
        kind: 'kept',
        packageId: PackageId.parse(kept.package_id),
        version: kept.version,
      };
    await checkName(db, offer.name);
    const before = await db
      .selectFrom('uploads')
      .select('id')
      .where('id', '=', uploadId)
      .executeTakeFirst();
    if (before === undefined) {
      await uploads.begin(db, uploadId, { name: offer.name }, nowMs);
      const { sizeBytes, sha256 } = offer;
      await uploads.declare(db, uploadId, [{ path: CAPTURED_PATH, sizeBytes, sha256 }], nowMs);
    } else await touchUpload(db, uploadId, nowMs);
    return { kind: 'open', uploadId };
  },

  /**
   * Whether that key may send parts of it now; it is not too old from now on. Returns how many bytes it has.
   * @throws {StoreError} `run.not-found`, `run.key`, `run.ended`, `upload.not-found`
   */
  async sending(
    db: Kysely<Tables>,
    wish: Omit<CaptureWish, 'offer'> & { readonly uploadId: string },
  ): Promise<number> {
    await openRun(db, wish);
    await touchUpload(db, wish.uploadId, wish.nowMs);
    const file = await db
      .selectFrom('upload_files')
      .select('size_bytes')
      .where('upload_id', '=', wish.uploadId)
      .executeTakeFirst();
    if (file === undefined)
      throw new StoreError('upload.not-found', 'This image has come in whole');
    return file.size_bytes;
  },

  /** Makes the object an OS image, or a new version of one. @throws as `open`, and as `uploads.commit` */
  async keep(
    db: Kysely<Tables>,
    wish: CaptureWish & { readonly object: ContentObject; readonly images: readonly ImageFacts[] },
  ): Promise<{
    readonly packageId: PackageId;
    readonly version: number;
    readonly name: string;
    readonly deviceId: DeviceId;
    readonly deviceName: string;
  }> {
    const { runId, offer, object, images, nowMs } = wish;
    const uploadId = uploadIdOf(wish);
    const { deviceId, deviceName } = await checkStep(db, wish);
    await checkName(db, offer.name);
    await uploads.received(db, uploadId, object, nowMs);
    const { made } = await uploads.commit(db, uploadId, nowMs, {
      kind: 'os-image',
      images: [...images],
    });
    await db
      .insertInto('captures')
      .values({
        upload_id: uploadId,
        run_id: runId,
        step_id: offer.step,
        package_id: made.id,
        version: made.version,
        sha256: offer.sha256,
        at_ms: nowMs,
      })
      .onConflict((conflict) => conflict.column('upload_id').doNothing())
      .execute();
    const { id: packageId, version, name } = made;
    return { packageId, version, name, deviceId, deviceName };
  },
};

/** The same image of the same step is the same upload, whichever attempt offers it. */
function uploadIdOf({ runId, offer }: Pick<CaptureWish, 'runId' | 'offer'>): string {
  const text = JSON.stringify([runId, offer.step, offer.name, offer.sha256, offer.sizeBytes]);
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

async function openRun(
  db: Kysely<Tables>,
  { runId, keyThumbprint }: Pick<CaptureWish, 'runId' | 'keyThumbprint'>,
) {
  await speaking(db, runId, keyThumbprint);
  const run = await db
    .selectFrom('runs')
    .innerJoin('devices', 'devices.id', 'runs.device_id')
    .select(['runs.state as state', 'grant_json', 'devices.id as device_id'])
    .select('devices.name as device_name')
    .where('run_id', '=', runId)
    .executeTakeFirstOrThrow();
  if (run.state !== 'running' && run.state !== 'restarting')
    throw new StoreError('run.ended', `Run ${runId} has ended`);
  return run;
}

async function checkStep(
  db: Kysely<Tables>,
  wish: CaptureWish,
): Promise<{ readonly deviceId: DeviceId; readonly deviceName: string }> {
  const run = await openRun(db, wish);
  const { step } = wish.offer;
  const document = DocumentNode.parse(
    JSON.parse(Pinned.parse(JSON.parse(run.grant_json)).documentJson),
  );
  const node = stepAt(document, step);
  const last = await lastFactOf(db, wish.runId, step);
  if (node?.type !== CAPTURE_STEP || last?.kind !== 'step-started')
    throw new InventoryError('capture.step', `Step ${step} is no capture that runs now`, {
      hint: 'An image is taken from a Capture Operating System Image step, while it runs.',
    });
  return { deviceId: DeviceId.parse(run.device_id), deviceName: run.device_name };
}

/** @throws {InventoryError} `capture.name-taken` */
async function checkName(db: Kysely<Tables>, name: string): Promise<void> {
  const found = await db
    .selectFrom('packages')
    .select('id')
    .where('kind', '=', 'os-image')
    .where('name_key', '=', name.trim().toLowerCase())
    .executeTakeFirst();
  if (found === undefined) return;
  const captured = await db
    .selectFrom('captures')
    .select('upload_id')
    .where('package_id', '=', found.id)
    .limit(1)
    .executeTakeFirst();
  if (captured !== undefined) return;
  throw new InventoryError(
    'capture.name-taken',
    `"${name}" is an OS image (${found.id}) that no machine has captured: a capture makes no new version of it`,
    { hint: 'Give the captured image another name.' },
  );
}
