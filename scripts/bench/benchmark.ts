/** One benchmark: `scripts/bench/<name>.ts`, and a line in `main.ts`. */
export interface Benchmark {
  readonly name: string;
  readonly title: string;
  readonly run: () => Promise<readonly Figure[]>;
}

/** One line of what a benchmark found out. */
export interface Figure {
  readonly what: string;
  readonly value: string;
  /** What it has to keep to; empty where it is told for comparison alone. */
  readonly limit: string;
  /** Whether it keeps to it; undefined where it has no limit. */
  readonly ok: boolean | undefined;
}

/** A number that is to stay below a limit. */
export function below(what: string, value: number, limit: number, unit: string): Figure {
  const ok = value <= limit;
  return { what, value: `${rounded(value)} ${unit}`, limit: `<= ${limit} ${unit}`, ok };
}

/** A number that is to reach a limit. */
export function atLeast(what: string, value: number, limit: number, unit: string): Figure {
  const ok = value >= limit;
  return { what, value: `${rounded(value)} ${unit}`, limit: `>= ${limit} ${unit}`, ok };
}

/** A number for comparison. */
export function told(what: string, value: number, unit: string): Figure {
  return { what, value: `${rounded(value)} ${unit}`, limit: '', ok: undefined };
}

/** Whether a result was what it was to be: `detail` says what was compared. */
export function checked(what: string, ok: boolean, detail: string): Figure {
  return { what, value: detail, limit: 'equal', ok };
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
