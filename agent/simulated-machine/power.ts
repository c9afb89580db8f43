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
  #starts = 0;

  /** @param cuts moments, counted from 1 over all starts of the machine, at which the power goes. */
  constructor(cuts: Iterable<number>, onCut: () => void) {
    this.#cuts = new Set(cuts);
    this.#onCut = onCut;
  }

  /** Moments that have passed. */
  get moment(): number {
    return this.#moment;
  }

  /** Starts the machine; returns `tick` of this start. @throws {PowerCut} from `tick` */
  start(): () => void {
    const start = ++this.#starts;
    return () => {
      if (start !== this.#starts) throw new PowerCut(this.#moment);
      this.#moment++;
      if (this.#cuts.has(this.#moment)) this.cut();
    };
  }

  /** Cuts the power now. @throws {PowerCut} */
  cut(): never {
    this.stop();
    this.#onCut();
    throw new PowerCut(this.#moment);
  }

  /** Ends this start of the machine. */
  stop(): void {
    this.#starts++;
  }
}
