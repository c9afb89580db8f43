import type { RunId } from '../protocol/identity.ts';
import type { Progress } from '../protocol/run-event.ts';
import type { Transport } from '../transport/transport.ts';

const EVERY_MS = 1_000;

/** Tells the server how far the running step is, at most once a second, the latest; a lost one is no harm. */
export class ProgressReport implements Disposable {
  readonly #runId: RunId;
  readonly #transport: Pick<Transport, 'putProgress'>;
  readonly #stop = new AbortController();
  #latest: Progress | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(runId: RunId, transport: Pick<Transport, 'putProgress'>) {
    this.#runId = runId;
    this.#transport = transport;
  }

  report(progress: Progress): void {
    this.#latest = progress;
    if (this.#timer) return;
    this.#send();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#latest) this.report(this.#latest);
    }, EVERY_MS);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#stop.abort();
  }

  #send(): void {
    const progress = this.#latest;
    this.#latest = undefined;
    if (!progress) return;
    this.#transport.putProgress(this.#runId, progress, this.#stop.signal).catch(() => {});
  }
}
