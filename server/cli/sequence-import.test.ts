import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { ImportReport } from '../import/report/schema.ts';
import { runHere } from './testing/run-here.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'metalwright-import-'));
  const put = (name: string, text: string) => writeFile(join(folder, name), text);
  await mkdir(join(folder, 'good'));
  await mkdir(join(folder, 'mixed/deep'), { recursive: true });
  await mkdir(join(folder, 'empty'));
  await put('good/Install.xml', sequence(step('smsboot.exe')));
  await put('mixed/Bad.xml', '<sequence version="3.10">\n<group name="G">\n</sequence>');
  await put('mixed/Other.xml', '<unattend/>');
  await put('mixed/notes.txt', 'nothing');
  await put('mixed/deep/Tool.xml', sequence(tool));
  await put('map.yaml', 'ABC00012: Tools\nABC00013: 7\n');
  await put('broken-map.yaml', 'ABC00012: [1]\n');
  await put('device.yaml', 'name: PC\nfirmware: bios\narchitecture: x64\ndisks: []\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sequence = (inner: string) => `<sequence version="3.10">${inner}</sequence>`;
const step = (action: string) =>
  `<step type="SMS_TaskSequence_SetVariableAction" name="Set"><action>${action}</action><defaultVarList><variable name="VariableName" property="VariableName">Site</variable><variable name="VariableValue" property="VariableValue">Vienna</variable></defaultVarList></step>`;
const tool =
  '<step type="LAB_Tool" name="Tool"><action>smsswd.exe /run:ABC00012 tool.exe</action></step>';

async function run(...argv: readonly string[]) {
  return runHere(['sequence', 'import', ...argv]);
}
const file = (name: string) => join(folder, name);

describe('M24 sequence import --report', () => {
  it('says what would become of a file or a folder, and writes nothing', async () => {
    const before = await readdir(folder, { recursive: true });
    for (const name of ['good', 'good/Install.xml']) {
      const { code, out, err } = await run(file(name), '--report');
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain('1 task sequence read\n');
      expect(out).toContain('1 of 1 mapped (100 %)');
      expect(out).toContain('1 of 1 come to a good end on a sample device');
    }
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });

  it('tells every step with --verbose, and all of it as JSON', async () => {
    expect((await run(file('good'), '--report', '--verbose')).out).toContain(
      'Set -> typed: set-variable',
    );
    const { out } = await run(file('good'), '--report', '--json');
    expect(ImportReport.parse(JSON.parse(out)).sequences[0]?.nodes[0]).toMatchObject({
      name: 'Set',
      how: 'typed',
    });
  });

  it.each([
    ['report.html', /^<!doctype html>/],
    ['report.json', /^\{\n {2}"format": "metalwright-import-report"/],
    ['report.txt', /^Sequences {4}1 task sequence read/],
  ])('writes %s by its ending', async (name, expected) => {
    const { code, out } = await run(file('good'), '--report', file(name));
    expect([code, out]).toEqual([0, `the report is in ${file(name)}\n`]);
    expect(await readFile(file(name), 'utf8')).toMatch(expected);
  });

  it('goes on past what cannot be read, tells where it is wrong, and ends with 1', async () => {
    const { code, out, err } = await run(file('mixed'), file('gone.xml'), '--report');
    expect(code).toBe(1);
    expect(out).toContain('1 task sequence read, 2 files could not be read');
    expect(out).toMatch(/Bad\.xml[^]*line 3, column \d+ \[import\.xml\]/);
    expect(out).toContain('[import.file]');
    expect(out).toContain('1 other file');
    expect(err).toContain('(and 1 more) [import.incomplete]');
  });

  it("simulates on a device of one's own", async () => {
    const { out } = await run(
      file('good'),
      '--report',
      '--verbose',
      '--device',
      file('device.yaml'),
    );
    expect(out).toContain('simulated on PC (make and model not known, x64, BIOS, Linux PE)');
  });

  it.each([
    { what: 'no file', argv: ['--report'], error: 'missing required argument' },
    { what: 'an ending', argv: ['good', '--report', 'x.pdf'], error: '[cli.usage]' },
    { what: 'two wishes', argv: ['good', '--report', '--output', 'x'], error: '[cli.usage]' },
    { what: 'no name', argv: ['good', '--report', '--map', 'ABC00012'], error: 'write an id' },
  ])('ends with 2 for $what', async ({ argv, error }) => {
    const words = argv.map((word) => (word === 'good' ? file(word) : word));
    const { code, err } = await run(...words);
    expect(code).toBe(2);
    expect(err).toContain(error);
  });

  it('ends with 1 for a folder without sequences, and for a list of names that is none', async () => {
    expect((await run(file('empty'), '--report')).err).toContain('[import.incomplete]');
    const { code, err } = await run(
      file('good'),
      '--report',
      '--map-file',
      file('broken-map.yaml'),
    );
    expect(code).toBe(1);
    expect(err).toContain('[import.map]');
  });
});

describe('M24 sequence import --output', () => {
  it('writes documents and the report, and never over a file that is there', async () => {
    const target = file('out');
    const { code, out } = await run(
      file('mixed/deep'),
      '--output',
      target,
      '--map-file',
      file('map.yaml'),
    );
    expect(code).toBe(0);
    expect(out).toContain(`1 documents and the report are in ${target}`);
    expect((await readdir(target)).sort()).toEqual([
      'Tool.yaml',
      'import-report.html',
      'import-report.json',
    ]);
    expect(await readFile(join(target, 'Tool.yaml'), 'utf8')).toContain('name: Tools');

    const again = await run(file('mixed/deep'), '--output', target);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('[import.exists]') });
    const forced = await run(
      file('mixed/deep'),
      '--output',
      target,
      '--force',
      '--map',
      'abc00012=Other',
    );
    expect(forced.code).toBe(0);
    expect(await readFile(join(target, 'Tool.yaml'), 'utf8')).toContain('name: Other');
  });
});

describe('M24 sequence import to a server', () => {
  let site: TestConsole;
  let server: string[];
  beforeAll(async () => {
    site = await openTestConsole({ tls: true });
    server = ['--server', await site.listen(), '--data', site.dataDirectory];
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it('stores what has all that it refers to as ready, the rest as drafts', async () => {
    const { code, out, err } = await run(file('good'), file('mixed/deep'), ...server);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/stored "Install" as \S+, version 1, ready: 1 of 1 steps mapped/);
    expect(out).toMatch(/stored "Tool" as \S+, version 1, a draft: 0 of 1 steps mapped/);
    expect(out).toContain('problem: ');
    const draft = await run(file('good'), '--draft', '--json', ...server);
    expect(JSON.parse(draft.out)).toMatchObject([{ name: 'Install', version: 2, state: 'draft' }]);
  });
});
