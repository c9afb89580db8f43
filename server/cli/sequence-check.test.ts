import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steps } from '#agent/steps/index.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { runHere } from './testing/run-here.ts';

async function run(...argv: readonly string[]) {
  return runHere(['sequence', 'check', ...argv]);
}

describe('M24 sequence check --all', () => {
  it('has a row for each step, with what works of it and where', async () => {
    const { code, out, err } = await run('--all');
    expect([code, err]).toEqual([0, '']);
    const rows = out.split('\n');
    for (const { type, title } of Object.values(steps))
      expect(rows.filter((row) => row.startsWith(`${type} `) && row.includes(title))).toHaveLength(
        1,
      );
    expect(rows.find((row) => row.startsWith('apply-image '))).toMatch(
      /yes +Windows PE, Linux PE +/,
    );
    expect(rows.find((row) => row.startsWith('join-domain '))).toMatch(/yes +installed system +/);
    expect(rows.find((row) => row.startsWith('upgrade-os '))).toMatch(/yes +not yet +/);
    expect(rows.find((row) => row.startsWith('restart '))).toContain('Reboot');
    expect(out).toContain(
      '34 steps: 34 are written, checked, simulated and imported; the actions of 26 run',
    );
  });

  it('is a list as JSON', async () => {
    const { out } = await run('--all', '--json');
    expect(JSON.parse(out)).toHaveLength(34);
  });

  it('is instead of a file', async () => {
    for (const argv of [[], ['x.yaml', '--all']])
      expect(await run(...argv)).toMatchObject({
        code: 2,
        err: expect.stringContaining('[cli.usage]'),
      });
  });
});

describe('sequence check of a file with what this version has no action for', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'metalwright-check-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const check = async (text: string) => {
    const file = join(folder, 'sequence.yaml');
    await writeFile(file, text);
    return run(file);
  };
  const text = (more = '') => `name: Later
steps:
  - group: Capture
    steps:
      - step: Give it back
        type: release-state-store
${more}      - step: Apply
        type: apply-image
        params: { image: { name: W }, directAccess: true }
`;

  it('names each step and setting, with its line, and takes the file', async () => {
    const { code, out } = await check(text());
    expect(code).toBe(0);
    expect(out).toContain(
      'warning: steps[0].steps[0] (line 5): "Give it back": this version cannot run a "Release State Store" step yet [step.later]',
    );
    expect(out).toContain(
      'warning: steps[0].steps[1] (line 7): "Apply": "Apply Operating System Image" cannot do this yet: access content directly from the distribution point [step.later]',
    );
    expect(out).toContain('"Later" is well formed');
  });

  it('passes over what is disabled', async () => {
    const { out } = await check(text('        disabled: true\n'));
    expect(out).not.toContain('"Give it back"');
    expect(out).toContain('"Apply"');
    const inGroup = text().replace('- group: Capture', '- group: Capture\n    disabled: true');
    expect((await check(inGroup)).out).not.toContain('step.later');
  });
});

describe('sequence check of what a boot image must have', () => {
  const text = `name: Scripted
bootImage: { name: PE }
steps:
  - { step: One, type: run-powershell, params: { script: exit 0 } }
  - { step: Two, type: run-command, params: { commandLine: cscript.exe x.vbs } }
`;
  let site: TestConsole;
  let file: string;
  beforeAll(async () => {
    site = await openTestConsole({ tls: true });
    file = join(site.dataDirectory, 'scripted.yaml');
    await writeFile(file, text);
  });
  afterAll(() => site[Symbol.asyncDispose]());

  it('lists the components and their steps without a server', async () => {
    const { code, out } = await run(file);
    expect(code).toBe(0);
    expect(out).toContain('the boot image "PE" needs WinPE-PowerShell: "One"\n');
    expect(out).toContain('the boot image "PE" needs WinPE-Scripting: "One", "Two"\n');
  });

  it('names what a server has not, and fails for what could not be deployed', async () => {
    const server = ['--server', await site.listen(), '--data', site.dataDirectory];
    const missing = await run(file, ...server);
    expect(missing).toMatchObject({
      code: 1,
      err: expect.stringContaining('[sequence.not-deployable]'),
    });
    expect(missing.out).toContain(
      'no boot image of that name or id is stored [sequence.reference]',
    );

    const add = async (components: string[]) => {
      const windows = {
        edition: 'WindowsPE',
        installationType: 'WindowsPE',
        productType: 'WinNT',
        version: '10.0.26100.1',
        languages: [],
        components,
      };
      const image = { index: 1, name: 'PE', architecture: 'x64' as const, totalBytes: 0 };
      const images = [{ ...image, kind: 'windows' as const, windows }];
      const { packages } = site.services.store;
      await packages.add({ name: 'PE', kind: 'boot-image', objects: [], images }, 1);
    };
    await add(['WinPE-WMI']);
    const lacking = await run(file, ...server);
    expect(lacking.code).toBe(1);
    expect(lacking.out).toMatch(
      /problem: Step "One" \(steps\[0\]\) needs WinPE-PowerShell, .* \[boot-image.component\]\n {4}what to do: Make a Windows PE/,
    );
    expect(lacking.out).toContain('warning: Step "Two" (steps[1]) needs WinPE-Scripting');
    await add(['WinPE-WMI', 'WinPE-NetFx', 'WinPE-Scripting', 'WinPE-PowerShell']);
    const whole = await run(file, ...server);
    expect(whole).toMatchObject({ code: 0, err: '' });
    expect(whole.out).toContain('the server has all that it refers to\n');
  });
});
