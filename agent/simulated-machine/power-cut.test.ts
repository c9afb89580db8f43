import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContentManifest } from '#agent/protocol/content.ts';
import type { RunEvent, RunFact } from '#agent/protocol/run-event.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { SequenceNode } from '#agent/sequence/task-sequence.ts';
import { applyImage } from '#agent/steps/apply-image.ts';
import { steps } from '#agent/steps/index.ts';
import { drive } from './drive.ts';
import { SimulatedMachine } from './machine.ts';

const GB = 1024 ** 3;
const image = ContentManifest.parse({
  packageId: 'MWL00001',
  version: 1,
  name: 'Debian 12',
  kind: 'os-image',
  objects: [{ path: 'os.wim', sizeBytes: 1000, sha256: 'ab'.repeat(32), chunks: [] }],
  images: [{ index: 1, name: 'Debian', architecture: 'x64', totalBytes: GB, kind: 'linux' }],
});
const sequence = parseTaskSequence(
  {
    name: 'Install',
    steps: [
      { step: 'Name', type: 'set-variable', params: { name: 'OSDComputerName', value: 'PC1' } },
      {
        step: 'Partition',
        type: 'format-disk',
        params: {
          partitions: [
            { type: 'efi', size: { mb: 512 } },
            { name: 'root', fileSystem: 'ext4', variable: 'OSVolume' },
          ],
        },
      },
      { step: 'Restart to PE', type: 'restart', params: { target: 'pe' } },
      {
        group: 'Install',
        steps: [
          {
            step: 'Apply',
            type: 'apply-image',
            params: { image: { id: 'MWL00001' }, destination: { variable: 'OSVolume' } },
          },
          {
            step: 'Never',
            type: 'run-command',
            condition: { kind: 'variable', variable: 'OSDComputerName', operator: 'notExists' },
            params: { commandLine: 'never' },
          },
          { step: 'Off', type: 'run-command', disabled: true, params: { commandLine: 'never' } },
        ],
      },
      { step: 'Restart to disk', type: 'restart', params: { target: 'hd' } },
      {
        group: 'Finish',
        condition: {
          kind: 'variable',
          variable: '_SMSTSInWinPE',
          operator: 'equals',
          value: false,
        },
        continueOnError: true,
        steps: [
          { step: 'Once', type: 'run-command', params: { commandLine: 'once %OSDComputerName%' } },
          {
            step: 'Fails',
            type: 'run-command',
            continueOnError: true,
            params: { commandLine: 'fails' },
          },
        ],
      },
      {
        step: 'Again',
        type: 'run-command',
        retryIfInterrupted: true,
        params: { commandLine: 'again', outputVariable: 'Output' },
      },
    ],
  },
  steps,
);

function machine(powerCuts: readonly number[] = []): SimulatedMachine {
  return new SimulatedMachine({
    disks: [{ sizeBytes: 20 * GB }],
    powerCuts,
    programs: {
      once: () => ({ code: 0 }),
      fails: () => ({ code: 9 }),
      again: () => ({ code: 0, output: 'done\n' }),
    },
  });
}

async function run(powerCuts: readonly number[], cutAfter?: (event: RunEvent) => boolean) {
  const simulated = machine(powerCuts);
  const { events, state } = await drive({
    sequence,
    registry: steps,
    machine: simulated,
    content: [image],
    ...(cutAfter === undefined ? {} : { cutAfter }),
  });
  return { simulated, events, state, facts: events.map(({ fact }) => fact) };
}

function enabledSteps(nodes: readonly SequenceNode[]): string[] {
  return nodes.flatMap((node) => {
    if (node.disabled) return [];
    return node.kind === 'group' ? enabledSteps(node.steps) : [node.name];
  });
}
function of<Kind extends RunFact['kind']>(facts: readonly RunFact[], kind: Kind) {
  return facts.filter((fact): fact is RunFact & { kind: Kind } => fact.kind === kind);
}

