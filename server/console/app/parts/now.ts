import { createStore, useStore } from '../api/store.ts';

const EVERY_MS = 5000;
/** The time, anew every five seconds. */
export const now = createStore(Date.now());
setInterval(() => now.set(Date.now()), EVERY_MS);

/** The time, anew every five seconds: what is told as `2 min ago` moves though nothing has come. */
export function useNow(): number {
  return useStore(now);
}
