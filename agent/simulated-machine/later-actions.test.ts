import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkBeforeStart } from '#agent/sequence/checks.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { defineLaterStep, defineStep } from '#agent/sequence/step.ts';
import { steps } from '#agent/steps/index.ts';
import { SimulatedDevice } from './device.ts';
import { deviceMachine } from './device-machine.ts';
import { drive } from './drive.ts';
import { SimulatedMachine } from './machine.ts';
import { simulate } from './simulate.ts';

const laterStep = defineLaterStep({
  type: 'later',
  title: 'Capture the Moon',
  menu: 'general',
  help: 'A step of a test.',
  needs: ['process'],
  runsIn: ['linux-pe', 'full-os'],
  params: z.strictObject({ size: z.int().default(1) }),
  repeatable: true,
  references: () => [],
  async *simulate({ size }, { variables }) {
    yield {};
    variables.set('MoonSize', String(size));
    return {};
  },
});
const partly = defineStep({
  type: 'partly',
  title: 'Partly',
  menu: 'general',
  help: 'A step of a test.',
  action: 'now',
  needs: [],
  runsIn: ['linux-pe'],
  params: z.strictObject({ colour: z.string().optional() }),
  repeatable: true,
  destructive: false,
  laterSettings: ({ colour }) => (colour === undefined ? [] : ['choose a colour']),
  references: () => [],
  async *run(_params, { variables }) {
    yield {};
    variables.set('Partly', 'done');
    return {};
  },
});
const registry = { ...steps, later: laterStep, partly };
const device = SimulatedDevice.parse({
  name: 'PC',
  firmware: 'uefi',
  architecture: 'x64',
  disks: [{ sizeGb: 100 }],
});

const later = (more: object = {}) => ({ step: 'Moon', type: 'later', ...more });
const set = { step: 'Set', type: 'set-variable', params: { name: 'A', value: '1' } };
const sequenceOf = (nodes: readonly object[]) =>
  parseTaskSequence({ name: 'Test', steps: nodes }, registry);

/** What a machine does: the checks before the first step, then the steps. */
async function onMachine(nodes: readonly object[]) {
  const sequence = sequenceOf(nodes);
  const { events, state } = await drive({
    sequence,
    registry,
    machine: new SimulatedMachine(deviceMachine(device)),
    beforeStart: async (variables, machine) => {
      const found = await checkBeforeStart(sequence, registry, variables, { ...machine, log() {} });
      return found.find(({ fatal }) => fatal)?.error;
    },
  });
  const started = events.flatMap(({ fact }) => (fact.kind === 'step-started' ? fact.name : []));
  return { started, state };
}
const simulated = (nodes: readonly object[], more: object = {}) =>
  simulate({
    sequence: sequenceOf(nodes),
    registry,
    device,
    content: { packages: [], others: 'assumed' },
    ...more,
  });

describe('a step whose action this version does not have', () => {
  it('ends the run of a machine before its first step', async () => {
    const { started, state } = await onMachine([set, later()]);
    expect(started).toEqual([]);
    expect(state.result).toMatchObject({ succeeded: false, error: { code: 'step.later' } });
  });

  it.each([
    ['it continues on error', later({ continueOnError: true })],
    ['a group around it does', { group: 'G', continueOnError: true, steps: [later()] }],
  ])('fails when it is reached, where %s', async (_why, node) => {
    const { started, state } = await onMachine([set, node, { ...set, step: 'After' }]);
    expect(started).toEqual(['Set', 'Moon', 'After']);
    expect(state.result?.succeeded).toBe(true);
    expect(state.lastFailure).toMatchObject({ name: 'Moon', error: { code: 'step.later' } });
  });

  it.each([
    ['disabled', later({ disabled: true })],
    [
      'skipped for certain',
      later({
        condition: {
          kind: 'variable',
          variable: '_SMSTSBootUEFI',
          operator: 'equals',
          value: 'no',
        },
      }),
    ],
  ])('is no hindrance where it is %s', async (_how, node) => {
    const { started, state } = await onMachine([set, node]);
    expect([started, state.result?.succeeded]).toEqual([['Set'], true]);
  });

  it('goes on in a simulation, does what it says of itself, and is told in a note', async () => {
    const report = await simulated([later({ params: { size: 5 } }), set, later()]);
    expect(report.result).toMatchObject({ succeeded: true });
    expect(report.findings).toEqual([]);
    expect(report.nodes[0]?.variables).toMatchObject([{ name: 'MoonSize', value: '5' }]);
    expect(report.notes).toEqual([
      'a machine would refuse this run: this version has no action yet for Capture the Moon; the simulation goes on as if it had',
    ]);
  });

  it('is in no note where it does not run', async () => {
    expect((await simulated([set, later({ disabled: true })])).notes).toEqual([]);
  });

  it('fails in a simulation with the code that is assumed', async () => {
    const report = await simulated([later()], { fail: [{ node: 'Moon', code: 7 }] });
    expect(report.result).toMatchObject({ succeeded: false, failedAt: { name: 'Moon' } });
    expect(report.nodes[0]).toMatchObject({ code: 7, error: { code: 'simulate.assumed-failure' } });
  });

  it('refuses also where only a setting comes later, and goes on in a simulation', async () => {
    const coloured = { step: 'Partly', type: 'partly', params: { colour: 'red' } };
    const { started, state } = await onMachine([coloured]);
    expect(started).toEqual([]);
    expect(state.result?.error?.message).toContain('choose a colour');
    const report = await simulated([coloured]);
    expect(report.nodes[0]?.variables).toMatchObject([{ name: 'Partly', value: 'done' }]);
    expect(report.notes[0]).toContain('Partly (choose a colour)');
    const plain = { ...coloured, params: {} };
    expect((await onMachine([plain])).state.result?.succeeded).toBe(true);
    expect((await simulated([plain])).notes).toEqual([]);
  });
});
