import type { Changes } from '../../services.ts';

/**
 * Waits until something may have changed, at most `maxMs`. Nothing is promised: another server that
 * shares the database tells nobody here, so who waits looks for himself and waits again.
 */
export function waitForChange(changes: Changes, maxMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, maxMs);
    const stop = changes.listen(end);
    signal.addEventListener('abort', end);
    if (signal.aborted) end();
  });
}
