import type { SourceNode, SourceSequence } from '../source-sequence.ts';

/**
 * Adds what sequences say of the names of others: their own by id, display names of applications, and of
 * child sequences (`Name`, or `PKGID, Name`). Names that are there already are better, and stay.
 */
export function addNamesInSteps(
  names: Map<string, string>,
  sequences: readonly SourceSequence[],
): void {
  const add = (id: string | undefined, name: string | undefined): void => {
    const key = id?.trim().toLowerCase() ?? '';
    const text = name?.trim() ?? '';
    if (key !== '' && !/^0+$/.test(key) && text !== '' && !names.has(key)) names.set(key, text);
  };
  for (const { id, name } of sequences) add(id, name);
  for (const { nodes } of sequences)
    for (const values of variablesOf(nodes)) {
      for (const key of values.keys()) {
        const [, index] = /^osdapp(\d+)name$/.exec(key) ?? [];
        if (index !== undefined) add(values.get(key), values.get(`osdapp${index}displayname`));
      }
      const child = values.get('osdsubtasksequencepackageid');
      add(child, values.get('osdsubtasksequencetsname')?.replace(/^[A-Z0-9]{8}, */, ''));
    }
}

/** The variables of each step, by their names in lower case. */
function* variablesOf(nodes: readonly SourceNode[]): Generator<ReadonlyMap<string, string>> {
  for (const node of nodes)
    if (node.kind === 'group') yield* variablesOf(node.nodes);
    else yield new Map(node.variables.map(({ name, value }) => [name.toLowerCase(), value]));
}
