import { setTimeout as wait } from 'node:timers/promises';
import type { Journal } from '../journal.ts';
import type { RunId } from '../protocol/identity.ts';
import type { RunEvent } from '../protocol/run-event.ts';
import { type OnTrouble, retry } from '../transport/retry.ts';
import type { Transport } from '../transport/transport.ts';
import { TransportError } from '../transport/transport-error.ts';

const BATCH = 100;
/** Half of what the server takes; a step whose scripts set much is an event of 200 KiB. */
const BATCH_BYTES = 2 * 1024 * 1024;
/** Before events that the server did not keep are sent again. */
const AGAIN_MS = 1_000;

/**
 * Sends the journal's events to the server in the background, each until it is acknowledged, for as
 * long as it takes. What is sent is always read from the journal, so nothing is queued twice.
 */
export class Outbox implements AsyncDisposable {
  readonly #journal: Journal;
  readonly #transport: Pick<Transport, 'postEvents'>;
  readonly #onTrouble: OnTrouble;
  readonly #firstWaitMs: number;
  readonly #longest: { readonly longestMs?: number };
  readonly #stop = new AbortController();
  #have: number;
  #failure: Error | undefined;
  #waiting: { readonly seq: number; readonly settle: PromiseWithResolvers<void> }[] = [];
  #sending: Promise<void> | undefined;

  /** @param have seq of the last event that the server has already */
  constructor(options: {
    readonly journal: Journal;
    readonly transport: Pick<Transport, 'postEvents'>;
    readonly have: number;
    readonly onTrouble: OnTrouble;
    /** Before the first try again; 500 ms. */
    readonly firstWaitMs?: number;
    /** Between two tries; 15 s. */
    readonly longestWaitMs?: number;
  }) {
    this.#journal = options.journal;
    this.#transport = options.transport;
    this.#have = options.have;
    this.#onTrouble = options.onTrouble;
    this.#firstWaitMs = options.firstWaitMs ?? AGAIN_MS / 2;
    const { longestWaitMs } = options;
    this.#longest = longestWaitMs === undefined ? {} : { longestMs: longestWaitMs };
  }

  get have(): number {
    return this.#have;
  }

  /** Something was synced in the journal: what a power cut could take is not sent. */
  notify(): void {
    if (this.#have < this.#journal.syncedSeq && !this.#failure) this.#sending ??= this.#send();
  }

  /** Comes back when the server has this event. @throws {TransportError} `run.forked` and other refusals */
  async acked(seq: number, signal: AbortSignal): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (seq <= this.#have) return;
    const settle = Promise.withResolvers<void>();
    this.#waiting.push({ seq, settle });
    this.notify();
    const onAbort = (): void => settle.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await settle.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Stops sending; what was not acknowledged is in the journal. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#sending;
  }

  async #send(): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (this.#have < this.#journal.syncedSeq) {
        const runId: RunId = this.#journal.header.runId;
        const { syncedSeq } = this.#journal;
        const events = batchOf(this.#journal.events.slice(this.#have, syncedSeq));
        const { have } = await retry(
          async (trying) => this.#transport.postEvents(runId, events, trying),
          { onTrouble: this.#onTrouble, firstMs: this.#firstWaitMs, ...this.#longest },
          signal,
        );
        if (have > this.#journal.lastSeq)
          throw new TransportError(
            'run.forked',
            `the server has ${have} events of this run, this machine ${this.#journal.lastSeq}`,
            { status: 409, hint: 'Another machine goes on with the same run: a cloned disk?' },
          );
        const kept = have > this.#have;
        this.#have = have;
        this.#settle();
        if (!kept) await wait(2 * this.#firstWaitMs, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#settle();
      }
    } finally {
      this.#sending = undefined;
    }
  }

  #settle(): void {
    const settled = this.#waiting.filter(({ seq }) => this.#failure || seq <= this.#have);
    this.#waiting = this.#waiting.filter((waiting) => !settled.includes(waiting));
    for (const { settle } of settled) {
      if (this.#failure) settle.reject(this.#failure);
      else settle.resolve();
    }
  }
}

/** The first events, at least one, that go into one message. */
function batchOf(events: readonly RunEvent[]): RunEvent[] {
  const batch: RunEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    bytes += Buffer.byteLength(JSON.stringify(event));
    if (batch.length > 0 && (batch.length === BATCH || bytes > BATCH_BYTES)) break;
    batch.push(event);
  }
  return batch;
}
