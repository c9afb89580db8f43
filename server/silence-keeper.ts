import type { BootDecision } from './http/services.ts';
import type { Silence } from './inventory/history.ts';
import type { Store } from './store/operations.ts';

const EVERY_MS = 10_000;
/** Machines and reasons that are kept between two writes; of more, only that there were more is lost. */
const MOST = 1000;

/** Keeps why network boots were not answered: a flood of requests is one write in ten seconds. */
export function startSilenceKeeper(
  store: Pick<Store, 'silences'>,
  onError: (error: unknown) => void,
): { note(decision: BootDecision): void; flush(): Promise<void>; close(): Promise<void> } {
  let waiting = new Map<string, Silence>();
  let writing = Promise.resolve();
  const flush = async () => {
    if (waiting.size === 0) return;
    const noted = [...waiting.values()];
    waiting = new Map();
    writing = writing.then(async () => store.silences.note(noted)).catch(onError);
    await writing;
  };
  const timer = setInterval(() => void flush(), EVERY_MS);
  timer.unref();
  return {
    note(decision) {
      if (decision.outcome !== 'silent') return;
      const { mac, reason, guid, architecture, interfaceName, atMs } = decision;
      const key = `${mac} ${reason}`;
      const before = waiting.get(key);
      if (before === undefined && waiting.size >= MOST) return;
      waiting.set(key, {
        mac,
        guid,
        architecture,
        interfaceName,
        reason,
        firstMs: before?.firstMs ?? atMs,
        lastMs: atMs,
        count: (before?.count ?? 0) + 1,
      });
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
      await writing;
    },
  };
}
