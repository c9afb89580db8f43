/** Runs of one thing, in milliseconds. */
interface Timing {
  readonly medianMs: number;
  readonly maxMs: number;
  /** Median of what this thread's processor time was, whoever else had the processor meanwhile. */
  readonly processorMs: number;
}

/**
 * Runs several things in turn, round after round, so that what else the machine does falls on all of
 * them; each gives its own time in milliseconds. The first round warms up and is not counted.
 */
export async function interleaved<Name extends string>(
  runs: Readonly<Record<Name, () => Promise<number>>>,
  rounds: number,
): Promise<ReadonlyMap<Name, Timing>> {
  const times = new Map<Name, Run[]>();
  for (let round = 0; round <= rounds; round++)
    for (const name in runs) {
      const before = process.threadCpuUsage();
      const ms = await runs[name]();
      const { user, system } = process.threadCpuUsage(before);
      const run = { ms, processorMs: (user + system) / 1000 };
      if (round > 0) times.set(name, [...(times.get(name) ?? []), run]);
    }
  return new Map([...times].map(([name, all]) => [name, timingOf(all)]));
}

interface Run {
  readonly ms: number;
  readonly processorMs: number;
}

function timingOf(runs: readonly Run[]): Timing {
  const all = runs.map(({ ms }) => ms);
  return {
    medianMs: median(all),
    maxMs: Math.max(...all),
    processorMs: median(runs.map(({ processorMs }) => processorMs)),
  };
}

/** The middle one; the upper of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
