import { setTimeout as delay } from 'node:timers/promises';
import type { Store } from './store/operations.ts';

const EVERY_MS = 60 * 60 * 1000;
/** Between two slices: the sweep takes its time, machines do not wait for it. */
const PAUSE_MS = 200;

/** Takes away what is older than the site keeps it, now and each hour, in small slices. */
export function startRetentionSweep(
  { store, nowMs }: { readonly store: Pick<Store, 'retention'>; readonly nowMs: () => number },
  onError: (error: unknown) => void,
): { close(): Promise<void> } {
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  const sweep = async () => {
    try {
      while (!stop.signal.aborted && (await store.retention.sweep(nowMs())))
        await delay(PAUSE_MS, undefined, { signal: stop.signal, ref: false });
    } catch (error) {
      if (!stop.signal.aborted) onError(error);
    }
  };
  const begin = () => {
    running ??= sweep().finally(() => {
      running = undefined;
    });
  };
  const timer = setInterval(begin, EVERY_MS);
  timer.unref();
  begin();
  return {
    async close() {
      clearInterval(timer);
      stop.abort();
      await running;
    },
  };
}
