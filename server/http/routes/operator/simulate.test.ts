import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulationReport } from '#agent/simulated-machine/report.ts';
import { createSimulator } from '../../../simulate/run-simulation.ts';
import { addDevice } from './test-bench.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

async function call(path: string, body: object) {
  const answer = await site.app.inject({
    method: 'POST',
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    payload: body,
  });
  return { status: answer.statusCode, body: answer.json(), text: answer.body };
}
const device = { name: 'BENCH-1', firmware: 'uefi', architecture: 'x64', disks: [{ sizeGb: 500 }] };
const say = (name: string, value: string) => ({
  step: `Set ${name}`,
  type: 'set-variable',
  params: { name, value },
});
const add = async (document: object) => {
  const text = JSON.stringify(document);
  expect((await call('/sequences', { text, format: 'json' })).status).toBe(200);
};

describe('M10 M11 simulating on the server', () => {
  it('runs a stored sequence with its child and the variables of a known device', async () => {
    const { store, variableKey } = site.services;
    await store.settings.change({ features: { childSequences: true } });
    await add({ name: 'Child', steps: [say('Greeting', 'Hello %Where%, %Hidden%')] });
    const child = { step: 'Run it', type: 'run-sequence', params: { sequence: { name: 'child' } } };
    await add({ name: 'Parent', steps: [say('Where', '%Domain%'), child] });
    const known = await addDevice(site, 41, { firmware: null });
    const owner = { kind: 'device', id: known.id } as const;
    await store.variables.set(owner, { name: 'Domain', value: 'north.example' }, variableKey);
    const hidden = { name: 'Hidden', value: 'swordfish', secret: true };
    await store.variables.set(owner, hidden, variableKey);

    const answer = await call('/sequences/parent/simulate', { device: 'PC41' });
    const report = SimulationReport.parse(answer.body);
    expect(report.result).toMatchObject({ succeeded: true });
    expect(report.nodes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'step Set Where',
      'child Run it',
      'step Set Greeting',
    ]);
    expect(report.nodes[0]?.variables).toMatchObject([{ value: 'north.example' }]);
    expect(report.notes.join()).toContain('UEFI is assumed');
    expect(answer.text).not.toContain('swordfish');

    await store.settings.change({ features: { childSequences: false } });
    expect(await call('/sequences/Parent/simulate', { device })).toMatchObject({
      status: 409,
      body: { code: 'feature.child-sequences' },
    });
  });

  it('runs a text that is not stored, with assumed answers and exit codes', async () => {
    const text = `
name: Draft
steps:
  - step: Burn in
    type: run-command
    continueOnError: true
    params: { commandLine: burn --minutes 5 }
  - step: Only there
    type: set-variable
    params: { name: Seen, value: yes }
    condition: { kind: variable, variable: Site, operator: equals, value: there }
`;
    const wish = {
      text,
      device,
      fail: [{ node: 'burn in', code: 7 }],
      answers: [{ node: 'only there', verdict: true }],
    };
    const { body } = await call('/simulate', wish);
    expect(body.result).toMatchObject({ succeeded: true });
    expect(body.nodes).toMatchObject([
      { outcome: 'fails', code: 7 },
      { outcome: 'runs', condition: { answered: true } },
    ]);
    expect(await site.services.store.sequences.find('Draft')).toBeNull();
  });

  it('says what keeps it from being made', async () => {
    const text = JSON.stringify({ name: 'S', steps: [say('A', 'b')] });
    expect(await call('/simulate', { text, device: { name: 'x' } })).toMatchObject({
      status: 400,
      body: { code: 'simulate.device', message: expect.stringContaining('firmware') },
    });
    expect((await call('/simulate', { text, device: 'nobody' })).status).toBe(404);
    expect((await call('/sequences/Nothing/simulate', { device })).status).toBe(404);
  });

  it('is given up when it takes too long or its asker has gone, and only two run at once', async () => {
    const document = { name: 'S', steps: [say('A', 'b')] };
    const job = {
      source: { kind: 'text', text: JSON.stringify(document) },
      device,
      variables: [],
      fail: [],
      answers: [],
    } as const;
    // The worker waits for an answer that never comes.
    const never = () => new Promise<never>(() => {});
    const none = new AbortController().signal;
    const brief = createSimulator(1);
    await expect(brief.simulate(job, never, none)).rejects.toMatchObject({
      code: 'simulate.too-long',
    });
    const simulator = createSimulator();
    const gone = new AbortController();
    const two = [
      simulator.simulate(job, never, gone.signal),
      simulator.simulate(job, never, gone.signal),
    ];
    const ended = Promise.allSettled(two);
    await expect(simulator.simulate(job, never, none)).rejects.toMatchObject({
      code: 'simulate.busy',
    });
    gone.abort();
    for (const one of await ended)
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'simulate.too-long' } });
    const last = await simulator.simulate(job, async () => [], none);
    expect(JSON.parse(Buffer.from(last).toString())).toMatchObject({ result: { succeeded: true } });
  });
});
