import { describe, expect, it } from 'vitest';
import type { VariableChange } from '../protocol/run-event.ts';
import type { SecretsRequest } from '../protocol/step-secrets.ts';
import { DrivenMachine, type DrivenOptions } from '../simulated-machine/testing/driven-machine.ts';
import { TransportError } from '../transport/transport-error.ts';

const withheld = (name: string): VariableChange => ({
  name,
  value: '',
  secret: true,
  withheld: true,
});
const values: Readonly<Record<string, string>> = {
  joinpassword: 'correct-horse',
  stage: 'canary-ring',
  apps01: 'canary-app',
};
const command = (commandLine: string, more: object = {}) => ({
  step: commandLine.split(' ')[0] ?? '',
  type: 'run-command',
  params: { commandLine },
  ...more,
});
const isStage = (operator: string, value?: string) => ({
  condition: {
    kind: 'variable',
    variable: 'Stage',
    operator,
    ...(value === undefined ? {} : { value }),
  },
});

/** A machine, and a server that gives secrets as the real one does: to a step that it knows to run. */
class Bench extends DrivenMachine {
  readonly requests: SecretsRequest[];
  readonly wrongly: string[];

  constructor(steps: readonly object[], options: Omit<DrivenOptions, 'document'> = {}) {
    const requests: SecretsRequest[] = [];
    const wrongly: string[] = [];
    super({
      document: { name: 'Secrets', steps },
      variables: [
        withheld('JoinPassword'),
        withheld('Stage'),
        { name: 'Site', value: 'lab', secret: false },
      ],
      programs: ['first', 'join', 'last'],
      releaseSecrets: async (request) => {
        requests.push(request);
        if (request.for === 'content') return { accounts: [], variables: [], packages: [] };
        const { step } = request;
        const last = this.server.events.findLast(
          ({ fact }) => 'stepId' in fact && fact.stepId === step,
        );
        const isRunning = last?.fact.kind === 'step-started';
        if (request.for === 'step' ? !isRunning : last !== undefined) wrongly.push(step);
        const variables = request.variables.map((name) => ({ name, value: values[name] ?? '' }));
        return { accounts: [], variables, packages: [] };
      },
      ...options,
    });
    this.requests = requests;
    this.wrongly = wrongly;
  }
}

const steps = [command('first %Site%'), command('join --password %joinPASSWORD%'), command('last')];
const release = {
  for: 'step',
  step: '1',
  accounts: [],
  variables: ['joinpassword'],
  packages: [],
} satisfies SecretsRequest;

describe('M11 M39 a secret variable is given to the step that reads it', () => {
  it('and to no other: it stands in no event, and the machine asks once', async () => {
    const bench = new Bench(steps);
    const { result } = await bench.runToEnd();
    expect(result.succeeded).toBe(true);
    expect(bench.machine.commands).toEqual([
      ['first', 'lab'],
      ['join', '--password', 'correct-horse'],
      ['last'],
    ]);
    expect([bench.requests, bench.wrongly]).toEqual([[release], []]);
    expect(JSON.stringify(bench.server.events)).not.toContain('correct-horse');
    expect(bench.log.join('\n')).not.toContain('correct-horse');
    expect(bench.log.join('\n')).not.toContain('has no value');
    // Nothing of it is left in the run.
    expect(result.variables.get('JoinPassword')).toEqual(withheld('JoinPassword'));
  });

  it('again after a power cut wherever it is, and only while the server knows the step to run', async () => {
    const copy = { name: 'Copy', value: '%JoinPassword%', secret: true };
    const cutSteps = [
      command('first'),
      { step: 'Copy', type: 'set-variable', params: copy },
      command('last %Copy%'),
    ];
    const whole = new Bench(cutSteps);
    await whole.runToEnd();
    let again = 0;
    for (let cutAt = 1; cutAt <= whole.moments; cutAt += 1) {
      const bench = new Bench(cutSteps, { cutAt });
      await bench.runToEnd();
      expect([cutAt, bench.wrongly]).toEqual([cutAt, []]);
      expect(JSON.stringify(bench.server.events)).not.toContain('correct-horse');
      for (const argv of bench.machine.commands.filter(([program]) => program === 'last'))
        expect(argv).toEqual(['last', 'correct-horse']);
      if (bench.requests.length > 1) again += 1;
    }
    expect(again).toBeGreaterThan(0);
  });

  it('to a condition that compares it; whether it is set is known without', async () => {
    const bench = new Bench([
      command('first', isStage('exists')),
      command('join', isStage('equals', 'canary-ring')),
      command('last', isStage('equals', 'other')),
      command('last', isStage('notExists')),
    ]);
    const { result } = await bench.runToEnd();
    expect(result.succeeded).toBe(true);
    expect(bench.machine.commands).toEqual([['first'], ['join']]);
    expect(bench.requests).toEqual([
      { for: 'condition', step: '1', variables: ['stage'] },
      { for: 'condition', step: '2', variables: ['stage'] },
    ]);
    expect(bench.wrongly).toEqual([]);
    expect(JSON.stringify([bench.server.events, bench.log])).not.toContain('canary-ring');
  });

  it('to a step whose setting it replaces, and to one that reads a list of them', async () => {
    const install = {
      step: 'Apps',
      type: 'install-application',
      params: { baseVariable: 'Apps' },
      continueOnError: true,
    };
    const bench = new Bench(
      [{ step: 'Set', type: 'set-variable', params: { name: 'Copy', value: '%Stage%' } }, install],
      { variables: [withheld('Stage'), withheld('Apps01'), withheld('Other')] },
    );
    await bench.runToEnd();
    expect(bench.requests.map((request) => 'variables' in request && request.variables)).toEqual([
      ['stage'],
      ['apps01'],
    ]);
    // The copy is a secret of the run: sealed.
    expect(JSON.stringify(bench.server.events)).not.toContain('canary-ring');
  });

  it('a step that is refused fails with the reason, a condition ends the run', async () => {
    const refuse = async () => {
      throw new TransportError('secret.trust', 'not approved', { hint: 'approve it' });
    };
    const step = await new Bench(steps, { releaseSecrets: refuse }).runToEnd();
    expect(step.result).toMatchObject({ succeeded: false, error: { code: 'secret.trust' } });
    const conditional = [command('first', isStage('equals', 'x')), command('last')];
    const condition = new Bench(conditional, { releaseSecrets: refuse });
    expect((await condition.runToEnd()).result).toMatchObject({
      succeeded: false,
      error: { code: 'secret.trust' },
    });
    expect(condition.machine.commands).toEqual([]);
  });

  it('without a server, says that it cannot be had', async () => {
    const alone = new DrivenMachine({
      document: { name: 'Alone', steps },
      variables: [withheld('JoinPassword')],
      programs: ['first', 'join', 'last'],
    });
    expect((await alone.runToEnd()).result.error?.code).toBe('variable.unavailable');
  });
});
