import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MachineArchitecture, PackageId } from '#agent/protocol/identity.ts';
import { askRun, openTestSite, policyOf, startRun, type TestSite } from './test-machines.ts';

let site: TestSite;
beforeAll(async () => {
  site = await openTestSite();
});
afterAll(() => site[Symbol.asyncDispose]());

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
    const snapshot = await site.app.store.policy.snapshot({
      revision: 1,
      bootImages: new Set(),
      interfaces: [],
      ports: { bootHttp: 1 },
      nowMs: 0,
    });
    const actions = [...snapshot.byGuid.values()].map(({ action }) => action);
    expect(actions).toContainEqual({ kind: 'silent', reason: `${reason}.` });
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
    site.lose(lost);
    expect(await policyOf(machine)).toMatchObject({ kind: 'offers', start: deployment });
  });
});
