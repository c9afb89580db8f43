import { toolLines } from './tool-lines.ts';

/**
 * Reads what `wmic` prints, as a list (`/value`, `Name=Value`, empty lines between instances) or as a table
 * (a line of names, values under them). Names of properties are the same in every language. In a table a value
 * of nothing and one with two blanks in it cannot be told from columns apart, so these go by their places.
 * @throws {StepError} `tool.output-size`
 */
export function parseWmic(output: string): Record<string, string>[] {
  const lines = toolLines(output, 'wmic');
  const first = lines.find((line) => line !== '') ?? '';
  return /^\w+=/.test(first) ? readList(lines) : readTable(lines.filter((line) => line !== ''));
}

function readList(lines: readonly string[]): Record<string, string>[] {
  const instances: Map<string, string>[] = [];
  for (const line of lines) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    const last = instances.at(-1);
    // A name that is there already begins the next instance: how many empty lines stand between them varies.
    if (!last || last.has(name)) instances.push(new Map([[name, value]]));
    else last.set(name, value);
  }
  return instances.map((instance) => Object.fromEntries(instance));
}

function readTable([header = '', ...rows]: readonly string[]): Record<string, string>[] {
  const columns = [...header.matchAll(/\w+/g)].map(({ 0: name, index }) => ({ name, index }));
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name, index }, at) => [name, row.slice(index, columns[at + 1]?.index).trim()]),
    ),
  );
}
