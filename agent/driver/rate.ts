/** How fast a step goes and how long it still takes, over the last ten seconds. */
const WINDOW_MS = 10_000;

export class Rate {
  #samples: { readonly atMs: number; readonly bytes: number }[] = [];

  /** Adds where the step is now. A count that went back begins anew. */
  add(atMs: number, bytes: number): void {
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples = [];
    this.#samples.push({ atMs, bytes });
    const keepFrom = this.#samples.findLastIndex((sample) => sample.atMs <= atMs - WINDOW_MS);
    if (keepFrom > 0) this.#samples.splice(0, keepFrom);
  }

  /** Undefined until there are two moments to compare. */
  bytesPerSecond(): number | undefined {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs <= first.atMs) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }

  remainingMs(totalBytes: number): number | undefined {
    const rate = this.bytesPerSecond();
    const last = this.#samples.at(-1);
    if (rate === undefined || rate <= 0 || !last) return undefined;
    return Math.round((Math.max(0, totalBytes - last.bytes) / rate) * 1000);
  }
}
