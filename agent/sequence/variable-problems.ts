/** Checks of how a task sequence uses variables: what cannot go well, and what looks like a mistake. */
import { closest, editDistance } from './closest.ts';
import type { SequenceProblem } from './sequence-error.ts';
import { stepNodes } from './step-nodes.ts';
import type { SequenceNode, StepRegistry, TaskSequence } from './task-sequence.ts';
import type { VariableFacts } from './variable-catalog/group.ts';
import { catalogNames, catalogVariable } from './variable-catalog.ts';
import { type VariableUse, variableUses } from './variable-uses.ts';
import { VARIABLE_MARK, variableNameProblem } from './variables.ts';

/** Told of one document. */
const MAX_WARNINGS = 100;
/** Names looked up for what they may have been meant to be, in one document: each costs a comparison with all. */
const MAX_LOOKED_UP = 500;
/** Characters of a name of our own that is looked up so: a short one is like many. */
const MIN_LENGTH = 8;
const MAX_DISTANCE = 2;
/** Names of built-in variables begin so. */
const BUILT_IN = /^(OSD|SMS|TS)/i;
/** Read-only names that are read without `_` too. */
const isAlias = (name: string): boolean => name.toLowerCase() === 'smstslastactionretcode';

type Nodes = Pick<TaskSequence, 'steps'>;

/**
 * What a task sequence must not do with variables: set a read-only one, or a name that is none. A name
 * that is made of variables is judged when it runs. Joins the problems of `parseTaskSequence`.
 */
export function variableProblems(sequence: Nodes, registry: StepRegistry): SequenceProblem[] {
  const problems: SequenceProblem[] = [];
  for (const { kind, path, name } of variableUses(sequence.steps, registry)) {
    const message = kind === 'sets' || kind === 'keeps' ? variableNameProblem(name) : undefined;
    if (message === undefined) continue;
    const hint = 'Choose a name that begins with a letter.';
    problems.push({ path, code: 'sequence.variable', message, hint });
  }
  return problems;
}

/**
 * What looks like a mistake but may be meant: a built-in name with a typing error, one that has no
 * effect any more or not in this version, and a value that it does not take. At most 100. Of variables
 * that belong to a step here whose action comes later nothing is told: that is told of the step.
 * @param distance between two names, which is what takes time
 */
export function variableWarnings(
  sequence: Nodes,
  registry: StepRegistry,
  distance = editDistance,
): SequenceProblem[] {
  const uses = variableUses(sequence.steps, registry);
  const setHere = new Set(
    uses.flatMap(({ kind, name }) => (kind === 'reads' ? [] : name.toLowerCase())),
  );
  const readHere = new Set(
    uses.flatMap(({ kind, name }) => (kind === 'reads' ? name.toLowerCase() : [])),
  );
  const later = new Set(laterTitles(sequence.steps, registry));
  const meant = new Meant(distance);
  const warnings: SequenceProblem[] = [];
  const told = new Set<string>();
  for (const use of uses) {
    if (warnings.length >= MAX_WARNINGS) break;
    const facts = catalogVariable(use.name);
    const found =
      facts === undefined
        ? unknownName(use, setHere, meant)
        : (withoutEffect(use, facts, { readHere, later }) ?? wrongValue(use, facts));
    const key = `${use.path}\0${found?.message}`;
    if (found === undefined || told.has(key)) continue;
    told.add(key);
    warnings.push({ path: use.path, ...found });
  }
  return warnings;
}

type Finding = Omit<SequenceProblem, 'path'>;

