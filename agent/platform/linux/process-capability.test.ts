import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { linuxProcess } from './process-capability.ts';

const { signal } = new AbortController();
let folder = '';
const told: string[] = [];
const capability = (environment: 'linux-pe' | 'full-os') =>
  linuxProcess({
    environment,
    scratchFolder: join(folder, 'scratch'),
    contentFolder: join(folder, 'content'),
    log: (message) => told.push(message),
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'process-'));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe('M02 what a step’s command is given', () => {
  it('files that only root reads, gone when they are not needed', async () => {
    const process = capability('linux-pe');
    await mkdir(join(folder, 'scratch/left-by-a-cut-run'), { recursive: true });
    const bytes = Uint8Array.of(1, 2, 3);
    const made = await process.scratch({ 'a.ps1': bytes }, signal);
    expect(await readdir(join(folder, 'scratch'))).toHaveLength(1);
    expect((await stat(made.path)).mode & 0o777).toBe(0o700);
    expect((await stat(made.file('a.ps1'))).mode & 0o777).toBe(0o600);
    expect(new Uint8Array(await readFile(made.file('a.ps1')))).toEqual(bytes);
    await made[Symbol.asyncDispose]();
    expect(await readdir(join(folder, 'scratch'))).toEqual([]);
    for (const name of ['', '..', 'a/b', 'a\0'])
      await expect(process.scratch({ [name]: bytes }, signal)).rejects.toMatchObject({
        code: 'process.scratch',
      });
    expect(await readdir(join(folder, 'scratch'))).toEqual([]);
  });

  it('the PowerShell in PATH, or a refusal that says what to do', async () => {
    const bin = join(folder, 'bin');
    await mkdir(bin, { recursive: true });
    await writeFile(join(bin, 'pwsh'), '#!/bin/sh\n');
    vi.stubEnv('PATH', `relative:${bin}`);
    await expect(capability('linux-pe').powershell(signal)).rejects.toMatchObject({
      code: 'powershell.missing',
    });
    await chmod(join(bin, 'pwsh'), 0o755);
    expect(await capability('linux-pe').powershell(signal)).toEqual([join(bin, 'pwsh')]);
  });

  it('an environment that starts, with a word about what was left out and without its value', async () => {
    const environment = { KEPT: 'yes', HUGE: 'h'.repeat(140_000) };
    const argv = ['sh', '-c', 'echo "$KEPT:$HUGE:$NODE_ENV:$PATH"'] as const;
    const { output } = await capability('linux-pe').run({ argv, environment }, signal);
    expect(output).toMatch(/^yes:::\/.+\n$/);
    expect(told.join('\n')).toContain('HUGE');
    expect(told.join('\n')).not.toContain('hhhh');
  });

  it('no other account in PE', async () => {
    const runAs = { user: 'nobody', password: 'x' };
    const asked = capability('linux-pe').run({ argv: ['true'], environment: {}, runAs }, signal);
    await expect(asked).rejects.toMatchObject({ code: 'command.run-as-pe' });
    await expect(capability('linux-pe').scratch({}, signal, runAs)).rejects.toMatchObject({
      code: 'command.run-as-pe',
    });
  });
});
