/**
 * Moves lines in or out by columns, but for the first one where `from` is 1. Blank lines stay as they
 * are; where a line has fewer blanks than it is to lose, it loses those it has.
 */
export function shiftLines(text: string, columns: number, from: 0 | 1): string {
  if (columns === 0) return text;
  const blanks = ' '.repeat(Math.max(columns, 0));
  const lines = text.split('\n').map((line, index) => {
    if (index < from || line === '' || line === '\r') return line;
    if (columns > 0) return `${blanks}${line}`;
    return line.slice(Math.min(-columns, /^ */.exec(line)?.[0].length ?? 0));
  });
  return lines.join('\n');
}

/** The lines after the first with another beginning, where they have the one that is to be replaced. */
export function reindentLines(text: string, was: string, now: string): string {
  if (was === now) return text;
  return text
    .split('\n')
    .map((line, index) =>
      index > 0 && line.startsWith(was) ? `${now}${line.slice(was.length)}` : line,
    )
    .join('\n');
}
