import { setTimeout as wait } from 'node:timers/promises';
import { StepError } from '../../../sequence/step-error.ts';
import type { WindowsMachineParts } from '../parts.ts';

/** Microsoft's word for how long the service behind diskpart takes to end before it takes another script. */
export const RESTING_MS = 15_000;
/** A service that diskpart uses reported a failure; the device is not ready. */
const BUSY_CODES = [4, 0x80070015];

export interface DiskpartScript {
  readonly text: string;
  /** What it does, for messages: `erasing disk 0`. */
  readonly title: string;
  readonly timeoutMs: number;
  /** Whether it may be run once more when diskpart's service was not ready. */
  readonly again: boolean;
}

/**
 * Runs a script of diskpart; returns what it printed. Only ASCII goes into it: in which code page diskpart reads
 * a script is the installation's matter. @throws {StepError} `tool.*`, `diskpart.script`
 */
export async function runDiskpart(
  { text, title, timeoutMs, again }: DiskpartScript,
  parts: Pick<WindowsMachineParts, 'runTool' | 'scratch'> & { readonly restingMs?: number },
  signal: AbortSignal,
): Promise<string> {
  if (/[^\x20-\x7e\r\n]/.test(text))
    throw new StepError(
      'diskpart.script',
      `A script of diskpart has letters beyond ASCII: ${title}`,
    );
  await using folder = await parts.scratch({ 'diskpart.txt': Buffer.from(text) }, signal);
  const argv: [string, ...string[]] = ['diskpart.exe', '/s', folder.file('diskpart.txt')];
  const command = { argv, title: `diskpart (${title})`, timeoutMs };
  const first = await parts.runTool(
    { ...command, ...(again ? { allowed: BUSY_CODES } : {}) },
    signal,
  );
  if (!again || !BUSY_CODES.includes(first.code)) return first.output;
  await wait(parts.restingMs ?? RESTING_MS, undefined, { signal });
  return (await parts.runTool(command, signal)).output;
}

/** Whether diskpart failed because its service was not ready. */
export function isBusy({ code, exitCode }: StepError): boolean {
  return code === 'tool.failed' && BUSY_CODES.includes(exitCode);
}
