/** The power went away: what was not flushed is gone, and nothing of this start of the machine goes on. */
export class PowerCut extends Error {
  constructor(moment: number) {
    super(`The power was cut at moment ${moment}`);
    this.name = 'PowerCut';
  }
}

/** The machine restarted by itself: everything was synced first. */
export class Restarted extends Error {
  constructor() {
    super('The machine restarted');
    this.name = 'Restarted';
  }
}

/**
 * The clock of a simulated machine. Each thing it does is a moment; the power can be cut at any of them.
 * Whoever still holds on to an earlier start of the machine gets a `PowerCut` for all it does.
 */
export class Power {
  readonly #cuts: ReadonlySet<number>;
  readonly #onCut: () => void;
  #moment = 0;
  #running = new AbortController();

  /** @param cuts moments, counted from 1 over all starts of the machine, at which the power goes. */
  constructor(cuts: Iterable<number>, onCut: () => void) {
    this.#cuts = new Set(cuts);
    this.#onCut = onCut;
  }

  /** Moments that have passed. */
  get moment(): number {
    return this.#moment;
  }

  /** Aborted, with why, when this start of the machine ends. */
  get signal(): AbortSignal {
    return this.#running.signal;
  }

  /** Starts the machine; returns `tick` of this start. @throws {PowerCut} from `tick` */
  start(): () => void {
    this.#running.abort(new PowerCut(this.#moment));
    const running = new AbortController();
    this.#running = running;
    return () => {
      running.signal.throwIfAborted();
      this.#moment++;
      if (this.#cuts.has(this.#moment)) this.cut();
    };
  }

  /** Cuts the power now. @throws {PowerCut} */
  cut(): never {
    this.#onCut();
    return this.#end(new PowerCut(this.#moment));
  }

  /** Ends this start of the machine by itself. @throws {Restarted} */
  restart(): never {
    return this.#end(new Restarted());
  }

  #end(reason: PowerCut | Restarted): never {
    this.#running.abort(reason);
    throw reason;
  }
}
