import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attachLoopDisk, noLoopDevices } from './loop-disk.testing.ts';
import { writeImage } from './write-image.ts';

const run = promisify(execFile);
const MIB = 1024 ** 2;
const image = randomBytes(50 * MIB + 2048);
const none = Buffer.alloc(4096);
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usb-'));
});
afterAll(async () => rm(folder, { recursive: true }));

/** As a network hands it on: in pieces of any size. */
async function* sent(bytes: Uint8Array, piece = 70_001): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
}
const wish = (path: string, more: object = {}) => ({
  path,
  sizeBytes: image.length,
  onProgress: () => {},
  isThere: async () => true,
  ...more,
});
const signal = new AbortController().signal;
const stickOf = async (name: string, flags: readonly string[] = [], sizeBytes = 64 * MIB) =>
  attachLoopDisk(join(folder, name), sizeBytes, flags);

describe.skipIf(noLoopDevices() !== undefined)('M41 an image on a block device', () => {
  it('is there, byte for byte, and nothing behind it', async () => {
    await using stick = await stickOf('whole');
    const said: string[] = [];
    const onProgress = ({ phase }: { phase: string }) => said.push(phase);
    const sha256 = await writeImage(sent(image), wish(stick.path, { onProgress }), signal);
    expect(sha256).toBe(createHash('sha256').update(image).digest('hex'));
    const written = await readFile(join(folder, 'whole'));
    expect(written.subarray(0, image.length).equals(image)).toBe(true);
    expect(written.subarray(image.length).every((byte) => byte === 0)).toBe(true);
    expect(new Set(said)).toEqual(new Set(['write', 'verify']));
  });

  it.each([
    { name: 'ends too early', bytes: image.subarray(0, 20 * MIB) },
    { name: 'is longer than it was said to be', bytes: Buffer.concat([image, none]) },
  ])('that $name starts nothing', async ({ bytes }) => {
    await using stick = await stickOf('short');
    const writing = writeImage(sent(bytes), wish(stick.path), signal);
    await expect(writing).rejects.toMatchObject({ code: 'usb.image' });
    expect((await readFile(join(folder, 'short'))).subarray(0, 4096)).toEqual(none);
  });

  it('whose source breaks off, or whose writing is stopped, starts nothing', async () => {
    await using stick = await stickOf('broken');
    const breaking = async function* () {
      yield* sent(image.subarray(0, 30 * MIB));
      throw new Error('connection lost');
    };
    await expect(writeImage(breaking(), wish(stick.path), signal)).rejects.toThrow('connection');
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    const writing = writeImage(sent(image), wish(stick.path, { onProgress }), stop.signal);
    await expect(writing).rejects.toThrow(/abort/i);
    expect((await readFile(join(folder, 'broken'))).subarray(0, 4096)).toEqual(none);
  });

  it('that another program has is left alone', async () => {
    await using stick = await stickOf('mounted');
    await run('mkfs.ext4', ['-q', stick.path]);
    const place = join(folder, 'place');
    await mkdir(place);
    await run('mount', [stick.path, place]);
    try {
      await expect(writeImage(sent(image), wish(stick.path), signal)).rejects.toMatchObject({
        code: 'usb.busy',
      });
    } finally {
      await run('umount', [place]);
    }
  });

  it('that another program looks at for a moment is waited for', async () => {
    await using stick = await stickOf('looked-at');
    const other = await open(stick.path, constants.O_RDONLY | constants.O_EXCL);
    setTimeout(() => void other.close(), 400);
    await writeImage(sent(image), wish(stick.path), signal);
  });

  it('that is read-only says so', async () => {
    await using stick = await stickOf('locked', ['--read-only']);
    const writing = writeImage(sent(image), wish(stick.path), signal);
    // Root may open it on some kernels, and is refused when it writes.
    await expect(writing).rejects.toMatchObject({
      code: expect.stringMatching(/^usb\.(read-only|denied)$/),
    });
  });

  it('that is smaller than it says is full', async () => {
    await using stick = await stickOf('small', [], 40 * MIB);
    await expect(writeImage(sent(image), wish(stick.path), signal)).rejects.toMatchObject({
      code: 'usb.full',
    });
  });

  it.each([
    { isThere: true, code: 'usb.io' },
    { isThere: false, code: 'usb.gone' },
  ])(
    'that fails in the middle says whether it is still there: $code',
    async ({ isThere, code }) => {
      const place = join(folder, code);
      await mkdir(place);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', place]);
      try {
        await using stick = await attachLoopDisk(join(place, 'stick'), 64 * MIB);
        const more = { isThere: async () => isThere };
        await expect(writeImage(sent(image), wish(stick.path, more), signal)).rejects.toMatchObject(
          {
            code,
          },
        );
      } finally {
        await run('umount', [place]);
      }
    },
  );

  it('that keeps something else is found when it is read back', async () => {
    await using stick = await stickOf('liar');
    const onProgress = ({ phase, fraction }: { phase: string; fraction: number }) => {
      if (phase !== 'write' || fraction !== 1) return;
      const file = openSync(join(folder, 'liar'), 'r+');
      writeSync(file, Buffer.from([(image[30 * MIB] ?? 0) ^ 1]), 0, 1, 30 * MIB);
      closeSync(file);
    };
    const writing = writeImage(sent(image), wish(stick.path, { onProgress }), signal);
    await expect(writing).rejects.toMatchObject({ code: 'usb.verify' });
  });
});
