import { createHash, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { objectPieces } from '#media/manifest.ts';
import { RunId } from '../protocol/identity.ts';
import { isMediaRunClaim, readMediaRunClaim } from '../protocol/media-run.ts';
import { Policy, RunGrant } from '../protocol/policy.ts';
import { RunEvent } from '../protocol/run-event.ts';
import { MEDIA_SOURCE, StandAloneGrant, StandAloneRun } from '../protocol/stand-alone.ts';
import { keysOfMedia, keysOfRun, MediaTransport } from './media.ts';
import { mediaChunks } from './media-chunks.ts';

const signal = new AbortController().signal;
const grant = StandAloneGrant.parse({
  sequenceId: 'MW100001',
  sequenceVersion: 3,
  sequenceName: 'Bench',
  description: 'for benches',
  documentJson: '{}',
  documentSha256: 'ab'.repeat(32),
  content: { MW100002: { kind: 'missing', packageId: 'MW100002', reason: 'gone' } },
  unattended: false,
});
const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' }).toString('base64');
const mediaId = randomUUID();
const pair = generateKeyPairSync('ed25519');
const newKeys = (own = generateKeyPairSync('ed25519')) =>
  keysOfMedia(own.privateKey, { mediaId, grant });
const key = newKeys(pair);
const registration = {
  identity: {} as never,
  environment: 'linux-pe',
  agentVersion: '0.1.0',
} as const;

describe('M45 stand-alone media in the place of a server', () => {
  it('offer their one sequence, to a person or by themselves', async () => {
    const media = new MediaTransport(grant, key);
    await media.register(registration, signal);
    expect(Policy.parse(await media.policy(signal))).toMatchObject({
      kind: 'offers',
      start: null,
      offers: [{ name: 'Bench', description: 'for benches', purpose: 'available' }],
    });
    const alone = new MediaTransport({ ...grant, unattended: true }, key);
    const policy = Policy.parse(await alone.policy(signal));
    expect(policy.kind === 'offers' && policy.start).toBe('MEDIA');
  });

  it('ask a person for what is set to nothing, and give it to the run', async () => {
    const runId = RunId.parse(randomUUID());
    const media = new MediaTransport(grant, key);
    const asks = [
      { name: 'Room', secret: false },
      { name: 'JoinPassword', secret: true },
    ];
    media.askFor(asks);
    expect(Policy.parse(await media.policy(signal))).toMatchObject({ start: null, asks });
    const variables = [
      { name: 'Room', value: '12' },
      { name: 'JoinPassword', value: 'hunter2!' },
    ];
    const deploymentId = grant.sequenceId as never;
    expect((await media.startRun({ runId, deploymentId, variables }, signal)).variables).toEqual([
      { name: 'Room', value: '12', secret: false },
      { name: 'JoinPassword', value: 'hunter2!', secret: true },
    ]);
  });

  it('grant a run what is on them, and the same run again after a restart of the machine', async () => {
    const runId = RunId.parse(randomUUID());
    const first = new MediaTransport(grant, key);
    const granted = RunGrant.parse(
      await first.startRun({ runId, deploymentId: grant.sequenceId as never }, signal),
    );
    expect(granted).toMatchObject({ documentJson: '{}', content: grant.content, have: 0 });
    expect(Buffer.from(granted.runKey, 'base64')).toHaveLength(32);
    const { resumeToken } = granted;
    const again = new MediaTransport(grant, key);
    await again.register({ ...registration, resume: { runId, resumeToken } }, signal);
    expect(await again.policy(signal)).toEqual({ kind: 'resume', runId });
    expect(await again.run(runId, signal)).toEqual(granted);
    const others = new MediaTransport(grant, newKeys());
    await others.register({ ...registration, resume: { runId, resumeToken } }, signal);
    expect(await others.policy(signal)).toMatchObject({ kind: 'offers' });
  });

  it('give an installed system the keys of its own run alone, and it goes on there', async () => {
    const runId = RunId.parse(randomUUID());
    const media = { id: randomUUID(), label: 'Stick', launchMode: 'UFD' } as const;
    const first = new MediaTransport(grant, key);
    expect(first.keptRun(media)).toBeUndefined();
    const granted = await first.startRun(
      { runId, deploymentId: grant.sequenceId as never },
      signal,
    );
    const { resumeToken } = granted;
    first.rememberResume({ runId, resumeToken });
    const kept = StandAloneRun.parse(JSON.parse(JSON.stringify(first.keptRun(media))));
    const inSystem = new MediaTransport(kept.grant, keysOfRun(kept));
    await inSystem.register({ ...registration, resume: { runId, resumeToken } }, signal);
    expect(await inSystem.policy(signal)).toEqual({ kind: 'resume', runId });
    expect(await inSystem.run(runId, signal)).toEqual(granted);
    const other = RunId.parse(randomUUID());
    expect(inSystem.owns({ runId: other, resumeToken })).toBe(false);
    const claim = inSystem.claimOf(runId)?.claim ?? '';
    expect(readMediaRunClaim(claim)).toMatchObject({ runId, mediaId, sequenceName: 'Bench' });
    expect(isMediaRunClaim(claim, spki(pair.publicKey))).toBe(true);
    expect(isMediaRunClaim(claim, spki(generateKeyPairSync('ed25519').publicKey))).toBe(false);
    await expect(inSystem.run(other, signal)).rejects.toMatchObject({ code: 'run.lost' });
  });

  it('keep up nobody with events, logs and progress', async () => {
    const media = new MediaTransport(grant, key);
    const runId = RunId.parse(randomUUID());
    const fact = { kind: 'resumed', environment: 'linux-pe', from: 'journal' } as const;
    const event = RunEvent.parse({ runId, seq: 7, atMs: 1, fact });
    expect(await media.postEvents(runId, [event], signal)).toEqual({ have: 7 });
    expect(await media.postLog(runId, { offset: 10, text: 'grün' }, signal)).toEqual({ have: 15 });
    expect(await media.eventsAfter(runId, 0, signal)).toEqual([]);
  });
});

describe('M45 content on media', () => {
  it('is read by the chunk, says what is missing, and what ends too early', async () => {
    await using folder = {
      path: await mkdtemp(join(tmpdir(), 'media-chunks-')),
      async [Symbol.asyncDispose]() {
        await rm(this.path, { recursive: true });
      },
    };
    const bytes = Buffer.alloc(5000, 'metalwright');
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const path = join(folder.path, objectPieces(sha256, bytes.length)[0]?.path ?? '');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    const fetch = mediaChunks(async () => folder.path);
    const at = (hash: string) => `${MEDIA_SOURCE}/content/${hash.slice(0, 2)}/${hash}`;
    const url = at(sha256);
    expect(Buffer.from(await fetch({ url, first: 10, last: 4999 }, signal))).toEqual(
      bytes.subarray(10),
    );
    const into = new Uint8Array(6000);
    expect(await fetch({ url, first: 0, last: 9, into }, signal)).toHaveLength(10);
    await expect(fetch({ url, first: 0, last: 5000 }, signal)).rejects.toMatchObject({
      code: 'content.damaged',
    });
    await expect(
      fetch({ url: at('0'.repeat(64)), first: 0, last: 1 }, signal),
    ).rejects.toMatchObject({ code: 'content.missing' });
  });

  it('lies in pieces where it is large', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'media-pieces-'));
    const sha256 = 'cd'.repeat(32);
    const size = 2 ** 31 + 100;
    const [, second] = objectPieces(sha256, size);
    const path = join(folder, second?.path ?? '');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.alloc(100, 7));
    const url = `${MEDIA_SOURCE}/content/cd/${sha256}`;
    const read = await mediaChunks(async () => folder)(
      { url, first: 2 ** 31, last: size - 1 },
      signal,
    );
    expect(Buffer.from(read)).toEqual(Buffer.alloc(100, 7));
    await rm(folder, { recursive: true });
  });
});
