import type { z } from 'zod';
import { StepId } from '#agent/protocol/run-event.ts';
import { RUN_SEQUENCE, SequenceReference } from './child-sequence.ts';
import { closest } from './closest.ts';
import { conditionPlatformProblems } from './condition/platform.ts';
import { readCondition } from './condition-document.ts';
import { type ChildDocument, DocumentHead, GroupHead, StepHead } from './document-heads.ts';
import { SequenceError, type SequenceProblem } from './sequence-error.ts';
import { paramsProblems, problemOf } from './step-params.ts';
import type { GroupNode, SequenceNode, StepRegistry, TaskSequence } from './task-sequence.ts';
import { variableProblems } from './variable-problems.ts';

/** Groups within groups, counted from the root. */
const MAX_DEPTH = 32;
/**
 * Attempts of one step that takes the machine down with it each time: the run ends in the end. A number
 * of retries in the document counts beside the first attempt.
 */
const MAX_ATTEMPTS = 10;
/** Steps and groups in one document. */
const MAX_NODES = 20_000;
/** Problems told of one document: whoever made more than these reads no further. */
const MAX_PROBLEMS = 100;

/**
 * Reads a document: `{ name, description?, steps }`, each node a `group` or a `step`.
 * @throws {SequenceError} `sequence.invalid`, with all problems and their paths
 */
export function parseTaskSequence(value: unknown, registry: StepRegistry): TaskSequence {
  const reader: Reader = { registry, problems: [], nodes: 0, position: 0 };
  const head = read(reader, DocumentHead, value, '');
  const steps = head === undefined ? [] : readNodes(reader, head.steps, place('', '', 1, false));
  // What could not be read is not in `steps`, and places would be counted without it.
  if (head?.platform === 'linux' && reader.problems.length === 0)
    for (const { node: _, ...problem } of conditionPlatformProblems(steps)) report(reader, problem);
  const at = new Set(reader.problems.map(({ path }) => path));
  for (const problem of variableProblems({ steps }, registry))
    if (!at.has(problem.path)) report(reader, problem);
  const [first] = reader.problems;
  if (head === undefined || first !== undefined) throw invalid(reader.problems);
  const { name, description, disabled, platform, bootImage, maxRunMinutes, origin } = head;
  const written = {
    ...(platform === undefined ? {} : { platform }),
    ...(bootImage === undefined ? {} : { bootImage }),
    ...(maxRunMinutes === undefined ? {} : { maxRunMinutes }),
    ...(origin === undefined ? {} : { origin }),
  };
  return { name, description, disabled, ...written, steps, stepCount: reader.position };
}

function invalid(problems: readonly SequenceProblem[]): SequenceError {
  const [first] = problems;
  const where = first === undefined ? '' : `${first.path || 'document'}: ${first.message}`;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return new SequenceError('sequence.invalid', `Cannot use the task sequence: ${where}${more}`, {
    problems,
    ...(first?.hint === undefined ? {} : { hint: first.hint }),
  });
}

interface Reader {
  readonly registry: StepRegistry;
  readonly problems: SequenceProblem[];
  nodes: number;
  position: number;
}
/** Where a list of nodes stands: path in the document, id of its group, depth, in a disabled group or not. */
interface Place {
  readonly path: string;
  readonly id: string;
  readonly depth: number;
  readonly disabled: boolean;
}
function place(path: string, id: string, depth: number, disabled: boolean): Place {
  return { path, id, depth, disabled };
}

function read<Schema extends z.ZodType>(
  reader: Reader,
  schema: Schema,
  value: unknown,
  path: string,
): z.output<Schema> | undefined {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) report(reader, problemOf(issue, path));
  return undefined;
}

function report(reader: Reader, problem: SequenceProblem): void {
  if (reader.problems.length < MAX_PROBLEMS) reader.problems.push(problem);
}

