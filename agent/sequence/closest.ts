/** Those of `names` that someone who wrote `text` may have meant, nearest first; three at most. */
export function closest(text: string, names: readonly string[]): readonly string[] {
  const wanted = text.toLowerCase();
  return (
    names
      // So many characters have to be added or dropped at least.
      .filter((name) => Math.abs(name.length - wanted.length) <= farthest(name))
      .map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
      .filter(({ name, distance }) => distance <= farthest(name))
      .sort((one, other) => one.distance - other.distance)
      .slice(0, 3)
      .map(({ name }) => name)
  );
}

function farthest(name: string): number {
  return Math.max(2, Math.floor(name.length / 3));
}

/** Levenshtein's distance: characters to add, drop or change. */
export function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 0; i < one.length; i++) {
    const above = row;
    row = [i + 1];
    for (let j = 0; j < other.length; j++) {
      const changed = (above[j] ?? 0) + (one[i] === other[j] ? 0 : 1);
      row.push(Math.min(changed, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
  }
  return row[other.length] ?? 0;
}
