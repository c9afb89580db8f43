/**
 * Images that machines hand over as they capture them: parts come until all is here, then the file is hashed, read, and
 * becomes an OS image. An offer that comes again is answered by how far it is, after a restart of this server too.
 */
import { randomUUID } from 'node:crypto';
import type { CapturedImageOffer, CapturedImageState } from '#agent/protocol/captured-image.ts';
import { CHUNK_BYTES, type ContentObject } from '#agent/protocol/content.ts';
import type { RunId } from '#agent/protocol/identity.ts';
import { readImages } from './content/read-images.ts';
import type { ReceivedFiles } from './content/received-files.ts';
import type { ContentStore } from './content/store.ts';
import type { Intake } from './content/take-in.ts';
import type { Changes } from './http/services.ts';
import { InventoryError } from './inventory/error.ts';
import { CAPTURED_PATH } from './store/captures.ts';
import type { Store } from './store/operations.ts';

/** How long it stays true that a key may send parts. */
const CHECK_MS = 60_000;

/** Who asks. */
interface CapturingRun {
  readonly runId: RunId;
  readonly keyThumbprint: string;
  /** Address of the machine, for the audit log. */
  readonly from: string;
}

export interface CapturedImages {
  /** @throws what `store.captures` throws; {InventoryError} `capture.offer`; {ContentError} `content.*`; {WimError} `wim.*` */
  offer(run: CapturingRun, offer: CapturedImageOffer): Promise<CapturedImageState>;
  /** Adds a part; answers how many bytes are here. */
  add(
    run: Omit<CapturingRun, 'from'>,
    part: { readonly id: string; readonly offset: number; readonly bytes: Uint8Array },
  ): Promise<number>;
}

export function capturedImages({
  store,
  content,
  intake,
  files,
  changes,
  nowMs,
}: {
  readonly store: Pick<Store, 'captures' | 'audit'>;
  readonly content: Pick<ContentStore, 'file'>;
  readonly intake: Intake;
  readonly files: ReceivedFiles;
  readonly changes: Pick<Changes, 'changed'>;
  readonly nowMs: () => number;
}): CapturedImages {
  /** Uploads that are being checked, and what came of it where nobody has asked yet. */
  const checks = new Map<string, { failed: unknown }>();
  /** Until when a key may send to an upload, and how many bytes it takes. */
  const sending = new Map<string, { readonly untilMs: number; readonly sizeBytes: number }>();

  const isHere = async ({ sha256, sizeBytes }: Pick<ContentObject, 'sha256' | 'sizeBytes'>) =>
    (await content.file(sha256).catch(() => undefined))?.sizeBytes === sizeBytes;

  const keep = async (
    uploadId: string,
    run: CapturingRun,
    offer: CapturedImageOffer,
  ): Promise<void> => {
    const { runId, keyThumbprint } = run;
    const { chunks, ...told } = offer;
    const said: ContentObject = {
      path: CAPTURED_PATH,
      sizeBytes: told.sizeBytes,
      sha256: told.sha256,
      chunks,
    };
    const become = async (object: ContentObject) => {
      const images = await readImages(content, object);
      const wish = { runId, keyThumbprint, offer: told, object, images, nowMs: nowMs() };
      return await store.captures.keep(wish);
    };
    // Of a server that ended before it had noted the object, or of another package.
    const adopted = (await isHere(said))
      ? { answer: await intake.use(said, become) }
      : await intake.adopt(await files.finish(uploadId), said, become);
    if ('fromByte' in adopted) return await files.cut(uploadId, adopted.fromByte);
    await files.remove(uploadId);
    const { packageId, version, name, deviceId, deviceName } = adopted.answer;
    await store.audit.add(randomUUID(), {
      atMs: nowMs(),
      who: deviceName,
      action: 'image.capture',
      detail: {
        image: packageId,
        name,
        version,
        sha256: told.sha256,
        device: deviceId,
        run: runId,
        step: told.step,
        from: run.from,
      },
    });
    changes.changed('boot');
  };

  return {
    async offer(run, offer) {
      const { runId, keyThumbprint } = run;
      const { chunks, ...told } = offer;
      if (chunks.length !== Math.ceil(told.sizeBytes / CHUNK_BYTES))
        throw new InventoryError(
          'capture.offer',
          `${chunks.length} chunks are no ${told.sizeBytes} bytes`,
        );
      const wish = { runId, keyThumbprint, offer: told, nowMs: nowMs() };
      const standing = await store.captures.open(wish);
      if (standing.kind === 'kept') {
        const { packageId, version } = standing;
        return { state: 'kept', packageId, version };
      }
      const { uploadId } = standing;
      const check = checks.get(uploadId);
      if (check !== undefined) {
        if (check.failed === undefined) return { state: 'checking' };
        checks.delete(uploadId);
        throw check.failed;
      }
      if (!(await isHere(told))) {
        const have = await files.open(uploadId, told.sizeBytes);
        if (have < told.sizeBytes) return { state: 'receiving', id: uploadId, have };
      }
      const begun: { failed: unknown } = { failed: undefined };
      checks.set(uploadId, begun);
      keep(uploadId, run, offer).then(
        () => checks.delete(uploadId),
        (error: unknown) => {
          begun.failed = error;
        },
      );
      return { state: 'checking' };
    },

    async add({ runId, keyThumbprint }, { id, offset, bytes }) {
      const now = nowMs();
      const key = `${runId} ${keyThumbprint} ${id}`;
      let known = sending.get(key);
      if (known === undefined || known.untilMs < now) {
        const wish = { runId, keyThumbprint, uploadId: id, nowMs: now };
        const sizeBytes = await store.captures.sending(wish);
        known = { untilMs: now + CHECK_MS, sizeBytes };
        for (const [old, { untilMs }] of sending) if (untilMs < now) sending.delete(old);
        sending.set(key, known);
      }
      return await files.add(id, { offset, bytes, sizeBytes: known.sizeBytes });
    },
  };
}
