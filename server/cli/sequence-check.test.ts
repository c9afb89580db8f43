import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { steps } from '#agent/steps/index.ts';
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
    expect(rows.find((row) => row.startsWith('capture-image '))).toMatch(/yes +not yet +/);
    expect(rows.find((row) => row.startsWith('restart '))).toContain('Reboot');
    expect(out).toContain(
      '34 steps: 34 are written, checked, simulated and imported; the actions of 21 run',
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
      - step: Prepare it
        type: prepare-windows
${more}      - step: Apply
        type: apply-image
        params: { image: { name: W }, directAccess: true }
`;

  it('names each step and setting, with its line, and takes the file', async () => {
    const { code, out } = await check(text());
    expect(code).toBe(0);
    expect(out).toContain(
      'warning: steps[0].steps[0] (line 5): "Prepare it": this version cannot run a "Prepare Windows for Capture" step yet [step.later]',
    );
    expect(out).toContain(
      'warning: steps[0].steps[1] (line 7): "Apply": "Apply Operating System Image" cannot do this yet: access content directly from the distribution point [step.later]',
    );
    expect(out).toContain('"Later" is well formed');
  });

  it('passes over what is disabled', async () => {
    const { out } = await check(text('        disabled: true\n'));
    expect(out).not.toContain('"Prepare it"');
    expect(out).toContain('"Apply"');
    const inGroup = text().replace('- group: Capture', '- group: Capture\n    disabled: true');
    expect((await check(inGroup)).out).not.toContain('step.later');
  });
});
