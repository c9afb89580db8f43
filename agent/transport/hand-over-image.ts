import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CAPTURE_PART_BYTES,
  type CapturedImageAck,
  type CapturedImageOffer,
  type CapturedImageState,
} from '../protocol/captured-image.ts';
import { CHUNK_BYTES } from '../protocol/content.ts';
import { Sha256 } from '../protocol/identity.ts';
import type { HandOverImage, StepProgress } from '../sequence/step.ts';
import { StepError } from '../sequence/step-error.ts';
import { TransportError } from './transport-error.ts';

const POLL_MS = 1000;

/** The way to the server; each call asks again until it is answered or refused. */
export interface ImageReceiver {
  offer(offer: CapturedImageOffer, signal: AbortSignal): Promise<CapturedImageState>;
  send(
    part: { readonly id: string; readonly offset: number; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<CapturedImageAck>;
}

/**
 * Hands a captured image to the server: offers it by its hashes, sends from where the server is, and asks until it is an OS
 * image there. Whatever was cut off, on this side or that, the next offer goes on.
 */
export function imageHandOver(
  receiver: ImageReceiver,
  pollMs = POLL_MS,
): (step: string) => HandOverImage {
  return (step) =>
    async function* handOver({ file: path, name }, signal) {
      await using file = await open(path, 'r');
      const hashes = yield* hashesOf(file, signal);
      const offer = { step, name, ...hashes };
      for (;;) {
        const state = await refused(receiver.offer(offer, signal));
        switch (state.state) {
          case 'receiving':
            yield* send({ receiver, file, sizeBytes: hashes.sizeBytes }, state, signal);
            break;
          case 'checking':
            yield { detail: 'The server looks at the image' };
            await wait(pollMs, undefined, { signal });
            break;
          case 'kept':
            return { packageId: state.packageId, version: state.version };
        }
      }
    };
}

/** Sends until all is there, or the server has less than it had: then it is to be asked anew. */
async function* send(
  {
    receiver,
    file,
    sizeBytes,
  }: {
    readonly receiver: ImageReceiver;
    readonly file: FileHandle;
    readonly sizeBytes: number;
  },
  { id, have }: Extract<CapturedImageState, { state: 'receiving' }>,
  signal: AbortSignal,
): AsyncGenerator<StepProgress, void> {
  for (let offset = have; offset < sizeBytes; ) {
    yield { detail: 'Sending the image', doneBytes: offset, totalBytes: sizeBytes };
    const length = Math.min(CAPTURE_PART_BYTES, sizeBytes - offset);
    const bytes = await readAt(file, offset, length);
    const answer = await refused(receiver.send({ id, offset, bytes }, signal));
    if (answer.have <= offset) return;
    offset = answer.have;
  }
}

async function* hashesOf(
  file: FileHandle,
  signal: AbortSignal,
): AsyncGenerator<StepProgress, Pick<CapturedImageOffer, 'sizeBytes' | 'sha256' | 'chunks'>> {
  const { size: sizeBytes } = await file.stat();
  const whole = createHash('sha256');
  const chunks: Sha256[] = [];
  for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) {
    signal.throwIfAborted();
    yield { detail: 'Hashing the image', doneBytes: at, totalBytes: sizeBytes };
    const bytes = await readAt(file, at, Math.min(CHUNK_BYTES, sizeBytes - at));
    whole.update(bytes);
    chunks.push(Sha256.parse(createHash('sha256').update(bytes).digest('hex')));
  }
  return { sizeBytes, sha256: Sha256.parse(whole.digest('hex')), chunks };
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0)
      throw new StepError('capture.read-back', `The captured image ends at ${offset + done}`, {
        hint: 'The disk that it is on may be failing.',
      });
    done += bytesRead;
  }
  return bytes;
}

/** What the server refuses is what the step fails with. */
async function refused<Value>(asking: Promise<Value>): Promise<Value> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const { code, message, hint } = error;
    throw new StepError(code, message, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}
