import type { VariableChange } from '../protocol/run-event.ts';

/** How often a download is tried again, and how long after. */
export interface DownloadRetry {
  readonly count: number;
  readonly delayMs: number;
}

const DEFAULT_COUNT = 2;
const DEFAULT_DELAY_SECONDS = 15;
const MAX_COUNT = 10_000;
const MAX_DELAY_SECONDS = 24 * 3600;

/**
 * SMSTSDownloadRetryCount and SMSTSDownloadRetryDelay (seconds) among the variables that a run begins with.
 * Undefined where neither is set: then a distribution point that is away is waited for.
 */
export function downloadRetry(variables: readonly VariableChange[]): DownloadRetry | undefined {
  const number = (name: string, most: number): number | undefined => {
    const value = variables.findLast((each) => each.name.toLowerCase() === name)?.value.trim();
    return value !== undefined && /^\d{1,9}$/.test(value)
      ? Math.min(Number(value), most)
      : undefined;
  };
  const count = number('smstsdownloadretrycount', MAX_COUNT);
  const delay = number('smstsdownloadretrydelay', MAX_DELAY_SECONDS);
  if (count === undefined && delay === undefined) return undefined;
  return { count: count ?? DEFAULT_COUNT, delayMs: (delay ?? DEFAULT_DELAY_SECONDS) * 1000 };
}
