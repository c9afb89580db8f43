import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './process.ts';

const { signal } = new AbortController();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'process-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

/** Whether a process is there and has not ended. */
async function lives(pid: string): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  return stat !== '' && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

describe('M02 the end of a command', () => {
  it.each([
    ['a child', 'sleep 60 & echo $!; wait'],
    ['a child with a session of its own', 'setsid sh -c "echo \\$\\$; exec sleep 60"'],
    [
      'an orphan with a session of its own',
      '(setsid sh -c "echo \\$\\$; exec sleep 60" &); sleep 60',
    ],
    ['a child without the mark', 'env -i setsid sh -c "echo \\$\\$; exec sleep 60" & wait'],
    [
      'a child that does not listen',
      `trap "" TERM; setsid sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done'`,
    ],
  ])('at the time-out leaves nothing of %s', async (_what, script) => {
    const argv = ['sh', '-c', script] as const;
    const ended = await runCommand({ argv, timeoutMs: 150, killAfterMs: 60 }, signal);
    const pid = ended.stdout.trim();
    expect(pid).toMatch(/^\d+$/);
    expect(ended.timedOut).toBe(true);
    expect(ended.code).toBeGreaterThan(128);
    expect(await lives(pid)).toBe(false);
  });

  it('leaves nothing when the run is cancelled', async () => {
    const controller = new AbortController();
    let pid = '';
    const argv = ['sh', '-c', '(setsid sh -c "echo \\$\\$; exec sleep 60" &); sleep 60'] as const;
    const onStdout = (text: string): void => {
      pid += text;
      if (pid.endsWith('\n')) controller.abort(new Error('cancelled'));
    };
    const running = runCommand({ argv, onStdout }, controller.signal);
    await expect(running).rejects.toThrow('cancelled');
    expect(await lives(pid.trim())).toBe(false);
  });

  it('does not wait for a service that it left running with its output', async () => {
    const argv = ['sh', '-c', 'setsid sleep 60 & echo $!; exit 7'] as const;
    const started = performance.now();
    const { code, stdout, timedOut } = await runCommand({ argv, timeoutMs: 30_000 }, signal);
    try {
      expect([code, timedOut]).toEqual([7, false]);
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(await lives(stdout.trim())).toBe(true);
    } finally {
      process.kill(Number(stdout));
    }
  });

  it('is told as a code, also for what did not begin', async () => {
    const killed = await runCommand({ argv: ['sh', '-c', 'kill -9 $$'] }, signal);
    expect(killed.code).toBe(137);
    const missing = runCommand({ argv: [join(folder, 'nothing')] }, signal);
    await expect(missing).rejects.toMatchObject({ code: 'process.not-found' });
    const long = runCommand({ argv: ['true', 'x'.repeat(200_000)] }, signal);
    await expect(long).rejects.toMatchObject({ code: 'process.start' });
    const nul = runCommand({ argv: ['true', 'a\0b'] }, signal);
    await expect(nul).rejects.toMatchObject({ code: 'process.start' });
  });
});
