import { CliError } from './cli-error.ts';

/** What `findByName` looks for, in words: `device`, and the command that lists them. */
export interface Lookup<Item> {
  readonly what: string;
  readonly listCommand: string;
  /** Everything that names the item exactly, compared without case: id, name, serial, MAC. */
  readonly names: (item: Item) => readonly (string | null)[];
  readonly label: (item: Item) => string;
  /** Whether the beginning of the first name is enough, as with long ids. */
  readonly prefix?: boolean;
}

/**
 * Finds the one item that a person means.
 * @throws {CliError} `cli.unknown-name` with names like it, `cli.ambiguous-name` with those it fits
 */
export function findByName<Item>(
  items: readonly Item[],
  wanted: string,
  lookup: Lookup<Item>,
): Item {
  const key = wanted.toLowerCase();
  let found = items.filter((item) => namesOf(item, lookup).includes(key));
  if (found.length === 0 && lookup.prefix === true && key.length >= 4) {
    found = items.filter((item) => lookup.names(item)[0]?.toLowerCase().startsWith(key));
  }
  const [first, second] = found;
  if (first === undefined) {
    const near = items
      .filter((item) => namesOf(item, lookup).some((name) => isNear(name, key)))
      .slice(0, 5);
    const hint = near.length > 0 ? `did you mean ${near.map(lookup.label).join(', or ')}? ` : '';
    throw new CliError('cli.unknown-name', `there is no ${lookup.what} ${JSON.stringify(wanted)}`, {
      hint: `${hint}${lookup.listCommand} lists all ${items.length}`,
    });
  }
  if (second !== undefined) {
    throw new CliError(
      'cli.ambiguous-name',
      `${JSON.stringify(wanted)} fits ${found.length} of them: ${found.slice(0, 5).map(lookup.label).join(', ')}`,
      { hint: `use the id that ${lookup.listCommand} shows` },
    );
  }
  return first;
}

function namesOf<Item>(item: Item, lookup: Lookup<Item>): string[] {
  return lookup.names(item).flatMap((name) => (name === null ? [] : [name.toLowerCase()]));
}

function isNear(name: string, key: string): boolean {
  return key.length >= 2 && (name.includes(key) || key.includes(name) || distance(name, key) <= 2);
}

/** Levenshtein distance, with rows of the table kept two at a time. */
export function distance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      row.push(Math.min(change, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[right.length] ?? 0;
}
