import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sha256 } from '#agent/protocol/identity.ts';
import { type ContentStore, openContentStore } from './store.ts';
import { createIntake } from './take-in.ts';

let directory: string;
let content: ContentStore;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-take-in-'));
  content = await openContentStore(directory);
});
afterAll(async () => {
  await content.close();
  await rm(directory, { recursive: true, force: true });
});

const bytes = (text: string) => Readable.from([Buffer.from(text)]);
const refuse = () => Promise.reject(new Error('no WIM'));
const isThere = (sha256: Sha256) =>
  content.file(sha256).then(
    () => true,
    () => false,
  );

function setUp(referred: readonly Sha256[] = []) {
  let seen: Sha256 | undefined;
  const intake = createIntake(content, async (sha256) => {
    seen = sha256;
    return referred.includes(sha256);
  });
  return { ...intake, lastAsked: () => seen };
}

it('keeps what is made use of, and nothing of what is refused', async () => {
  const { takeIn, lastAsked } = setUp();
  const kept = await takeIn(bytes('used'), 'a', async ({ sha256 }) => sha256);
  expect(await isThere(kept)).toBe(true);
  await expect(takeIn(bytes('refused'), 'a', refuse)).rejects.toThrow('no WIM');
  const gone = lastAsked();
  expect(gone === undefined || (await isThere(gone))).toBe(false);
});

it('leaves what was there before, and what is referred to', async () => {
  const before = await content.ingest(bytes('there before'), 'a');
  const { takeIn } = setUp();
  await expect(takeIn(bytes('there before'), 'b', refuse)).rejects.toThrow('no WIM');
  expect(await isThere(before.sha256)).toBe(true);

  let sha256: Sha256 | undefined;
  const referred: Sha256[] = [];
  await expect(
    setUp(referred).takeIn(bytes('referred'), 'a', async (object) => {
      sha256 = object.sha256;
      referred.push(object.sha256);
      throw new Error('late');
    }),
  ).rejects.toThrow('late');
  expect(sha256 !== undefined && (await isThere(sha256))).toBe(true);
});

it('does not take away what another upload makes use of', async () => {
  const { takeIn } = setUp();
  const firstIsIn = Promise.withResolvers<void>();
  const refuseFirst = Promise.withResolvers<never>();
  const first = takeIn(bytes('twice'), 'a', () => {
    firstIsIn.resolve();
    return refuseFirst.promise;
  });
  const refusal = expect(first).rejects.toThrow('taken');
  await firstIsIn.promise;
  const sha256 = await takeIn(bytes('twice'), 'b', async (object) => {
    refuseFirst.reject(new Error('taken'));
    await refusal;
    return object.sha256;
  });
  expect(await isThere(sha256)).toBe(true);
});

it('discards what nothing refers to, and leaves what is referred to or made use of', async () => {
  const old = await content.ingest(bytes('of an upload that was left'), 'a');
  const { takeIn, discard } = setUp();
  await setUp([old.sha256]).discard(old.sha256);
  expect(await isThere(old.sha256)).toBe(true);
  await takeIn(bytes('of an upload that was left'), 'b', () => discard(old.sha256));
  expect(await isThere(old.sha256)).toBe(true);
  await discard(old.sha256);
  await discard(old.sha256);
  expect(await isThere(old.sha256)).toBe(false);
});
