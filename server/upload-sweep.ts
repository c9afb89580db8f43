import type { Sha256 } from '#agent/protocol/identity.ts';
import type { ReceivedFiles } from './content/received-files.ts';
import type { Intake } from './content/take-in.ts';
import type { Store } from './store/operations.ts';

/** An upload that nobody went on with for so long is over. */
const KEPT_MS = 24 * 60 * 60 * 1000;
const EVERY_MS = 60 * 60 * 1000;

/** What the sweep works with. */
export interface SweepParts {
  readonly store: Pick<Store, 'uploads'>;
  readonly intake: Pick<Intake, 'discard'>;
  /** Images that come in parts. */
  readonly received: Pick<ReceivedFiles, 'sweep'>;
  /** Objects that are none of a package: the agent's own. */
  readonly keep: ReadonlySet<Sha256>;
  readonly nowMs: () => number;
}

/**
 * Ends uploads that were left, and takes away what came for them alone. Cut off at any point, the next one
 * goes on: an upload is forgotten last.
 */
export async function sweepUploads({
  store,
  intake,
  received,
  keep,
  nowMs,
}: SweepParts): Promise<number> {
  const orphans = await store.uploads.expire(nowMs() - KEPT_MS);
  for (const sha256 of orphans) if (!keep.has(sha256)) await intake.discard(sha256);
  await store.uploads.forget();
  await received.sweep(async () => new Set(await store.uploads.open()));
  return orphans.length;
}

/** Sweeps now and each hour, until it is closed. */
export function startUploadSweep(
  parts: SweepParts,
  onError: (error: unknown) => void,
): { close(): Promise<void> } {
  let running = Promise.resolve();
  const sweep = () => {
    running = running.then(async () => {
      try {
        await sweepUploads(parts);
      } catch (error) {
        onError(error);
      }
    });
  };
  const timer = setInterval(sweep, EVERY_MS);
  timer.unref();
  sweep();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
