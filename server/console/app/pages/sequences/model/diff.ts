/** A line of two texts: in both, only in the older, only in the newer. */
export interface DiffLine {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Beyond this many different lines the shortest way is not looked for. */
const MOST_EDITS = 2000;

/** What was done to the lines of a text (Myers' algorithm); what is the same at both ends is not looked at. */
export function diffLines(older: string, newer: string): readonly DiffLine[] {
  const [one, other] = [linesOf(older), linesOf(newer)];
  let head = 0;
  while (head < one.length && head < other.length && one[head] === other[head]) head += 1;
  let tail = 0;
  while (
    tail < one.length - head &&
    tail < other.length - head &&
    one[one.length - 1 - tail] === other[other.length - 1 - tail]
  )
    tail += 1;
  const same = (text: string): DiffLine => ({ kind: 'same', text });
  return [
    ...one.slice(0, head).map(same),
    ...shortest(one.slice(head, one.length - tail), other.slice(head, other.length - tail)),
    ...one.slice(one.length - tail).map(same),
  ];
}

function shortest(one: readonly string[], other: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: 'removed', text });
  const added = (text: string): DiffLine => ({ kind: 'added', text });
  const furthest = new Map<number, number>([[1, 0]]);
  const trail: Map<number, number>[] = [];
  for (let edits = 0; edits <= Math.min(MOST_EDITS, one.length + other.length); edits += 1) {
    trail.push(new Map(furthest));
    for (let k = -edits; k <= edits; k += 2) {
      let x = comesDown(furthest, k, edits)
        ? (furthest.get(k + 1) ?? 0)
        : (furthest.get(k - 1) ?? 0) + 1;
      while (x < one.length && x - k < other.length && one[x] === other[x - k]) x += 1;
      furthest.set(k, x);
      if (x >= one.length && x - k >= other.length) return backtrack(trail, one, other);
    }
  }
  return [...one.map(removed), ...other.map(added)];
}

function backtrack(
  trail: readonly ReadonlyMap<number, number>[],
  one: readonly string[],
  other: readonly string[],
): DiffLine[] {
  const lines: DiffLine[] = [];
  let [x, y] = [one.length, other.length];
  for (let edits = trail.length - 1; edits >= 0; edits -= 1) {
    const furthest = trail[edits] ?? new Map<number, number>();
    const k = x - y;
    const isDown = comesDown(furthest, k, edits);
    const from = furthest.get(isDown ? k + 1 : k - 1) ?? 0;
    const fromY = from - (isDown ? k + 1 : k - 1);
    while (x > from && y > fromY && x > 0 && y > 0) {
      lines.push({ kind: 'same', text: one[x - 1] ?? '' });
      x -= 1;
      y -= 1;
    }
    if (edits === 0) break;
    lines.push(
      isDown
        ? { kind: 'added', text: other[y - 1] ?? '' }
        : { kind: 'removed', text: one[x - 1] ?? '' },
    );
    [x, y] = [from, fromY];
  }
  return lines.reverse();
}

function comesDown(furthest: ReadonlyMap<number, number>, k: number, edits: number): boolean {
  return k === -edits || (k !== edits && (furthest.get(k - 1) ?? -1) < (furthest.get(k + 1) ?? -1));
}

function linesOf(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n');
}
