import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CAPTURE_PART_BYTES, type CapturedImageOffer } from '../protocol/captured-image.ts';
import { CHUNK_BYTES } from '../protocol/content.ts';
import { PackageId } from '../protocol/identity.ts';
import type { StepProgress } from '../sequence/step.ts';
import { type ImageReceiver, imageHandOver } from './hand-over-image.ts';
import { TransportError } from './transport-error.ts';

const bytes = randomBytes(2 * CHUNK_BYTES + 12_345);
const packageId = PackageId.parse('MW100001');
const { signal } = new AbortController();
let folder = '';
let file = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-hand-over-'));
  file = join(folder, 'a.wim');
  await writeFile(file, bytes);
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

/** A server in memory; `before` may change what it has, or refuse. */
class Server implements ImageReceiver {
  kept = Buffer.alloc(0);
  offers: CapturedImageOffer[] = [];
  checks = 0;
  sent = 0;
  before: (call: number) => void = () => {};
  #calls = 0;

  async offer(offer: CapturedImageOffer) {
    this.before(++this.#calls);
    this.offers.push(offer);
    if (this.kept.length < offer.sizeBytes)
      return { state: 'receiving', id: '0'.repeat(32), have: this.kept.length } as const;
    this.checks += 1;
    if (this.checks < 3) return { state: 'checking' } as const;
    return { state: 'kept', packageId, version: 2 } as const;
  }

  async send({ offset, bytes: part }: { readonly offset: number; readonly bytes: Uint8Array }) {
    this.before(++this.#calls);
    this.sent += 1;
    if (offset === this.kept.length) this.kept = Buffer.concat([this.kept, part]);
    return { have: this.kept.length };
  }
}

async function handOver(server: ImageReceiver) {
  const seen: StepProgress[] = [];
  const running = imageHandOver(server, 1)('3/1')({ file, name: 'Gold' }, signal);
  for (;;) {
    const step = await running.next();
    if (step.done === true) return { seen, ...step.value };
    seen.push(step.value);
  }
}

describe('M44 handing a captured image over', () => {
  it('offers it by its hashes, sends all of it, and waits until it is kept', async () => {
    const server = new Server();
    const { seen, ...kept } = await handOver(server);
    expect(kept).toEqual({ packageId, version: 2 });
    expect(server.kept.equals(bytes)).toBe(true);
    const sha256 = (part: Uint8Array) => createHash('sha256').update(part).digest('hex');
    expect(server.offers[0]).toEqual({
      step: '3/1',
      name: 'Gold',
      sizeBytes: bytes.length,
      sha256: sha256(bytes),
      chunks: [0, 1, 2].map((n) => sha256(bytes.subarray(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES))),
    });
    expect(server.sent).toBe(Math.ceil(bytes.length / CAPTURE_PART_BYTES));
    expect(seen).toContainEqual({
      detail: 'Sending the image',
      doneBytes: CAPTURE_PART_BYTES,
      totalBytes: bytes.length,
    });
  });

  it('goes on where the server is: with a part of it, all of it, or less than it had', async () => {
    const half = new Server();
    half.kept = bytes.subarray(0, 5_000_001);
    await handOver(half);
    expect(half.kept.equals(bytes)).toBe(true);
    expect(half.sent).toBe(Math.ceil((bytes.length - 5_000_001) / CAPTURE_PART_BYTES));

    const whole = new Server();
    whole.kept = bytes;
    await handOver(whole);
    expect(whole.sent).toBe(0);

    const restarted = new Server();
    restarted.before = (call) => {
      if (call === 6) restarted.kept = restarted.kept.subarray(0, 1000);
    };
    await handOver(restarted);
    expect(restarted.kept.equals(bytes)).toBe(true);

    // It found the end of it spoilt when it looked.
    const spoilt = new Server();
    spoilt.before = () => {
      if (spoilt.checks !== 1) return;
      spoilt.checks = 2;
      spoilt.kept = spoilt.kept.subarray(0, CHUNK_BYTES);
    };
    await handOver(spoilt);
    expect(spoilt.kept.equals(bytes)).toBe(true);
  });

  it.each([1, 2, 5])('fails with what the server refuses it with, in call %i', async (refused) => {
    const server = new Server();
    server.before = (call) => {
      if (call === refused)
        throw new TransportError('capture.name-taken', 'taken', { status: 409, hint: 'Another.' });
    };
    await expect(handOver(server)).rejects.toMatchObject({
      name: 'StepError',
      code: 'capture.name-taken',
      hint: 'Another.',
    });
  });

  it('finds that the file has become shorter', async () => {
    const server = new Server();
    server.before = (call) => {
      if (call === 3) void truncate(file, 100);
    };
    const parts = handOver(server);
    await expect(parts).rejects.toMatchObject({ code: 'capture.read-back' });
  });
});
