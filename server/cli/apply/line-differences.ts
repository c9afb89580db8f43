import type { Difference } from './difference.ts';

/**
 * Lines in which two texts differ, from the first to the last that does: `before` and `after` are those
 * lines of each. None where the texts are the same.
 */
export function lineDifferences(before: string, after: string): Difference[] {
  if (before === after) return [];
  const [old, next] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < Math.min(old.length, next.length) && old[start] === next[start]) start += 1;
  let end = 0;
  while (
    end < Math.min(old.length, next.length) - start &&
    old[old.length - 1 - end] === next[next.length - 1 - end]
  )
    end += 1;
  const lines = (all: readonly string[]) =>
    all.length - end > start ? all.slice(start, all.length - end).join('\n') : null;
  return [{ path: `line ${start + 1}`, before: lines(old), after: lines(next) }];
}
