import type { Lease } from './lease-table.ts';

/** Leases to one write. */
const MOST = 2000;

interface Waiting {
  readonly lease: Lease;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Writes leases many at a time: while one write is under way the next ones gather, so that a whole bench
 * waits for few syncs of the disk. Of one address the last counts, in the order they came.
 */
export function makeLeaseKeeper(write: (leases: readonly Lease[]) => Promise<void>): {
  /** Resolves when the store has it. */
  keep(lease: Lease): Promise<void>;
} {
  let waiting: Waiting[] = [];
  let isWriting = false;
  const work = async (): Promise<void> => {
    isWriting = true;
    while (waiting.length > 0) {
      const now = waiting.slice(0, MOST);
      waiting = waiting.slice(MOST);
      const newest = new Map(now.map(({ lease }) => [lease.address, lease]));
      try {
        await write([...newest.values()]);
        for (const { done } of now) done();
      } catch (error) {
        for (const { failed } of now) failed(error);
      }
    }
    isWriting = false;
  };
  return {
    keep(lease) {
      const kept = new Promise<void>((done, failed) => {
        waiting.push({ lease, done, failed });
      });
      if (!isWriting) void work();
      return kept;
    },
  };
}
