import { createHash } from 'node:crypto';
import { readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  CAPTURE_PART_BYTES,
  CapturedImageAck,
  CapturedImageOffer,
  CapturedImageState,
} from '#agent/protocol/captured-image.ts';
import { CHUNK_BYTES } from '#agent/protocol/content.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import type { RunGrant } from '#agent/protocol/policy.ts';
import { sendFacts, startRun, type TestMachine, type TestSite } from './test-machines.ts';
import { runStarted, stepFinished, stepStarted } from './testing/run-facts.ts';
import { wimBytes } from './testing/wim-bytes.ts';
import { withTestSite } from './testing/with-test-site.ts';

const MIB = 1024 * 1024;
let site: TestSite;
withTestSite(async (opened) => {
  site = opened;
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
function offerOf(name: string, bytes: Buffer, change: object = {}): CapturedImageOffer {
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    chunks.push(sha256(bytes.subarray(at, at + CHUNK_BYTES)));
  const facts = { sizeBytes: bytes.length, sha256: sha256(bytes), chunks };
  return CapturedImageOffer.parse({ step: '1', name, ...facts, ...change });
}

/** A machine whose run has come to its capture. */
async function capturing(): Promise<{ machine: TestMachine; grant: RunGrant }> {
  const machine = await site.machine();
  const sequence = await site.store({
    name: `Capture ${machine.device}`,
    steps: [
      { step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } },
      { step: 'Capture', type: 'capture-image', params: { destination: 'server:%Name%' } },
    ],
  });
  const grant = await startRun(machine, await site.deploy(sequence, [machine]));
  await sendFacts(machine, grant.runId, [
    runStarted(grant, { environment: 'linux-pe' }),
    stepStarted('0'),
    stepFinished('0'),
    stepStarted('1'),
  ]);
  return { machine, grant };
}
type Capturing = Awaited<ReturnType<typeof capturing>>;

const ask = async ({ machine, grant }: Capturing, offer: CapturedImageOffer) =>
  machine.agent.call('POST', agentPaths.capturedImages(grant.runId), offer);
const stateOf = async (run: Capturing, offer: CapturedImageOffer) =>
  CapturedImageState.parse((await ask(run, offer)).json);
const put = async ({ machine, grant }: Capturing, id: string, offset: number, bytes: Uint8Array) =>
  machine.agent.call('PUT', `${agentPaths.capturedImage(grant.runId, id)}?offset=${offset}`, bytes);

/** Sends from where the server is up to a byte; returns the id of the upload. */
async function sendUpTo(run: Capturing, offer: CapturedImageOffer, bytes: Buffer, end: number) {
  const state = await stateOf(run, offer);
  if (state.state !== 'receiving') throw new Error(`it is ${state.state}`);
  for (let at = state.have; at < end; ) {
    const part = bytes.subarray(at, Math.min(at + CAPTURE_PART_BYTES, end));
    at = CapturedImageAck.parse((await put(run, state.id, at, part)).json).have;
  }
  return state.id;
}
async function untilKept(run: Capturing, offer: CapturedImageOffer) {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await ask(run, offer);
    if (answer.status !== 200) return answer.json;
    const state = CapturedImageState.parse(answer.json);
    if (state.state !== 'checking') return state;
    await wait(20);
  }
  throw new Error('it was never kept');
}
const partials = async (): Promise<string[]> =>
  readdir(join(site.directory, 'data', 'content', 'captured')).catch(() => []);

