import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulationReport } from '#agent/simulated-machine/report.ts';
import { addDevice } from '../http/routes/operator/test-bench.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { runHere } from './testing/run-here.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-simulate-'));
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  await put('device.yaml', 'name: PC\nfirmware: uefi\narchitecture: x64\ndisks: []\n');
  await put('parent.yaml', parent('Child'));
  await put('lost.yaml', parent('Nowhere'));
  await put('round.yaml', parent('Round').replace('Parent', 'Round'));
  await put('child.json', JSON.stringify({ name: 'child', steps: [say('Hi %Who%')] }));
  await put('not-a-sequence.yaml', 'name: [');
  await mkdir(join(folder, 'broken'));
  await put('broken/child.yaml', 'name: Child\nsteps:\n  - step: A\n    type: run-comand\n');
  await put(
    'broken/device.yaml',
    'name: PC\nfirmware: efi\narchitecture: x64\nserial: 5\nassetTag: 0042\n',
  );
  await put('broken/packages.yaml', 'packages:\n  - name: A\n    size: 5\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const parent = (child: string) => `
name: Parent
steps:
  - { step: Who, type: set-variable, params: { name: Who, value: there } }
  - { step: Run it, type: run-sequence, params: { sequence: { name: ${child} } } }
`;
const say = (line: string) => ({ step: 'Say', type: 'run-command', params: { commandLine: line } });

async function run(...argv: readonly string[]) {
  return runHere(['sequence', 'simulate', ...argv]);
}
const file = (name: string) => join(folder, name);
const simulate = (name: string, ...more: readonly string[]) =>
  run(file(name), '--device', file('device.yaml'), ...more);

describe('sequence simulate with files', () => {
  it('M10 finds a child beside its parent, by name', async () => {
    const { code, out, err } = await simulate('parent.yaml');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Run it (child task sequence): "child"');
    expect(out).toContain('Run Command Line: Hi there');
    expect(out).toContain('feature enable child-sequences');
  });

  it('prints JSON that the API would answer', async () => {
    const { out } = await simulate('parent.yaml', '--json');
    expect(SimulationReport.parse(JSON.parse(out)).result.succeeded).toBe(true);
  });

  it('ends with 1 where the run would fail, and says so', async () => {
    const { code, out, err } = await simulate('parent.yaml', '--fail', 'say=7');
    expect(code).toBe(1);
    expect(out).toContain('FAILS at 1/0 "Say" with code 7');
    expect(err).toContain('exit code 7');
    expect(err).toContain('[simulate.fails]');
  });

  it.each([
    {
      what: 'no such child',
      argv: ['lost.yaml'],
      error: 'sequence.child-missing',
      says: '--sequences',
    },
    { what: 'a circle', argv: ['round.yaml'], error: 'sequence.child-cycle', says: '"Round" -> ' },
    {
      what: 'a child that is wrong',
      argv: ['parent.yaml', '--sequences', 'broken'],
      error: 'sequence.invalid',
      says: 'child.yaml',
    },
    { what: 'no such file', argv: ['gone.yaml'], error: 'cli.file', says: 'gone.yaml' },
    {
      what: 'no such step',
      argv: ['parent.yaml', '--fail', 'Sai=1'],
      error: 'simulate.node',
      says: 'did you mean "Say"',
    },
    {
      what: 'no such node with a condition',
      argv: ['parent.yaml', '--answer', 'Say=true'],
      error: 'simulate.node',
      says: 'it has none',
    },
    {
      what: 'packages that are none',
      argv: ['parent.yaml', '--packages', 'broken/packages.yaml'],
      error: 'simulate.packages',
      says: 'line 2',
    },
  ])('ends with 2 for $what', async ({ argv, error, says }) => {
    const words = argv.map((word, index) =>
      index === 0 || word.startsWith('broken') ? file(word) : word,
    );
    const { code, out, err } = await run(...words, '--device', file('device.yaml'));
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`[${error}]`);
    expect(err).toContain(says);
  });

  it('tells all that is wrong with a device, with its lines', async () => {
    const { code, err } = await run(file('parent.yaml'), '--device', file('broken/device.yaml'));
    expect(code).toBe(2);
    expect(err).toContain('firmware (line 2): ');
    expect(err).toContain('"serial"');
    expect(err).toContain('assetTag (line 5): is text: put it in quotes');
    expect(err).toContain('[simulate.device]');
  });

  it.each([
    ['--fail', 'Say'],
    ['--fail', 'Say=0'],
    ['--fail', 'Say=one'],
    ['--answer', 'Say=perhaps'],
    ['--variable', '1=2'],
    ['--variable', 'Who'],
  ])('refuses %s %s', async (option, value) => {
    const { code, err } = await simulate('parent.yaml', option, value);
    expect(code).toBe(2);
    expect(err).toContain('write ');
  });

  it('needs a device', async () => {
    expect((await run(file('parent.yaml'))).code).toBe(2);
  });
});

describe('sequence simulate with a server', () => {
  let site: TestConsole;
  let server: string[];
  beforeAll(async () => {
    site = await openTestConsole({ tls: true });
    server = ['--server', await site.listen(), '--data', site.dataDirectory];
    await addDevice(site, 17);
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it('takes a stored sequence and device, or a file for one of them', async () => {
    const document = { name: 'Stored', steps: [say('%_SMSTSModel% %Who%')] };
    const text = JSON.stringify(document);
    await writeFile(file('stored.json'), text);
    await site.services.store.sequences.add(
      {
        name: 'Stored',
        description: '',
        documentJson: text,
        source: { text, format: 'json' },
      },
      1,
    );
    const who = ['--variable', 'Who=you', ...server];
    const known = await run(file('stored.json'), '--device', '7HK4W17', ...who);
    expect(known).toMatchObject({ code: 0, err: '' });
    expect(known.out).toContain('Run Command Line: OptiPlex 7010 you');
    const described = await run('stored', '--device', file('device.yaml'), ...who);
    expect(described).toMatchObject({ code: 0, err: '' });
    expect(described.out).toContain('Run Command Line: you');
  });

  it('says what is not there, and which options are for files', async () => {
    const device = ['--device', 'PC17', ...server];
    const gone = await run('Stord', ...device);
    expect(gone.code).toBe(2);
    expect(gone.err).toContain('[sequence.not-found]');
    const listed = await run('Stored', ...device, '--packages', 'x.yaml');
    expect(listed).toMatchObject({ code: 2, err: expect.stringContaining('[cli.usage]') });
  });
});
