import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RunId, SequenceId } from '#agent/protocol/identity.ts';
import { formatMediaRunClaim, type MediaRun } from '#agent/protocol/media-run.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunEvent, type RunFact } from '#agent/protocol/run-event.ts';
import { policyOf, type TestMachine, type TestSite } from '../test-machines.ts';
import { runStarted, stepFinished, stepStarted } from '../testing/run-facts.ts';
import { withTestSite } from '../testing/with-test-site.ts';
import { testMediaRecord } from './media-record.testing.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});
const documentJson = JSON.stringify({
  name: 'Bench',
  steps: [{ step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } }],
});
const documentSha256 = createHash('sha256').update(documentJson).digest('hex');
const finished: RunFact = { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' };

/** A run that has ended, as a machine keeps it. */
async function endedRun(facts: readonly RunFact[] = [finished]) {
  const runId = RunId.parse(randomUUID());
  const mediaId = randomUUID();
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  await site.app.store.media.add(
    testMediaRecord({ id: mediaId, publicKey }, { kind: 'stand-alone' }),
  );
  const claim = formatMediaRunClaim(
    {
      runId,
      mediaId,
      sequenceId: SequenceId.parse('MW100001'),
      sequenceVersion: 1,
      sequenceName: 'Bench',
      documentSha256,
    },
    privateKey,
  );
  const all = [runStarted({ documentSha256 }), stepStarted('0'), stepFinished('0'), ...facts];
  const events = all.map((fact, index) =>
    RunEvent.parse({ runId, seq: index + 1, atMs: 1000 + index, fact }),
  );
  const run: MediaRun = { claim, documentJson, events };
  return { runId, mediaId, run };
}
const handOver = async ({ agent }: TestMachine, run: unknown) =>
  agent.call('POST', agentPaths.mediaRuns, run);

describe('M45 the history of a run from stand-alone media', () => {
  it('is taken once, of a machine that is known then, and never gone on with', async () => {
    const machine = await site.machine();
    const { runId, run } = await endedRun();
    expect((await handOver(machine, run)).json).toEqual({ taken: true });
    expect((await handOver(machine, run)).json).toEqual({ taken: false });
    const kept = await site.app.store.runs.get(runId);
    expect(kept).toMatchObject({ state: 'succeeded', sequenceName: 'Bench', startedMs: 1000 });
    expect(await site.app.store.runs.events(runId, 0, 10)).toHaveLength(4);
    expect(await policyOf(machine)).not.toMatchObject({ kind: 'resume' });
  });

  it('is not believed where the media did not sign it, or it was changed', async () => {
    const machine = await site.machine();
    const { run } = await endedRun();
    const refused = { status: 409, json: { code: 'run.media-claim' } };
    const other = await endedRun();
    for (const changed of [
      { ...run, claim: `${run.claim.split('.')[0]}.${other.run.claim.split('.')[1]}` },
      { ...run, claim: 'nothing' },
      { ...run, documentJson: documentJson.replace('yes', 'no') },
      { ...run, events: other.run.events },
      { ...run, events: run.events.slice(1) },
    ])
      expect(await handOver(machine, changed)).toMatchObject(refused);
    await site.app.store.media.remove(other.mediaId);
    expect(await handOver(machine, other.run)).toMatchObject({ json: { code: 'media.not-found' } });
  });

  it('leaves nothing behind where it has not ended', async () => {
    const machine = await site.machine();
    const { runId, run } = await endedRun([]);
    expect(await handOver(machine, run)).toMatchObject({
      status: 409,
      json: { code: 'run.not-ended' },
    });
    expect(await site.app.store.runs.get(runId)).toBeNull();
    expect(await policyOf(machine)).not.toMatchObject({ kind: 'resume' });
  });

  it('waits for a record of the machine', async () => {
    const { run } = await endedRun();
    const { device } = await site.machine();
    const wish = { run, keyThumbprint: 'k', nowMs: 1 };
    const { mediaRuns } = site.app.store;
    await expect(mediaRuns.take({ ...wish, deviceId: null })).rejects.toMatchObject({
      code: 'run.lost',
    });
    expect(await mediaRuns.take({ ...wish, deviceId: device })).toMatchObject({ taken: true });
  });
});