describe('M44 an image that a machine hands over', () => {
  it('becomes an OS image with what its WIM says, a version more for the next, and an entry of the audit log', async () => {
    const bytes = wimBytes('reference', 9 * MIB);
    const run = await capturing();
    const offer = offerOf(' Debian gold ', bytes);
    await sendUpTo(run, offer, bytes, bytes.length);
    const first = await untilKept(run, offer);
    expect(first).toMatchObject({ state: 'kept', version: 1 });
    const images = await site.app.store.packages.images();
    expect(images.find(({ name }) => name === 'Debian gold')).toMatchObject({
      sizeBytes: bytes.length,
      fileCount: 1,
      images: [{ index: 1, name: 'reference', kind: 'linux', architecture: 'x64' }],
    });
    // Answered late: the same again.
    expect(await untilKept(run, offer)).toEqual(first);
    const audit = await site.app.store.audit.list(10, { action: 'image.capture' });
    expect(audit).toHaveLength(1);
    expect(audit[0]).toMatchObject({
      who: expect.stringMatching(/^PC-/),
      detail: { name: 'Debian gold', version: 1, run: run.grant.runId, step: '1' },
    });
    expect(await partials()).toEqual([]);

    const next = await capturing();
    const other = wimBytes('again', 5 * MIB);
    const again = offerOf('debian GOLD', other);
    await sendUpTo(next, again, other, other.length);
    expect(await untilKept(next, again)).toMatchObject({ version: 2 });
  });

  it('goes on where it was: a part that comes twice, late, or too early changes nothing', async () => {
    const bytes = wimBytes('parts', 6 * MIB);
    const run = await capturing();
    const offer = offerOf('Parts', bytes);
    const id = await sendUpTo(run, offer, bytes, 3 * MIB);
    const have = async (offset: number, part: Uint8Array) =>
      (await put(run, id, offset, part)).json['have'];
    expect(await have(0, bytes.subarray(0, MIB))).toBe(3 * MIB);
    expect(await have(2 * MIB, Buffer.alloc(MIB))).toBe(3 * MIB);
    expect(await have(5 * MIB, bytes.subarray(5 * MIB, 6 * MIB))).toBe(3 * MIB);
    const both = [3, 3].map(async (at) => have(at * MIB, bytes.subarray(at * MIB, (at + 1) * MIB)));
    expect(await Promise.all(both)).toEqual([4 * MIB, 4 * MIB]);
    expect(await stateOf(run, offer)).toEqual({ state: 'receiving', id, have: 4 * MIB });
    await sendUpTo(run, offer, bytes, bytes.length);
    expect(await untilKept(run, offer)).toMatchObject({ state: 'kept' });
  });

  it('outlives a restart of the server; what may not have been on the disk is asked for again', async () => {
    const bytes = wimBytes('restart', 3 * MIB);
    const run = await capturing();
    const offer = offerOf('Restarted', bytes);
    await sendUpTo(run, offer, bytes, 2 * MIB);
    await site.restart();
    run.machine.agent.moveTo(site.app.addresses.agents);
    await run.machine.agent.register();
    const state = await stateOf(run, offer);
    // Less than 64 MiB: none of it was synced.
    expect(state).toMatchObject({ state: 'receiving', have: 0 });
    await sendUpTo(run, offer, bytes, bytes.length);
    expect(await untilKept(run, offer)).toMatchObject({ state: 'kept' });
  });

  it('finds a part that its disk has spoilt, and has it sent again', async () => {
    const bytes = wimBytes('spoilt', 10 * MIB);
    const run = await capturing();
    const offer = offerOf('Spoilt', bytes);
    const id = await sendUpTo(run, offer, bytes, bytes.length);
    const path = join(site.directory, 'data', 'content', 'captured', id);
    await writeFile(
      path,
      Buffer.concat([bytes.subarray(0, 5 * MIB), Buffer.alloc(bytes.length - 5 * MIB)]),
    );
    expect(await untilKept(run, offer)).toMatchObject({ state: 'receiving', have: CHUNK_BYTES });
    expect((await stat(path)).size).toBe(CHUNK_BYTES);
    await sendUpTo(run, offer, bytes, bytes.length);
    // A file that became shorter is found, too.
    await truncate(path, bytes.length - 1);
    expect(await untilKept(run, offer)).toMatchObject({ have: 2 * CHUNK_BYTES });
    await sendUpTo(run, offer, bytes, bytes.length);
    expect(await untilKept(run, offer)).toMatchObject({ state: 'kept' });
  });

  it('is taken from the step that runs alone, by the key of its run', async () => {
    const bytes = wimBytes('rights', MIB);
    const run = await capturing();
    const offer = offerOf('Rights', bytes);
    const id = await sendUpTo(run, offer, bytes, 1000);
    const other = await capturing();
    const stolen = { machine: other.machine, grant: run.grant };
    expect((await ask(stolen, offer)).json['code']).toBe('run.key');
    expect((await put(stolen, id, 1000, bytes.subarray(1000, 2000))).json['code']).toBe('run.key');
    for (const step of ['0', '2', 'x', '1/0'])
      expect((await ask(run, offerOf('Rights', bytes, { step }))).json['code']).toBe(
        'capture.step',
      );
    await sendFacts(run.machine, run.grant.runId, [stepFinished('1')], 5);
    expect(await ask(run, offer)).toMatchObject({ status: 409, json: { code: 'capture.step' } });
    const none = '0'.repeat(32);
    expect((await put(other, none, 0, bytes.subarray(0, 10))).json['code']).toBe(
      'upload.not-found',
    );
  });

  it('replaces no image that somebody else has added', async () => {
    const bytes = wimBytes('trusted', MIB);
    const { store } = site.app;
    const object = {
      path: 'image.wim',
      sizeBytes: 1,
      sha256: offerOf('x', bytes).sha256,
      chunks: [],
    };
    await store.packages.add(
      { name: 'Trusted', kind: 'os-image', objects: [object], images: [] },
      1,
    );
    const run = await capturing();
    expect(await ask(run, offerOf('TRUSTED', bytes))).toMatchObject({
      status: 409,
      json: { code: 'capture.name-taken' },
    });
  });

  it.each([
    ['a file that is no WIM', Buffer.alloc(MIB, 'x'), {}, /^wim\./],
    [
      'fewer hashes than it has chunks',
      wimBytes('few', 5 * MIB),
      { chunks: ['ab'.repeat(32)] },
      /^capture\.offer$/,
    ],
    ['no name', wimBytes('none', 1000), { name: '  ' }, /^request\.invalid$/],
    ['nothing', wimBytes('none', 1000), { sizeBytes: 0 }, /^request\.invalid$/],
  ])('refuses %s', async (_what, bytes, change, code) => {
    const run = await capturing();
    const name = `Bad ${run.grant.runId}`;
    const offer = { ...offerOf(name, bytes), ...change } as CapturedImageOffer;
    const first = await ask(run, offer);
    if (first.status === 200) {
      await sendUpTo(run, offer, bytes, bytes.length);
      expect(await untilKept(run, offer)).toMatchObject({ code: expect.stringMatching(code) });
    } else expect(first.json['code']).toMatch(code);
    const images = await site.app.store.packages.images();
    expect(images.some((image) => image.name === name)).toBe(false);
  });

  it('says so where its hash is not that of its parts, and takes it anew', async () => {
    const bytes = wimBytes('lie', 2 * MIB);
    const run = await capturing();
    const offer = offerOf('Lie', bytes, { sha256: 'ab'.repeat(32) });
    await sendUpTo(run, offer, bytes, bytes.length);
    expect(await untilKept(run, offer)).toMatchObject({ state: 'receiving', have: 0 });
  });

  it('takes no part that is longer than it was said to be, or too large', async () => {
    const bytes = wimBytes('long', MIB);
    const run = await capturing();
    const id = await sendUpTo(run, offerOf('Long', bytes), bytes, 1000);
    expect((await put(run, id, 1000, Buffer.alloc(MIB))).json['code']).toBe('content.too-long');
    expect((await put(run, id, 1000, Buffer.alloc(2 * MIB))).status).toBe(413);
  });

  it('is forgotten a day after nobody went on with it', async () => {
    const bytes = wimBytes('left', 2 * MIB);
    const run = await capturing();
    const id = await sendUpTo(run, offerOf('Left', bytes), bytes, MIB);
    expect(await partials()).toContain(id);
    site.clock.nowMs += 25 * 3_600_000;
    await site.restart();
    for (let tries = 0; tries < 100 && (await partials()).includes(id); tries += 1) await wait(20);
    expect(await partials()).not.toContain(id);
  });
});
