/**
 * How the sources of a run have fared, shared by all that is fetched: one that is away is found out once, not
 * once for each of 100,000 files. It goes behind the others for a while, then is the nearest again.
 */
export interface SourceHealth {
  /** The sources with those that are away behind the others; else in their order. */
  order(sources: readonly string[]): string[];
  away(source: string): void;
  worked(source: string): void;
}

const FIRST_AWAY_MS = 15_000;
const LONGEST_AWAY_MS = 5 * 60_000;

/** @param now milliseconds of a clock that only goes forward */
export function sourceHealth(now: () => number = () => performance.now()): SourceHealth {
  const known = new Map<string, { untilMs: number; failures: number }>();
  const isAway = (source: string): boolean => (known.get(source)?.untilMs ?? 0) > now();
  return {
    order: (sources) =>
      [...sources].sort((one, other) => Number(isAway(one)) - Number(isAway(other))),
    away(source) {
      // Chunks that were under way together fail together: that counts once.
      if (isAway(source)) return;
      const failures = (known.get(source)?.failures ?? 0) + 1;
      const awayMs = Math.min(FIRST_AWAY_MS * 2 ** (failures - 1), LONGEST_AWAY_MS);
      known.set(source, { failures, untilMs: now() + awayMs });
    },
    worked: (source) => void known.delete(source),
  };
}
