import { describe, expect, it } from 'vitest';
import type { MachineArchitecture, PackageId } from '#agent/protocol/identity.ts';
import { wholeSnapshot } from './netboot/testing/whole-snapshot.ts';
import { askRun, policyOf, startRun, type TestSite } from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

/** An OS image, as far as its package says what it is. */
async function image(
  name: string,
  ...architectures: (MachineArchitecture | null)[]
): Promise<PackageId> {
  const images = architectures.map((architecture, at) => ({
    index: at + 1,
    name: `${name} ${architecture}`,
    architecture,
    totalBytes: 1,
    kind: 'windows' as const,
  }));
  const wish = { kind: 'os-image', name, objects: [], images } as const;
  return (await site.app.store.packages.add({ ...wish, objects: [], images }, 0)).id;
}
const apply = (name: string, index = 1) => ({
  step: `Apply ${name}`,
  type: 'apply-image',
  params: { image: { name }, index },
});

describe('M43 a machine is told before anything runs that its task sequence does not fit', () => {
  it('M43 by the OS image, at the machine, at its run, and in the console', async () => {
    const id = await image('Windows for ARM', 'arm64');
    const machine = await site.machine();
    const sequence = await site.store({ name: 'Deploy ARM', steps: [apply('Windows for ARM')] });
    const deployment = await site.deploy(sequence, [machine]);
    const reason = `"Deploy ARM" cannot run here: image 1 of Windows for ARM (${id}, version 1) is for arm64; this machine is x64 with UEFI`;
    expect(await policyOf(machine)).toEqual({ kind: 'none', code: 'image.architecture', reason });
    const refused = await askRun(machine, deployment);
    expect(refused).toMatchObject({ json: { code: 'image.architecture', message: reason } });
    expect(await site.app.store.runs.list()).toEqual([]);
    const snapshot = await wholeSnapshot(site.app.store, {
      revision: 1,
      bootImages: new Set(),
      interfaces: [],
      ports: { bootHttp: 1 },
      nowMs: 0,
    });
    const actions = snapshot.devices.map(({ target }) => target.action);
    expect(actions).toContainEqual({ kind: 'silent', reason: `${reason}.` });
  });

  it('M43 by the boot image that it names, and starts from the newest of it (M34)', async () => {
    const add = (name: string, architecture: MachineArchitecture) =>
      site.app.store.packages.add(
        {
          name,
          kind: 'boot-image',
          objects: [],
          images: [{ index: 1, name, architecture, totalBytes: 0, kind: 'windows' }],
        },
        0,
      );
    const wrong = await add('PE for ARM', 'arm64');
    const right = await add('PE', 'x64');
    const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: '1' } };
    const machine = await site.machine();
    const other = await site.machine();
    const arm = { name: 'From ARM', bootImage: { name: 'PE for ARM' }, steps: [say] };
    await site.deploy(await site.store(arm), [other]);
    const refused = await policyOf(other);
    expect(refused).toMatchObject({ kind: 'none', code: 'boot-image.architecture' });
    expect(JSON.stringify(refused)).toContain(`PE for ARM (${wrong.id}) is for arm64`);

    const sequence = await site.store({ name: 'From PE', bootImage: { name: 'pe' }, steps: [say] });
    const deployment = await site.deploy(sequence, [machine]);
    await add('PE', 'x64');
    const grant = await startRun(machine, deployment);
    expect(grant.bootImage).toBe(right.id);
    expect(grant.content).toMatchObject({
      [right.id]: { kind: 'found', manifest: { kind: 'boot-image', version: 2 } },
    });
    expect(JSON.parse(grant.documentJson)).toMatchObject({ bootImage: { id: right.id } });
  });

  it('M43 by the first image where a step names no index', async () => {
    await image('No index', 'arm64', 'x64');
    const machine = await site.machine();
    const { index, ...params } = apply('No index').params;
    const step = { ...apply('No index'), params };
    const sequence = await site.store({ name: `Without ${index}`, steps: [step] });
    await site.deploy(sequence, [machine]);
    expect(await policyOf(machine)).toMatchObject({ kind: 'none', code: 'image.architecture' });
  });

  it('M43 by the boot image that the machine was started from, at the machine and at its run', async () => {
    const machine = await site.machine();
    const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: '1' } };
    const sequence = await site.store({ name: 'Anything', steps: [say] });
    const deployment = await site.deploy(sequence, [machine]);
    expect(await policyOf(machine)).toMatchObject({ kind: 'offers', start: deployment });
    await machine.agent.register(undefined, { name: 'Arm PE', architecture: 'arm64' });
    const code = 'boot-image.architecture';
    const reason =
      'The boot image "Arm PE", which it was started from, is for arm64; this machine is x64 with UEFI';
    expect(await policyOf(machine)).toEqual({ kind: 'none', code, reason });
    expect(await askRun(machine, deployment)).toMatchObject({ json: { code, message: reason } });
    await machine.agent.register(undefined, { name: 'PE', architecture: 'x64' });
    expect(await startRun(machine, deployment)).toMatchObject({ sequenceName: 'Anything' });
  });

  it('M43 looks into children, and at the index that is applied', async () => {
    await image('Two Windows', 'arm64', 'x64');
    const machine = await site.machine();
    await site.app.store.settings.change({ features: { childSequences: true } });
    await site.store({ name: 'Child for ARM', steps: [apply('Two Windows', 1)] });
    const run = (name: string) => ({
      step: 'Child',
      type: 'run-sequence',
      params: { sequence: { name } },
    });
    const wrong = await site.store({ name: 'Parent of ARM', steps: [run('Child for ARM')] });
    const right = await site.store({ name: 'Second image', steps: [apply('Two Windows', 2)] });
    await site.deploy(wrong, [machine]);
    expect(await policyOf(machine)).toMatchObject({ kind: 'none', code: 'image.architecture' });
    const deployment = await site.deploy(right, [machine]);
    expect(await policyOf(machine)).toMatchObject({ kind: 'offers', start: deployment });
    expect(await startRun(machine, deployment)).toMatchObject({ sequenceName: 'Second image' });
  });

  it('M43 leaves what no package says to the step', async () => {
    await image('Old Windows', null);
    const lost = await image('Lost Windows', 'arm64');
    const machine = await site.machine();
    const sequence = await site.store({
      name: 'Later',
      steps: [apply('Old Windows'), apply('Lost Windows')],
    });
    const deployment = await site.deploy(sequence, [machine]);
    expect(await policyOf(machine)).toMatchObject({ kind: 'none', code: 'image.architecture' });
    await site.lose(lost);
    expect(await policyOf(machine)).toMatchObject({ kind: 'offers', start: deployment });
  });
});
