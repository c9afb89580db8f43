import { beforeEach, describe, expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { askRun, policyOf, startRun, type TestSite } from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';

let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

const say = (name: string, more = {}) => ({
  step: name,
  type: 'set-variable',
  params: { name: 'Said', value: name },
  ...more,
});
const runs = (name: string, more = {}) => ({
  step: `Run ${name}`,
  type: 'run-sequence',
  params: { sequence: { name } },
  ...more,
});
const switchOn = (childSequences: boolean) =>
  site.app.store.settings.change({ features: { childSequences } });
const problemsOf = async (id: Awaited<ReturnType<TestSite['store']>>) =>
  (await site.app.store.sequences.problems(id)).map(({ code }) => code);

beforeEach(() => switchOn(true));

describe('M10 child task sequences', () => {
  it('come to the machine in one policy with their parent, their content found', async () => {
    const { id: image } = await site.app.store.packages.add(
      { name: 'Debian', kind: 'os-image', objects: [], images: [] },
      0,
    );
    const params = { image: { name: 'debian' }, destination: 'next-available' };
    await site.store({ name: 'Disk', steps: [{ step: 'OS', type: 'apply-image', params }] });
    await site.store({ name: 'Base', steps: [say('base'), runs('disk')] });
    const parent = await site.store({ name: 'Parent', steps: [say('first'), runs('BASE')] });
    expect(await problemsOf(parent)).toEqual([]);
    const machine = await site.machine();
    const grant = await startRun(machine, await site.deploy(parent, [machine]));
    const sequence = parseTaskSequence(JSON.parse(grant.documentJson), steps);
    expect(sequence.stepCount).toBe(3);
    expect(sequence.steps).toMatchObject([
      { kind: 'step', name: 'first' },
      {
        kind: 'group',
        child: { name: 'Base', version: 1 },
        steps: [{ name: 'base' }, { child: { name: 'Disk' }, steps: [{ name: 'OS' }] }],
      },
    ]);
    expect(grant.content).toMatchObject({ [image]: { kind: 'found' } });
    expect(grant.documentJson).toContain(`"id":"${image}"`);
  });

  it('are not there until the feature is switched on: no deployment, no run', async () => {
    await site.store({ name: 'Child', steps: [say('child')] });
    const parent = await site.store({ name: 'Needs it', steps: [runs('Child')] });
    const without = await site.store({
      name: 'Disabled step',
      steps: [say('x'), runs('Child', { disabled: true })],
    });
    const machine = await site.machine();
    const deployment = await site.deploy(parent, [machine]);
    await switchOn(false);
    expect(await problemsOf(parent)).toEqual(['feature.child-sequences']);
    expect(await problemsOf(without)).toEqual([]);
    expect(await askRun(machine, deployment)).toMatchObject({
      status: 409,
      json: { code: 'feature.child-sequences' },
    });
    await switchOn(true);
    expect((await askRun(machine, deployment)).status).toBe(200);
  });

  it.each([
    { what: 'missing', child: undefined, code: 'sequence.child-missing' },
    { what: 'disabled', child: { disabled: true }, code: 'sequence.child-disabled' },
  ])(
    'refuse the run when one is $what, Continue on error or not',
    async ({ what, child, code }) => {
      const name = `Child ${what}`;
      const id = await site.store({ name, steps: [say('x')], ...child });
      const parent = await site.store({
        name: `Parent of ${what}`,
        steps: [runs(name, { continueOnError: true })],
      });
      if (child === undefined) await site.lose(id);
      expect(await problemsOf(parent)).toEqual([code]);
      const machine = await site.machine();
      const deployment = await site.deploy(parent, [machine]);
      const refused = await askRun(machine, deployment);
      expect(refused).toMatchObject({ status: 409, json: { code } });
      expect(String(refused.json['message'])).toContain(name);
      // Put right, the same offer starts: nothing was kept of the refused one.
      await site.store({ name, steps: [say('x')] });
      expect((await askRun(machine, deployment)).status).toBe(200);
    },
  );

  it('are refused when saved in a circle, behind a missing one and by way of several too', async () => {
    const circle = { code: 'sequence.child-cycle', message: expect.stringContaining('"C" -> "A"') };
    await site.store({ name: 'A', steps: [say('x')] });
    await site.store({ name: 'C', steps: [runs('A')] });
    const nowhere = await site.store({ name: 'Nowhere', steps: [say('x')] });
    await site.store({ name: 'B', steps: [runs('Nowhere'), { group: 'g', steps: [runs('C')] }] });
    await site.lose(nowhere);
    const first = await site.app.store.sequences.find('A');
    await expect(site.store({ name: 'A', steps: [runs('B')] })).rejects.toMatchObject(circle);
    expect(await site.app.store.sequences.find('A')).toEqual(first);
    await expect(site.store({ name: 'Self', steps: [runs('self')] })).rejects.toMatchObject({
      code: 'sequence.child-cycle',
    });
    expect(await site.app.store.sequences.find('Self')).toBeNull();
    // A disabled step runs nothing.
    await site.store({ name: 'A', steps: [runs('B', { disabled: true })] });
    const stored = await site.app.store.sequences.find('A');
    await expect(site.store({ name: 'A', steps: [runs('B')] })).rejects.toMatchObject(circle);
    expect(await site.app.store.sequences.find('A')).toEqual(stored);
  });

  it('are pinned as they are now: a later version is for the next run', async () => {
    await site.store({ name: 'Newest', steps: [say('one')] });
    const parent = await site.store({ name: 'Pins', steps: [runs('Newest')] });
    const [machine, other] = [await site.machine(), await site.machine()];
    const deployment = await site.deploy(parent, [machine, other]);
    const first = await startRun(machine, deployment);
    await site.store({ name: 'Newest', steps: [say('two')] });
    const again = await machine.agent.call('GET', `/v1/runs/${first.runId}`);
    expect(again.json).toMatchObject({ documentSha256: first.documentSha256 });
    expect((await startRun(other, deployment)).documentJson).toContain('"version":2');
  });
});

describe('M10 a disabled task sequence', () => {
  it('is offered to no machine and says so, until it is enabled', async () => {
    const id = await site.store({ name: 'Off', steps: [say('x')] });
    const machine = await site.machine();
    const deployment = await site.deploy(id, [machine]);
    expect(await policyOf(machine)).toMatchObject({ kind: 'offers' });
    await site.store({ name: 'Off', disabled: true, steps: [say('x')] });
    expect(await policyOf(machine)).toMatchObject({
      kind: 'none',
      code: 'sequence.disabled',
      reason: expect.stringContaining('"Off" is disabled'),
    });
    expect((await askRun(machine, deployment)).json).toMatchObject({ code: 'sequence.disabled' });
    expect(await problemsOf(id)).toEqual(['sequence.disabled']);
    await site.store({ name: 'Off', steps: [say('x')] });
    expect((await askRun(machine, deployment)).status).toBe(200);
  });
});