/** What must hold however often the power went. */
function expectNothingTwiceOrSkipped({ simulated, facts, state }: Awaited<ReturnType<typeof run>>) {
  expect(state.phase).toBe('finished');
  const interrupted = of(facts, 'step-interrupted');
  const startedSteps = of(facts, 'step-started');
  const finished = of(facts, 'step-finished');
  for (const name of enabledSteps(sequence.steps)) {
    const starts = startedSteps.filter((fact) => fact.name === name);
    const breaks = interrupted.filter((fact) => fact.name === name);
    // Each attempt but the last has a record of its interruption: none was silent.
    expect(starts.map(({ attempt }) => attempt)).toEqual(starts.map((_, index) => index + 1));
    const ends = finished.filter((fact) => fact.name === name);
    expect(ends.length).toBeLessThanOrEqual(1);
    expect(breaks.length + ends.length).toBe(starts.length);
  }
  const runs = (program: string) => simulated.commands.filter(([name]) => name === program).length;
  expect(runs('never')).toBe(0);
  expect(runs('once')).toBeLessThanOrEqual(1);
  expect(runs('fails')).toBeLessThanOrEqual(1);
  if (state.result?.succeeded === true) {
    const done = [...finished, ...of(facts, 'step-skipped')].map(({ name }) => name);
    expect(new Set(done)).toEqual(new Set([...enabledSteps(sequence.steps), 'Off']));
    expect(runs('once')).toBe(1);
    expect(runs('again')).toBeGreaterThanOrEqual(1);
    simulated.storage.dropUnflushed();
    expect(simulated.bootable).toBe(true);
    expect(state.variables.value('OSDComputerName')).toBe('PC1');
    expect(state.variables.value('Output')).toBe('done');
  } else {
    expect(state.result?.error?.code).toBe('run.interrupted');
    const last = interrupted.at(-1);
    expect(last).toMatchObject({ again: false });
    expect(['Once', 'Fails']).toContain(last?.name);
  }
}

describe('M56 a run through power cuts', () => {
  it('M55 without any: partitions, applies, restarts into the operating system, ends', async () => {
    const whole = await run([]);
    expectNothingTwiceOrSkipped(whole);
    expect(whole.state.result).toEqual({ succeeded: true, error: undefined });
    expect(of(whole.facts, 'resumed').map(({ environment }) => environment)).toEqual([
      'linux-pe',
      'full-os',
    ]);
    expect(whole.simulated.commands).toEqual([['once', 'PC1'], ['fails'], ['again']]);
    expect(whole.simulated.bootEntries).toMatchObject([{ title: 'Debian' }]);
  });

  it('right after each record of the journal', async () => {
    const { events } = await run([]);
    const results = new Set<boolean | undefined>();
    for (const { seq } of events) {
      let isCut = false;
      const after = await run([], (event) => {
        if (isCut || event.seq !== seq) return false;
        isCut = true;
        return true;
      });
      expect(isCut).toBe(true);
      expectNothingTwiceOrSkipped(after);
      results.add(after.state.result?.succeeded);
    }
    // Both ends were seen: runs that resumed, and runs that stopped and said why.
    expect(results).toEqual(new Set([true, false]));
  });

  it('at each moment of the machine, in the middle of steps', async () => {
    const { simulated } = await run([]);
    const moments = simulated.power.moment;
    expect(moments).toBeGreaterThan(20);
    for (let moment = 1; moment <= moments; moment++)
      expectNothingTwiceOrSkipped(await run([moment]));
  });

  it('at several moments of one run', async () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 80 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, async (moments) => expectNothingTwiceOrSkipped(await run(moments))),
    );
  });

  it('ends in words when a step takes the machine down each time', async () => {
    let starts = 0;
    const after = await run([], ({ fact }) => {
      if (fact.kind !== 'step-started' || fact.name !== 'Apply') return false;
      starts++;
      return true;
    });
    expect(starts).toBe(10);
    expect(after.state.result?.error).toMatchObject({
      code: 'run.interrupted',
      message: 'The machine stopped in the middle of "Apply" 10 times',
    });
  });
});

it('M56 the model drops what was not flushed: a step that forgets to flush is found', async () => {
  const simulated = machine();
  let isCut = false;
  const { state } = await drive({
    sequence,
    registry: {
      ...steps,
      'apply-image': {
        ...applyImage,
        run: (params, context) =>
          applyImage.run(applyImage.params.parse(params), {
            ...context,
            platform: {
              ...context.platform,
              disk: { ...context.platform.disk, flush: async () => {} },
            },
          }),
      },
    },
    machine: simulated,
    content: [image],
    cutAfter: ({ fact }) => {
      if (isCut || fact.kind !== 'step-finished' || fact.name !== 'Apply') return false;
      isCut = true;
      return true;
    },
  });
  expect(state.result?.error?.code).toBe('restart.not-bootable');
});

describe('M33 a restart with nothing to come back to', () => {
  const restartFirst = (target: string) =>
    parseTaskSequence(
      {
        name: 'Restart',
        steps: [
          {
            group: 'G',
            continueOnError: true,
            steps: [{ step: 'R', type: 'restart', continueOnError: true, params: { target } }],
          },
        ],
      },
      steps,
    );

  it.each([
    { target: 'pe', code: 'restart.no-partition' },
    { target: 'hd', code: 'restart.no-partition' },
  ])('to $target fails the run, whatever continues on error', async ({ target, code }) => {
    const { state } = await drive({
      sequence: restartFirst(target),
      registry: steps,
      machine: machine(),
    });
    expect(state.result).toMatchObject({ succeeded: false, error: { code } });
  });
});