function unknownName(
  { kind, name }: VariableUse,
  setHere: ReadonlySet<string>,
  meant: Meant,
): Finding | undefined {
  if (isAlias(name) || (kind === 'reads' && setHere.has(name.toLowerCase()))) return undefined;
  const code = 'sequence.variable-unknown';
  if (name.startsWith('_')) {
    if (kind !== 'reads') return undefined; // An error already.
    const near = meant.closest(name);
    const hint = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}?`;
    const message = `there is no built-in variable ${name}, and nothing else can set it`;
    return { code, message, ...(hint === '' ? {} : { hint }) };
  }
  const near = meant.builtIn(name);
  if (near === undefined) return undefined;
  const message = `${name} is no built-in variable, but nearly one`;
  return { code, message, hint: `Did you mean ${near}?` };
}

/** Finds what names may have been meant, each once, and not for more of them than is quick. */
class Meant {
  readonly #known = new Map<string, readonly string[]>();
  readonly #distance: typeof editDistance;

  constructor(distance: typeof editDistance) {
    this.#distance = distance;
  }

  /** Names like this one, whatever it is. */
  closest(name: string): readonly string[] {
    return this.#once(`_${name}`, () => closest(name, catalogNames));
  }

  /** The built-in name that differs by a letter or two, or by its `_`. */
  builtIn(name: string): string | undefined {
    const underscored = catalogVariable(`_${name}`)?.name;
    if (underscored !== undefined) return underscored;
    if (!BUILT_IN.test(name) || name.length < MIN_LENGTH) return undefined;
    return this.#once(name, () => {
      const { member, index } = memberOf(name);
      const found = nearest(member.toLowerCase(), this.#distance);
      return found === undefined ? [] : [found.replace('<n>', index)];
    })[0];
  }

  #once(name: string, find: () => readonly string[]): readonly string[] {
    const key = name.toLowerCase();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_LOOKED_UP) return [];
    const found = find();
    this.#known.set(key, found);
    return found;
  }
}

/** `OSDAdapter0Nam` as `OSDAdapter<n>Nam` and `0`. */
function memberOf(name: string): { readonly member: string; readonly index: string } {
  const match = /^(OSDAdapter|OSDPartitions)(\d{1,3})([a-z]+)$/i.exec(name);
  if (match === null) return { member: name, index: '<n>' };
  return { member: `${match[1]}<n>${match[3]}`, index: match[2] ?? '' };
}

function nearest(name: string, distanceOf: typeof editDistance): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of catalogNames) {
    const other = candidate.toLowerCase();
    if (Math.abs(other.length - name.length) > MAX_DISTANCE) continue;
    // Numbered names of one's own: OSDImageIndex2 is none by mistake.
    if (other.replaceAll(/\d/g, '') === name.replaceAll(/\d/g, '')) continue;
    const distance = distanceOf(name, other);
    if (distance <= MAX_DISTANCE && distance < (best?.distance ?? MAX_DISTANCE + 1))
      best = { name: candidate, distance };
  }
  return best?.name;
}

/** Titles of the steps whose action this version does not have. */
function laterTitles(nodes: readonly SequenceNode[], registry: StepRegistry): string[] {
  return [...stepNodes(nodes)].flatMap(({ type }) => {
    const definition = registry[type];
    return definition?.action === 'later' ? definition.title : [];
  });
}

function withoutEffect(
  { kind, name, holdsWithout }: VariableUse,
  { kind: sort, supported, applies }: VariableFacts,
  {
    readHere,
    later,
  }: { readonly readHere: ReadonlySet<string>; readonly later: ReadonlySet<string> },
): Finding | undefined {
  if (sort === 'deprecated') {
    const message = `${name} has no effect any more (${applies})`;
    return { code: 'sequence.variable-deprecated', message, hint: 'Take it out.' };
  }
  if (supported === true) return undefined;
  // The sequence has a use of its own for it: OSDComputerName in a command line.
  if (sort === 'action' && kind === 'sets' && readHere.has(name.toLowerCase())) return undefined;
  if (holdsWithout === true || [...later].some((title) => applies.includes(title)))
    return undefined;
  const code = 'sequence.variable-later';
  if (kind === 'sets')
    return { code, message: `this version does not act on ${name} (${applies})` };
  const isSetByEngine = kind === 'reads' && sort === 'read-only';
  return isSetByEngine ? { code, message: `this version never sets ${name}` } : undefined;
}

/** A value that is written out; an empty one deletes. */
function wrongValue(
  { kind, name, value = '' }: VariableUse,
  { type, values, range, maxLength }: VariableFacts,
): Finding | undefined {
  if (kind !== 'sets' || value === '' || value.search(VARIABLE_MARK) >= 0) return undefined;
  const text = value.trim().toLowerCase();
  const isOneOf = values === undefined || values.some((each) => each.toLowerCase() === text);
  const isNumber = type !== 'number' || /^\d+$/.test(text);
  const inRange = range === undefined || (Number(text) >= range[0] && Number(text) <= range[1]);
  const isBoolean = type !== 'boolean' || text === 'true' || text === 'false';
  const fits = maxLength === undefined || value.length <= maxLength;
  if (isOneOf && isNumber && inRange && isBoolean && fits) return undefined;
  const wanted =
    values !== undefined
      ? values.join(', ')
      : type === 'boolean'
        ? 'true, false'
        : range !== undefined
          ? `${range[0]} to ${range[1]}`
          : maxLength !== undefined
            ? `at most ${maxLength} characters`
            : 'a whole number';
  // The value may be a secret: it is not told.
  const message = `${name} does not take this value`;
  return { code: 'sequence.variable-value', message, hint: `It takes: ${wanted}.` };
}
