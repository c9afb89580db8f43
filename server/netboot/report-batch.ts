import type { NetbootReport } from './snapshot.ts';

/** How late a report may be: the console shows no more often what is new. */
const EVERY_MS = 25;
/** Thousands of machines at once: so many go at a time, so that nobody reads a whole flood in one piece. */
const MOST = 200;

/**
 * Gathers reports: to send each by itself from one thread to the other costs both of them more than the answer that it
 * is about.
 *
 * @param send gets them in their order
 */
export function makeReportBatch(send: (reports: readonly NetbootReport[]) => void): {
  readonly add: (report: NetbootReport) => void;
  /** Sends what there is. */
  readonly flush: () => void;
} {
  let waiting: NetbootReport[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const now = waiting;
    waiting = [];
    if (now.length > 0) send(now);
  };
  return {
    add(report) {
      waiting.push(report);
      if (waiting.length >= MOST) flush();
      else timer ??= setTimeout(flush, EVERY_MS);
    },
    flush,
  };
}