function readNodes(reader: Reader, values: readonly unknown[], at: Place): SequenceNode[] {
  const nodes: SequenceNode[] = [];
  for (const [index, value] of values.entries()) {
    if (++reader.nodes > MAX_NODES) {
      if (reader.nodes === MAX_NODES + 1)
        report(reader, {
          path: `${at.path}${at.path === '' ? '' : '.'}steps[${index}]`,
          code: 'sequence.too-large',
          message: `more than ${MAX_NODES} steps and groups`,
        });
      break;
    }
    const path = `${at.path}${at.path === '' ? '' : '.'}steps[${index}]`;
    const id = at.id === '' ? String(index) : `${at.id}/${index}`;
    const node = readNode(reader, value, { ...at, path, id });
    if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

function readNode(reader: Reader, value: unknown, at: Place): SequenceNode | undefined {
  const isGroup = typeof value === 'object' && value !== null && 'group' in value;
  const isStep = typeof value === 'object' && value !== null && 'step' in value;
  if (isGroup === isStep) {
    report(reader, {
      path: at.path,
      code: 'sequence.node',
      message: 'must be either a group (`group: name`) or a step (`step: name`)',
    });
    return undefined;
  }
  return isGroup ? readGroup(reader, value, at) : readStep(reader, value, at);
}

function readGroup(reader: Reader, value: unknown, at: Place): GroupNode | undefined {
  if (at.depth > MAX_DEPTH) {
    const message = `groups nest deeper than ${MAX_DEPTH}`;
    report(reader, { path: at.path, code: 'sequence.too-deep', message });
    return undefined;
  }
  const head = read(reader, GroupHead, value, at.path);
  if (head === undefined) return undefined;
  const shared = sharedOf(reader, head.group, head, at);
  const steps = readNodes(
    reader,
    head.steps,
    place(at.path, at.id, at.depth + 1, at.disabled || head.disabled),
  );
  return { kind: 'group', ...shared, child: undefined, steps };
}

type SharedHead = Omit<z.output<typeof GroupHead>, 'group' | 'steps'>;

/** What groups and steps have in common. */
function sharedOf(
  reader: Reader,
  name: string,
  { description, disabled, continueOnError, condition, origin }: SharedHead,
  { path, id }: Place,
): Omit<GroupNode, 'kind' | 'child' | 'steps'> {
  return {
    id: StepId.parse(id),
    name,
    description,
    disabled,
    continueOnError,
    condition: readCondition(condition, path, (problem) => report(reader, problem)),
    ...(origin === undefined ? {} : { origin }),
  };
}

function readStep(reader: Reader, value: unknown, at: Place): SequenceNode | undefined {
  const head = read(reader, StepHead, value, at.path);
  if (head === undefined) return undefined;
  const { type, disabled, params, retryIfInterrupted } = head;
  const shared = sharedOf(reader, head.step, head, at);
  const definition = Object.hasOwn(reader.registry, type) ? reader.registry[type] : undefined;
  if (definition === undefined) {
    report(reader, unknownType(reader.registry, type, `${at.path}.type`));
    return undefined;
  }
  if (definition.mustSucceed === true && shared.continueOnError)
    report(reader, {
      path: `${at.path}.continueOnError`,
      code: 'step.continue-on-error',
      message: `${definition.title} cannot be continued on error: the run has nowhere to go on without it`,
    });
  for (const problem of paramsProblems(definition, params, `${at.path}.params`))
    report(reader, problem);
  if (head.child !== undefined)
    return readChild(reader, { ...head, child: head.child }, shared, at);
  const position = disabled || at.disabled ? 0 : ++reader.position;
  const maxAttempts = attemptsOf(retryIfInterrupted ?? definition.repeatable);
  const { destructive, verbatimParams = [] } = definition;
  return {
    kind: 'step',
    ...shared,
    type,
    params,
    verbatimParams,
    retryIfInterrupted,
    maxAttempts,
    destructive,
    position,
  };
}

/** A Run Task Sequence step whose child was put in: its conditions and options act as those of a group. */
function readChild(
  reader: Reader,
  { type, params, child }: { type: string; params: unknown; child: ChildDocument },
  shared: Omit<GroupNode, 'kind' | 'child' | 'steps'>,
  at: Place,
): GroupNode | undefined {
  const reference = SequenceReference.safeParse(Reflect.get(Object(params), 'sequence'));
  if (type !== RUN_SEQUENCE || !reference.success || at.depth > MAX_DEPTH) {
    const tooDeep = at.depth > MAX_DEPTH;
    report(reader, {
      path: `${at.path}.child`,
      code: tooDeep ? 'sequence.too-deep' : 'sequence.child',
      message: tooDeep
        ? `groups and child sequences nest deeper than ${MAX_DEPTH}`
        : `only a ${RUN_SEQUENCE} step has a child`,
    });
    return undefined;
  }
  const { id, name, version } = child;
  const inside = place(`${at.path}.child`, at.id, at.depth + 1, at.disabled || shared.disabled);
  const steps = readNodes(reader, child.steps, inside);
  return {
    kind: 'group',
    ...shared,
    child: { reference: reference.data, id, name, version },
    steps,
  };
}

function unknownType(registry: StepRegistry, type: string, path: string): SequenceProblem {
  const names = Object.values(registry).flatMap(({ type, title }) => [type, title]);
  const near = closest(type, names).map(
    (name) => Object.values(registry).find(({ title }) => title === name)?.type ?? name,
  );
  const hint =
    near.length > 0
      ? `Did you mean ${[...new Set(near)].join(' or ')}?`
      : `Known types: ${Object.keys(registry).join(', ')}`;
  return { path, code: 'sequence.step-type', message: `there is no step type "${type}"`, hint };
}

function attemptsOf(retry: boolean | number): number {
  if (typeof retry === 'number') return 1 + retry;
  return retry ? MAX_ATTEMPTS : 1;
}
