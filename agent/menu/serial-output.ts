import { closeSync, constants, openSync, writeSync } from 'node:fs';

/** Text kept for a line that takes nothing; older text is dropped, what is newest matters. */
const MOST_KEPT = 64 * 1024;
const AGAIN_MS = 50;

/**
 * A serial line to write to, which never holds up who writes: with flow control and nobody at the other
 * end, or a lost interrupt, a line takes nothing, and a plain write would stop the whole run.
 */
export class SerialOutput {
  readonly #descriptor: number;
  #left = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;

  /** @throws {Error} ENOENT, EACCES and the like from open(2) */
  constructor(path: string) {
    const { O_WRONLY, O_NOCTTY, O_NONBLOCK } = constants;
    this.#descriptor = openSync(path, O_WRONLY | O_NOCTTY | O_NONBLOCK);
  }

  write(text: string): void {
    const all = Buffer.concat([this.#left, Buffer.from(text)]);
    this.#left = all.length > MOST_KEPT ? all.subarray(-MOST_KEPT) : all;
    this.#pump();
  }

  /** Gives what the line still takes at once, and forgets the rest. */
  close(): void {
    this.#pump();
    clearTimeout(this.#timer);
    this.#left = Buffer.alloc(0);
    closeSync(this.#descriptor);
  }

  #pump(): void {
    clearTimeout(this.#timer);
    try {
      while (this.#left.length > 0)
        this.#left = this.#left.subarray(writeSync(this.#descriptor, this.#left));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        // A line that is gone (a USB adapter pulled out) must not take the run with it.
        this.#left = Buffer.alloc(0);
        return;
      }
      this.#timer = setTimeout(() => this.#pump(), AGAIN_MS).unref();
    }
  }
}
