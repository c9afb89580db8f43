import { describe, expect, it } from 'vitest';
import { RunLog } from '../log/run-log.ts';
import { Terminals } from '../menu/terminals.ts';
import { DeploymentId } from '../protocol/identity.ts';
import type { Policy } from '../protocol/policy.ts';
import type { StepVariables } from '../sequence/step-variables.ts';
import { SimulatedMachine } from '../simulated-machine/machine.ts';
import { chooseByHand } from './choose.ts';
import type { ByHand } from './options.ts';

const [one, two] = [DeploymentId.parse('MW200001'), DeploymentId.parse('MW200002')];
const offer = (deploymentId: DeploymentId, name: string) =>
  ({ deploymentId, name, description: '' }) as Extract<
    Policy,
    { kind: 'offers' }
  >['offers'][number];
const asks = ['OSDCaptureDestination', 'OSDImageVersion'].map((name) => ({ name, secret: false }));
const header = { server: '', address: '', serialNumber: '', model: '', deviceName: '' };
const { signal } = new AbortController();

/** Without a terminal, as in a test. `program` is what the prestart program does with the variables. */
async function choose(
  byHand: Partial<ByHand>,
  {
    offers = [offer(one, 'Capture')],
    asked = asks,
    program = () => 0,
  }: {
    offers?: Extract<Policy, { kind: 'offers' }>['offers'];
    asked?: typeof asks;
    program?: (variables: StepVariables, environment: Readonly<Record<string, string>>) => number;
  } = {},
) {
  let seen: StepVariables | undefined;
  const machine = new SimulatedMachine({
    disks: [{ sizeBytes: 1e9 }],
    otherProgram: (argv, environment) => {
      const code = seen === undefined ? 1 : program(seen, environment);
      return { code, output: argv.join(' ') };
    },
  });
  const platform = machine.start('pe');
  using terminals = new Terminals([], header);
  const log = new RunLog('/dev/null', () => 0, { append: true });
  try {
    return await chooseByHand(
      { kind: 'offers', start: null, offers, asks: asked },
      {
        server: undefined,
        siteCaFile: undefined,
        deployment: undefined,
        answers: new Map(),
        prestart: undefined,
        ...byHand,
      },
      {
        machine: { platform } as Parameters<typeof chooseByHand>[2]['machine'],
        terminals,
        log,
        serveVariables: async (variables) => {
          seen = variables;
          return { environment: { METALWRIGHT_TS: 'socket' }, async [Symbol.asyncDispose]() {} };
        },
      },
      signal,
    );
  } finally {
    await log.close();
  }
}
const answers = new Map([
  ['osdCaptureDestination', 'server:Gold'],
  ['OSDImageVersion', ''],
]);

describe('M44 a run that is begun by hand', () => {
  it('takes the only offer, or the one that is named, with the answers that were said', async () => {
    const variables = [{ name: 'osdCaptureDestination', value: 'server:Gold' }];
    expect(await choose({ answers })).toEqual({
      name: 'Capture',
      request: { deploymentId: one, variables },
    });
    const offers = [offer(one, 'Capture'), offer(two, 'Other')];
    const named = await choose({ deployment: two }, { offers, asked: [] });
    expect(named).toEqual({ name: 'Other', request: { deploymentId: two } });
  });

  it('lets a program that runs before see the answers, and change and add some', async () => {
    const chosen = await choose(
      { answers, prestart: 'ask "the person"' },
      {
        program: (variables, environment) => {
          expect(environment).toMatchObject({
            METALWRIGHT_TS: 'socket',
            osdCaptureDestination: 'server:Gold',
          });
          variables.set('OSDCaptureDestination', 'server:Asked');
          variables.set('OSDImageVersion', '7');
          return 0;
        },
      },
    );
    expect(chosen?.request.variables).toEqual([
      { name: 'OSDCaptureDestination', value: 'server:Asked' },
      { name: 'OSDImageVersion', value: '7' },
    ]);
    await expect(choose({ answers, prestart: 'ask' }, { program: () => 3 })).rejects.toMatchObject({
      code: 'agent.prestart',
      message: expect.stringContaining('3'),
    });
  });

  it.each([
    ['an answer that nobody asks for', { answers: new Map([['Other', 'x']]) }, {}, 'agent.answers'],
    ['one that is missing', { answers: new Map([['OSDImageVersion', '1']]) }, {}, 'agent.answers'],
    ['a deployment that is not offered', { deployment: two }, {}, 'agent.not-offered'],
    [
      'several, of which none is named',
      { answers },
      { offers: [offer(one, 'A'), offer(two, 'B')] },
      'agent.not-offered',
    ],
  ])('refuses %s, where nobody can be asked', async (_what, byHand, at, code) => {
    await expect(choose(byHand, at)).rejects.toMatchObject({ code });
  });
});
