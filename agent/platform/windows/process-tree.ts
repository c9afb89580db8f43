import { type ChildProcess, spawn } from 'node:child_process';
import type { ProcessJob } from './win32.ts';

const TASKKILL_TIMEOUT_MS = 30_000;

/**
 * Ends a program with all that it started: the job it was put into when it was started, which no child
 * leaves by itself; where there is none, what `taskkill` finds below it, and it alone in a Windows PE
 * without that tool.
 */
export async function endProcessTree(
  child: ChildProcess,
  job: ProcessJob | undefined,
): Promise<void> {
  if (job) job.terminate();
  else if (child.pid !== undefined) await taskkill(child.pid);
  child.kill('SIGKILL');
}

async function taskkill(pid: number): Promise<void> {
  return new Promise((resolve) => {
    const killer = spawn('taskkill.exe', ['/PID', String(pid), '/T', '/F'], {
      stdio: 'ignore',
      timeout: TASKKILL_TIMEOUT_MS,
      windowsHide: true,
    });
    killer.once('error', () => resolve());
    killer.once('close', () => resolve());
  });
}
