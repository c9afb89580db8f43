import type { Store } from './store/operations.ts';

/** All collections, whatever has changed: what nothing tells of does not stay wrong for longer. */
const FULL_MS = 24 * 60 * 60_000;
/** Queries that compare with a time before now, `lastSeen < "30 days ago"`. */
const TIMED_MS = 5 * 60_000;
/** How soon what another server asked for is found. */
const LOOK_MS = 30_000;

/** Evaluates the collections that wait for it. */
export interface MembershipEvaluator {
  /** Something may wait. */
  changed(): void;
  /** Resolves when nothing waits any more; for tests and benchmarks. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Keeps the members of collections those of their rules: at once when rules changed, on a schedule, and
 * when the server starts, where one before was stopped halfway. Devices come in slices, one store call
 * each, so that machines are answered in between; until its slice comes a device keeps the collections
 * that it had. A device that changes needs none of this, the store decides it in the same transaction.
 */
export function startMembershipEvaluator(settings: {
  readonly store: Pick<Store, 'memberships'>;
  /** Members are others now. */
  readonly onChanged: () => void;
  readonly onError: (error: unknown) => void;
  readonly nowMs: () => number;
}): MembershipEvaluator {
  const { memberships } = settings.store;
  const stop = new AbortController();
  const { signal } = stop;
  const work: { again: boolean; done: Promise<void> | undefined } = {
    again: false,
    done: undefined,
  };

  const evaluate = async () => {
    const waiting = await memberships.pending();
    if (waiting.length === 0 || signal.aborted) return;
    const startedMs = settings.nowMs();
    const from = performance.now();
    const wanted = waiting.map(({ id }) => id);
    for (let after: string | null = ''; after !== null; ) {
      after = await memberships.evaluateSlice(wanted, { after, nowMs: startedMs });
      if (signal.aborted) return;
    }
    const tookMs = Math.round(performance.now() - from);
    await memberships.finish(waiting, { startedMs, tookMs });
    settings.onChanged();
    work.again = true;
  };
  const run = async () => {
    do {
      work.again = false;
      try {
        await evaluate();
      } catch (error) {
        // What waits goes on waiting: the next change or look tries again.
        if (!signal.aborted) settings.onError(error);
      }
    } while (work.again && !signal.aborted);
    work.done = undefined;
  };
  const changed = () => {
    work.again = true;
    if (!signal.aborted) work.done ??= run();
  };
  const request = async (ask: () => Promise<void>) => {
    try {
      await ask();
      changed();
    } catch (error) {
      if (!signal.aborted) settings.onError(error);
    }
  };
  const timers = [
    setInterval(() => void request(() => memberships.request(null, settings.nowMs())), FULL_MS),
    setInterval(() => void request(() => memberships.requestTimed(settings.nowMs())), TIMED_MS),
    setInterval(changed, LOOK_MS),
  ];
  for (const timer of timers) timer.unref();
  changed();
  return {
    changed,
    async settled() {
      while (work.done !== undefined) await work.done;
    },
    async close() {
      stop.abort();
      for (const timer of timers) clearInterval(timer);
      await work.done;
    },
  };
}
