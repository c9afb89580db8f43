import { describe, expect, it } from 'vitest';
import { PackageId, type SequenceId, Sha256 } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import { type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { wholeSnapshot } from './netboot/testing/whole-snapshot.ts';
import { sendFacts, startRun, type TestMachine, type TestSite } from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

const apply = (image: object) => ({
  step: 'OS',
  type: 'apply-image',
  params: { image, destination: 'next-available' },
});
const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: '1' } };
const addImage = (name: string, packageId?: PackageId) =>
  site.app.store.packages.add(
    { name, kind: 'os-image', objects: [], images: [], packageId },
    site.clock.nowMs,
  );
/** Stores a sequence whose images are there, and then are lost. */
async function storeAndLose(
  document: Parameters<TestSite['store']>[0],
  images: readonly { readonly name: string; readonly id?: PackageId }[],
): Promise<SequenceId> {
  const made = [];
  for (const { name, id } of images) made.push(await addImage(name, id));
  const sequence = await site.store(document);
  await site.lose(...made.map(({ id }) => id));
  return sequence;
}
const started: RunFact = {
  kind: 'run-started',
  documentSha256: 'x',
  agentVersion: '0.1.0',
  machineKey: 'k',
  variables: [],
  environment: 'linux-pe',
};
const stepStarted: RunFact = {
  kind: 'step-started',
  stepId: StepId.parse('0'),
  name: 'OS',
  attempt: 1,
};
async function again({ agent }: TestMachine, { runId }: RunGrant): Promise<RunGrant> {
  return RunGrant.parse((await agent.call('GET', agentPaths.run(runId))).json);
}

describe('M06 content that was missing when the run was granted', () => {
  it('is a boot image as well, and no other package of that name', async () => {
    const add = (kind: 'os-image' | 'boot-image') =>
      site.app.store.packages.add({ name: 'Late PE', kind, objects: [], images: [] }, 0);
    const { id: gone } = await add('boot-image');
    const document = { name: 'Late start', bootImage: { name: 'Late PE' }, steps: [say] };
    const sequence = await site.store(document);
    const machine = await site.machine();
    const deployment = await site.deploy(sequence, [machine]);
    await site.lose(gone);
    const grant = await startRun(machine, deployment);
    const wanted = grant.bootImage ?? PackageId.parse('NONE');
    expect(grant.content[wanted]?.kind).toBe('missing');
    await add('os-image');
    expect((await again(machine, grant)).content[wanted]?.kind).toBe('missing');
    const { id } = await add('boot-image');
    const later = await again(machine, grant);
    expect(later.content).toMatchObject({
      [wanted]: { kind: 'found', manifest: { packageId: id } },
    });
    const snapshot = await wholeSnapshot(site.app.store, {
      revision: 1,
      bootImages: new Set(),
      interfaces: [],
      ports: { bootHttp: 1 },
      nowMs: 0,
    });
    expect(JSON.stringify(snapshot.devices)).toContain(JSON.stringify({ kind: 'windows-pe', id }));
  });

  it('is found once it is there, by name and by id, in the document that was pinned', async () => {
    const sequence = await storeAndLose(
      { name: 'Late', steps: [apply({ name: 'Late image' }), apply({ id: 'LATE0001' })] },
      [{ name: 'Late image' }, { name: 'By id', id: PackageId.parse('LATE0001') }],
    );
    expect((await site.app.store.sequences.problems(sequence)).map(({ code }) => code)).toEqual([
      'sequence.reference',
      'sequence.reference',
    ]);
    const machine = await site.machine();
    const grant = await startRun(machine, await site.deploy(sequence, [machine]));
    const before = Object.values(grant.content);
    expect(before.map(({ kind }) => kind)).toEqual(['missing', 'missing']);
    expect(before).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ reason: 'There is no package "Late image" on this server' }),
      ]),
    );
    await sendFacts(machine, grant.runId, [started]);
    expect((await again(machine, grant)).content).toEqual(grant.content);

    const { id } = await addImage('late IMAGE');
    const found = await again(machine, grant);
    expect(found.documentSha256).toBe(grant.documentSha256);
    expect(Object.keys(found.content)).toEqual(Object.keys(grant.content));
    const kinds = Object.values(found.content).map((one) =>
      one.kind === 'found' ? `${one.manifest.packageId} ${one.manifest.version}` : one.kind,
    );
    expect(kinds.toSorted()).toEqual([`${id} 1`, 'missing'].toSorted());

    // What was found stays as it was, also when there is a newer one.
    await addImage('Late image');
    expect((await again(machine, grant)).content).toEqual(found.content);
  });

  it('stays missing once a step has started', async () => {
    const sequence = await storeAndLose(
      { name: 'Too late', steps: [{ ...apply({ name: 'Too late' }), continueOnError: true }] },
      [{ name: 'Too late' }],
    );
    const machine = await site.machine();
    const grant = await startRun(machine, await site.deploy(sequence, [machine]));
    await sendFacts(machine, grant.runId, [started, stepStarted]);
    await addImage('Too late');
    expect((await again(machine, grant)).content).toEqual(grant.content);
  });

  it('is the version of the grant for as long as the run goes on', async () => {
    const { id } = await addImage('Pinned');
    const sequence = await site.store({ name: 'Pinned', steps: [apply({ name: 'pinned' })] });
    const machine = await site.machine();
    const grant = await startRun(machine, await site.deploy(sequence, [machine]));
    await addImage('Pinned');
    expect((await again(machine, grant)).content).toEqual(grant.content);
    expect(grant.content[id]).toMatchObject({ kind: 'found', manifest: { version: 1 } });
  });

  it('comes whole when it has thousands of files', async () => {
    const objects = Array.from({ length: 3000 }, (_, index) => {
      const sha256 = Sha256.parse(index.toString(16).padStart(64, '0'));
      return { path: `Ordner/Größe ${index} 文件.txt`, sizeBytes: 1, sha256, chunks: [sha256] };
    });
    const { id } = await site.app.store.packages.add(
      { name: 'Many files', kind: 'package', objects, images: [] },
      site.clock.nowMs,
    );
    const params = { commandLine: 'setup', package: { name: 'many files' } };
    const command = { step: 'Setup', type: 'run-command', params };
    const sequence = await site.store({ name: 'Many', steps: [command] });
    const machine = await site.machine();
    const grant = await startRun(machine, await site.deploy(sequence, [machine]));
    expect(grant.content[id]).toMatchObject({ kind: 'found', manifest: { objects } });
  });
});
