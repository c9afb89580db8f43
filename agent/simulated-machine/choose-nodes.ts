import { closest } from '#agent/sequence/closest.ts';
import type { SequenceNode } from '#agent/sequence/task-sequence.ts';
import { SimulationError } from './simulation-error.ts';

const SHOWN = 8;
/** Whoever is wrong more often than this is told no more. */
const MAX_PROBLEMS = 20;
/** Names among which a similar one is looked for: each takes time by the length of both. */
const MAX_NAMES = 2000;

/** What is said of one step or group: by id, `0/2/1`, or by name without case. */
export interface Said {
  readonly node: string;
}

/**
 * Finds the one node that each is said of; its id maps to it. All that is wrong is told at once.
 * @param kind which nodes come into question, in words: `step`, `step or group with a condition`
 * @throws {SimulationError} `simulate.node`: names that fit none, several, or one twice
 */
export function chooseNodes<Each extends Said>(
  nodes: readonly SequenceNode[],
  said: readonly Each[],
  kind: { readonly called: string; readonly is: (node: SequenceNode) => boolean },
): ReadonlyMap<string, Each> {
  const chosen = new Map<string, Each>();
  if (said.length === 0) return chosen;
  const all = [...walk(nodes)].filter(kind.is);
  const byId = new Map(all.map((node) => [String(node.id), node]));
  const byName = Map.groupBy(all, ({ name }) => name.toLowerCase());
  const problems: string[] = [];
  for (const each of said) {
    const key = each.node.trim().toLowerCase();
    const exact = byId.get(key);
    const found = exact === undefined ? (byName.get(key) ?? []) : [exact];
    const [one] = found;
    if (one === undefined || found.length > 1)
      problems.push(problemOf(each.node, found, all, kind));
    else if (chosen.has(one.id)) problems.push(`"${each.node}" is said twice, of ${one.id}`);
    else chosen.set(one.id, each);
    if (problems.length >= MAX_PROBLEMS) break;
  }
  if (problems.length > 0)
    throw new SimulationError('simulate.node', problems.join('\n'), {
      hint: 'Name it as the sequence does, or by the id that sequence simulate shows: 0/2/1.',
    });
  return chosen;
}

function problemOf(
  wanted: string,
  found: readonly SequenceNode[],
  all: readonly SequenceNode[],
  { called }: { readonly called: string },
): string {
  if (found.length > 0) {
    const shown = found.slice(0, SHOWN).map(({ id }) => id);
    const more = found.length > SHOWN ? ', ...' : '';
    return `"${wanted}" fits ${found.length} of them: ${shown.join(', ')}${more}`;
  }
  const names = [...new Set(all.slice(0, MAX_NAMES).map(({ name }) => name))];
  const near = closest(wanted.slice(0, 256), names);
  const told = near.length > 0 ? near : names.slice(0, SHOWN);
  const list = told.map((name) => `"${name}"`).join(', ');
  const hint =
    list === '' ? 'it has none' : `${near.length > 0 ? 'did you mean' : 'there are'} ${list}`;
  return `there is no ${called} "${wanted}": ${hint}`;
}

function* walk(nodes: readonly SequenceNode[]): Generator<SequenceNode> {
  for (const node of nodes) {
    yield node;
    if (node.kind === 'group') yield* walk(node.steps);
  }
}
