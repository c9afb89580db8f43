import type { Figure } from './benchmark.ts';

/** Figures in columns, with what is broken marked. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, limit, ok }) => [
    what,
    value,
    limit,
    ok === undefined ? '' : ok ? 'ok' : 'BROKEN',
  ]);
  const widths = [0, 1, 2].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
