import { stat, writeFile } from 'node:fs/promises';
import type { PowerCapability } from '../../sequence/platform.ts';
import type { BootEntries } from './boot-entries.ts';
import { runCommand, runTool } from './process.ts';
import { findStagedEntry, keepStagedEntry } from './staged-entry.ts';

/**
 * Restarts the machine. To come back to the PE, the network entry is set for the next start: the
 * entry of an installed OS would be first otherwise.
 */
export function linuxPower(options: {
  readonly entries: BootEntries;
  readonly firmware: 'uefi' | 'bios';
  /** Whether the PE was started from media: it comes back from there. */
  readonly fromMedia?: boolean;
  /** Partition of prestaged media that it was started from. */
  readonly staged?: string | undefined;
  readonly log: (message: string) => void;
}): PowerCapability {
  const { entries, firmware, fromMedia = false, staged, log } = options;
  return {
    async restart(next) {
      const signal = AbortSignal.timeout(300_000);
      if (firmware === 'uefi' && (next === 'pe' || staged !== undefined))
        await setNextStart(entries, { next, fromMedia, staged }, signal).catch((error: unknown) =>
          log(`The next start could not be set: ${String(error)}`),
        );
      await runTool(['sync'], signal, { timeoutMs: 240_000 });
      if (await stat('/run/systemd/system').catch(() => undefined))
        await runCommand({ argv: ['systemctl', 'reboot'] }, signal);
      else {
        // No init that could: sync, remount read-only, boot (kernel, admin-guide/sysrq).
        for (const key of ['s', 'u', 'b']) {
          await writeFile('/proc/sysrq-trigger', key);
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
      }
      return new Promise<never>(() => {
        // The machine goes down; an interval keeps the process until it does.
        setInterval(() => {}, 60_000);
      });
    },
  };
}

/** To the PE: back to what this Linux was started from, or, from an installed system, to where its run has begun. */
async function setNextStart(
  entries: BootEntries,
  {
    next,
    fromMedia,
    staged,
  }: {
    readonly next: 'pe' | 'disk';
    readonly fromMedia: boolean;
    readonly staged: string | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const entry =
    staged === undefined
      ? fromMedia
        ? undefined
        : await findStagedEntry(entries, signal)
      : await keepStagedEntry(entries, staged, signal);
  if (next !== 'pe') return;
  if (entry !== undefined) return entries.setNext(entry, signal);
  return fromMedia ? startAsNow(entries, signal) : startFromNetwork(entries, signal);
}

/** By the entry that it was started by now. */
async function startAsNow(entries: BootEntries, signal: AbortSignal): Promise<void> {
  const { current } = await entries.read(signal);
  if (current === undefined) throw new Error('the firmware does not say what it started');
  await entries.setNext(current, signal);
}

async function startFromNetwork(entries: BootEntries, signal: AbortSignal): Promise<void> {
  const { entries: all, order, current } = await entries.read(signal);
  const network = all.filter(({ network }) => network);
  const entry =
    network.find(({ number }) => number === current) ??
    order.map((number) => network.find((entry) => entry.number === number)).find(Boolean);
  if (entry) await entries.setNext(entry.number, signal);
  else throw new Error('the firmware has no network boot entry');
}
