import type { RunId } from '../protocol/identity.ts';
import type { Transport } from '../transport/transport.ts';
import { TransportError } from '../transport/transport-error.ts';
import type { LogSlice } from './log-files.ts';

const EVERY_MS = 2_000;
const CHUNK_BYTES = 128 * 1024;

/**
 * Sends the log to the server in slices. Offsets are those of the whole run's log: what this
 * start of the machine logs follows what the server has from earlier ones. A server that is away is
 * asked again at the next turn; the log is never what a run waits for.
 */
export class LogUpload implements AsyncDisposable {
  readonly #log: { read(offset: number, length: number): LogSlice };
  readonly #runId: RunId;
  readonly #transport: Pick<Transport, 'postLog'>;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** Offset in the run's log at which this start's begins; unknown until the server has told it. */
  #base: number | undefined;
  #sent = 0;
  #sending: Promise<void> | undefined;

  constructor(options: {
    readonly log: { read(offset: number, length: number): LogSlice };
    readonly runId: RunId;
    readonly transport: Pick<Transport, 'postLog'>;
    readonly everyMs?: number;
  }) {
    this.#log = options.log;
    this.#runId = options.runId;
    this.#transport = options.transport;
    this.#timer = setInterval(() => void this.#turn(), options.everyMs ?? EVERY_MS);
    this.#timer.unref();
  }

  /** Sends what is there now, or as much as goes before the signal. */
  async flush(signal: AbortSignal): Promise<void> {
    await this.#sending;
    await this.#send(signal).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#sending;
  }

  async #turn(): Promise<void> {
    if (this.#sending || this.#stop.signal.aborted) return;
    this.#sending = this.#send(this.#stop.signal)
      .catch((error: unknown) => {
        // A server that refuses the log for good would refuse it every two seconds.
        if (error instanceof TransportError && !error.passing) clearInterval(this.#timer);
      })
      .finally(() => {
        this.#sending = undefined;
      });
  }

  async #send(signal: AbortSignal): Promise<void> {
    if (this.#base === undefined) {
      const chunk = { offset: 0, text: '' };
      this.#base = (await this.#transport.postLog(this.#runId, chunk, signal)).have;
    }
    let wentBack = false;
    for (;;) {
      const { offset, text } = this.#slice();
      if (text === '') return;
      // What was rolled away before the server came back is a gap: what follows takes its place.
      this.#base -= offset - this.#sent;
      this.#sent = offset;
      const chunk = { offset: this.#base + offset, text };
      const { have } = await this.#transport.postLog(this.#runId, chunk, signal);
      const kept = have - this.#base;
      if (kept < this.#sent) {
        // It was restored from a backup, and has less than before: what this start logged is sent again.
        if (wentBack) return;
        wentBack = true;
        this.#base = Math.min(this.#base, have);
        this.#sent = have - this.#base;
        continue;
      }
      if (kept === this.#sent) return;
      this.#sent = kept;
    }
  }

  /** Whole lines from where the server is. */
  #slice(): { readonly offset: number; readonly text: string } {
    const { offset, bytes } = this.#log.read(this.#sent, CHUNK_BYTES);
    const end = bytes.lastIndexOf(0x0a) + 1;
    const whole = bytes.subarray(0, end || (bytes.length === CHUNK_BYTES ? bytes.length : 0));
    return { offset, text: Buffer.from(whole).toString('utf8') };
  }
}
