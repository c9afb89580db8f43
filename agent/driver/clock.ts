/**
 * The server's time as this machine knows it: a bare machine's own clock may be years off, so it is
 * never read. Between two tellings it goes on by the monotonic clock.
 */
export class ServerClock {
  readonly #monotonicMs: () => number;
  #toldMs = 0;
  #toldAtMs: number;

  constructor(monotonicMs: () => number = () => performance.now()) {
    this.#monotonicMs = monotonicMs;
    this.#toldAtMs = monotonicMs();
  }

  /** The server's time, in milliseconds since 1970, at the moment of this call. */
  tell(serverTimeMs: number): void {
    this.#toldMs = serverTimeMs;
    this.#toldAtMs = this.#monotonicMs();
  }

  now(): number {
    return Math.round(this.#toldMs + this.#monotonicMs() - this.#toldAtMs);
  }
}
