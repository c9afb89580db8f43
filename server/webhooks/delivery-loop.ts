import type { Store } from '../store/operations.ts';
import { deliver } from './deliver.ts';

const EVERY_MS = 2000;

/** What the loop works with. */
export interface DeliveryParts {
  readonly store: Pick<Store, 'webhooks'>;
  readonly variableKey: Uint8Array;
  readonly allowLocal: boolean;
  readonly nowMs: () => number;
  readonly onDisabled: (url: string, reason: string) => void;
  readonly onError: (error: unknown) => void;
}

/** Delivers what is due, at least once each; answers how many were tried. */
export async function deliverDue(parts: DeliveryParts): Promise<number> {
  const { store, nowMs } = parts;
  const due = await store.webhooks.take(nowMs());
  await Promise.all(
    due.map(async (delivery) => {
      const failure = await deliver(delivery, { ...parts, nowMs: nowMs() });
      const disabled = await store.webhooks.settle(delivery, { failure, nowMs: nowMs() });
      if (disabled) parts.onDisabled(delivery.webhook.url, failure ?? '');
    }),
  );
  return due.length;
}

/** Looks every two seconds, until it is closed. */
export function startDelivery(parts: DeliveryParts): { close(): Promise<void> } {
  let running: Promise<void> | undefined;
  const stop = new AbortController();
  const turn = async () => {
    try {
      while (!stop.signal.aborted && (await deliverDue(parts)) > 0);
    } catch (error) {
      if (!stop.signal.aborted) parts.onError(error);
    }
  };
  const timer = setInterval(() => {
    running ??= turn().finally(() => {
      running = undefined;
    });
  }, EVERY_MS);
  timer.unref();
  return {
    async close() {
      stop.abort();
      clearInterval(timer);
      await running;
    },
  };
}
