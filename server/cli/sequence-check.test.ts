import { describe, expect, it } from 'vitest';
import { steps } from '#agent/steps/index.ts';
import { runCommandLine } from './program.ts';

async function run(...argv: readonly string[]) {
  let out = '';
  let err = '';
  const code = await runCommandLine(['sequence', 'check', ...argv], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    columns: undefined,
    signal: new AbortController().signal,
  });
  return { code, out, err };
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
    expect(rows.find((row) => row.startsWith('apply-image '))).toMatch(/yes +Linux PE +/);
    expect(rows.find((row) => row.startsWith('join-domain '))).toMatch(/yes +not yet +/);
    expect(rows.find((row) => row.startsWith('restart '))).toContain('Reboot');
    expect(out).toContain(
      '34 steps: 34 are written, checked, simulated and imported; the actions of 8 run',
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
