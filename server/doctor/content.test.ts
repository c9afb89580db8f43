import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkContent } from './content.ts';

let data: string;
let hashes: string[];
const pathOf = (hash: string) => join(data, 'content', hash.slice(0, 2), hash);
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'metalwright-content-'));
  hashes = [];
  for (let number = 0; number < 20; number += 1) {
    const bytes = Buffer.alloc(10_000, number);
    const hash = createHash('sha256').update(bytes).digest('hex');
    await mkdir(join(pathOf(hash), '..'), { recursive: true });
    await writeFile(pathOf(hash), bytes);
    hashes.push(hash);
  }
  hashes.sort();
});
afterEach(() => rm(data, { recursive: true, force: true }));

const never = new AbortController().signal;
const settings = { sample: undefined, bytesPerSecond: 1e9, onProgress: () => {} };
const look = (more: Partial<Parameters<typeof checkContent>[0]> = {}, signal = never) =>
  checkContent({ dataDirectory: data, ...settings, ...more }, signal);

it('M33 finds the objects that have other bytes than their name says, one bit or one that is cut', async () => {
  expect(await look()).toMatchObject({ level: 'ok', message: expect.stringContaining('20 of 20') });
  const [flipped = '', cut = ''] = [hashes[3], hashes[17]];
  await writeFile(pathOf(flipped), Buffer.alloc(10_000, 0xf0));
  await writeFile(pathOf(cut), '');
  const found = await look();
  expect(found).toMatchObject({ level: 'problem', hint: expect.any(String) });
  expect(found.message).toContain(`2 are damaged or cannot be read: ${flipped}, ${cut}`);
  expect((await look({ sample: 5 })).message).toContain('5 of 20 objects');
  expect(await readdir(data)).toEqual(['content']);
});

it('M33 goes on where it was stopped, and remembers what it had found', async () => {
  await writeFile(pathOf(hashes[2] ?? ''), '');
  const stop = new AbortController();
  const seen: number[] = [];
  const onProgress = (done: number) => {
    seen.push(done);
    if (done === 8) stop.abort();
  };
  const stopped = await look({ onProgress }, stop.signal);
  expect(stopped.message).toContain('stopped after 8 of 20 objects, 1 of them damaged');
  seen.length = 0;
  const ended = await look({ onProgress: (done) => void seen.push(done) });
  expect(seen).toEqual([9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  expect(ended.message).toContain(`1 is damaged or cannot be read: ${hashes[2]}`);
});

it('reads no more in a second than it is told', async () => {
  const began = performance.now();
  await look({ bytesPerSecond: 500_000 });
  // 200,000 bytes.
  expect(performance.now() - began).toBeGreaterThan(350);
});
