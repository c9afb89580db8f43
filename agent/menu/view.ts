import type { Offer } from '../protocol/policy.ts';
import type { Progress, RunError } from '../protocol/run-event.ts';
import type { ProgressFace } from './progress-face.ts';

/** Who and where: shown whatever happens. */
export interface Header {
  /** Address of the server. */
  readonly server: string;
  /** This machine's own address and the NIC that booted. */
  readonly address: string;
  readonly serialNumber: string;
  readonly model: string;
  readonly deviceName: string;
}

/** What the person at the machine is told now. */
export type View =
  | { readonly kind: 'starting'; readonly text: string }
  | { readonly kind: 'waiting'; readonly reason: string; readonly code: string }
  | { readonly kind: 'menu'; readonly offers: readonly Offer[]; readonly typed: string }
  | {
      readonly kind: 'running';
      readonly sequence: string;
      readonly progress: Progress | undefined;
      readonly face: ProgressFace;
      /** Why nothing moves just now. */
      readonly waiting: string | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly what: string;
      readonly error: RunError;
      readonly runId: string;
      /** What happens next, and when. */
      readonly note?: string;
    }
  | { readonly kind: 'done'; readonly text: string; readonly runId: string };

/** `12.3 MB/s`, `1.5 GB`: decimal units, as on boxes and cables. */
function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `3 min 20 s`, `45 s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** Share of the running step that is done, 0 to 100; undefined where nobody knows. */
export function percentOf({ doneBytes, totalBytes }: Progress): number | undefined {
  if (doneBytes === undefined || totalBytes === undefined || totalBytes === 0) return undefined;
  return Math.min(100, Math.floor((doneBytes * 100) / totalBytes));
}

/** One line on the running step: percent, bytes, rate, time left, as far as they are known. */
export function describeProgress(progress: Progress): string {
  const { detail, doneBytes, totalBytes, bytesPerSecond, remainingMs } = progress;
  const percent = percentOf(progress);
  const bytes =
    doneBytes === undefined
      ? undefined
      : totalBytes === undefined
        ? formatBytes(doneBytes)
        : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
  return [
    detail,
    percent === undefined ? undefined : `${percent} %`,
    bytes,
    bytesPerSecond === undefined ? undefined : `${formatBytes(bytesPerSecond)}/s`,
    remainingMs === undefined ? undefined : `${formatDuration(remainingMs)} left`,
  ]
    .filter((part) => part !== undefined && part !== '')
    .join(', ');
}
