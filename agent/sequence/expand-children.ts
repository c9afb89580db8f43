import type { SequenceId } from '#agent/protocol/identity.ts';
import { RUN_SEQUENCE, SequenceReference } from './child-sequence.ts';
import { documentPath } from './document-path.ts';
import { SequenceError, type SequenceProblem } from './sequence-error.ts';

/** Text of a document with all its children in it, as JSON: Configuration Manager's limit of a policy. */
const MAX_EXPANDED_BYTES = 32 * 1024 * 1024;
/** Children within children. */
const MAX_CHILD_DEPTH = 16;

/** A stored task sequence that a parent may run. */
export interface ChildSource {
  readonly id: SequenceId;
  readonly name: string;
  readonly version: number;
  /** As it was stored: unexpanded. */
  readonly document: unknown;
  readonly disabled: boolean;
}
export interface ExpandedDocument {
  readonly document: unknown;
  /** Every child that was put in, once each, in the order met. */
  readonly children: readonly ChildSource[];
}

/**
 * Puts the children of all enabled Run Task Sequence steps into a document, at any depth, so that the
 * machine sees one sequence (reference: conditions, section 5). A disabled step, or one in a disabled
 * group, is left as it is. Shape is not checked here: `parseTaskSequence` does.
 * @throws {SequenceError} `sequence.child-missing`, `sequence.child-disabled`, `sequence.child-cycle`,
 *   `sequence.child-boot-image`, `sequence.expanded-too-large`; `problems` has the place of the step
 */
export function expandChildren(
  document: unknown,
  find: (reference: SequenceReference) => ChildSource | undefined,
  parent?: Pick<ChildSource, 'id' | 'name'>,
): ExpandedDocument {
  const expansion: Expansion = { find, children: new Map(), bytes: 0 };
  const around = parent === undefined ? [] : [parent];
  const expanded = expandSteps(document, expansion, { path: '', around });
  return { document: expanded, children: [...expansion.children.values()] };
}

interface Expansion {
  readonly find: (reference: SequenceReference) => ChildSource | undefined;
  readonly children: Map<SequenceId, ChildSource>;
  bytes: number;
}
interface At {
  readonly path: string;
  /** The sequences that this place is inside of, the outermost first. */
  readonly around: readonly Pick<ChildSource, 'id' | 'name'>[];
}

/** Anything with `steps`: a document, a group, a child. */
function expandSteps(value: unknown, expansion: Expansion, at: At): unknown {
  if (!isObject(value) || !Array.isArray(value['steps'])) return value;
  const steps: readonly unknown[] = value['steps'];
  return {
    ...value,
    steps: steps.map((node, index) =>
      expandNode(node, expansion, { ...at, path: documentPath(at.path, ['steps', index]) }),
    ),
  };
}

function expandNode(node: unknown, expansion: Expansion, at: At): unknown {
  if (!isObject(node) || node['disabled'] === true) return node;
  if ('group' in node) return expandSteps(node, expansion, at);
  if (node['type'] !== RUN_SEQUENCE || !isObject(node['params'])) return node;
  const reference = SequenceReference.safeParse(node['params']['sequence']);
  if (!reference.success) return node;
  const child = childOf(reference.data, expansion, at);
  const { id, name, version } = child;
  const inside = { path: documentPath(at.path, ['child']), around: [...at.around, child] };
  const expanded = expandSteps(child.document, expansion, inside);
  const steps = isObject(expanded) ? expanded['steps'] : [];
  return { ...node, child: { id, name, version, steps } };
}

function childOf(reference: SequenceReference, expansion: Expansion, at: At): ChildSource {
  const child = expansion.find(reference);
  const called = `"${reference.name ?? reference.id ?? ''}"`;
  if (child === undefined)
    throw refusal(
      at,
      'child-missing',
      `there is no task sequence ${called}`,
      'Add it, correct the name, or disable the step.',
    );
  if (child.disabled)
    throw refusal(
      at,
      'child-disabled',
      `the child task sequence "${child.name}" is disabled`,
      'Enable it, or disable the step that runs it: Continue on error does not help here.',
    );
  if (isObject(child.document) && child.document['bootImage'] !== undefined)
    throw refusal(
      at,
      'child-boot-image',
      `the child task sequence "${child.name}" has a boot image of its own`,
      'Take it off the child: only the parent has one.',
    );
  const names = at.around.map(({ name }) => `"${name}"`);
  if (at.around.some(({ id }) => id === child.id))
    throw refusal(
      at,
      'child-cycle',
      `task sequences run each other in a circle: ${[...names, called].join(' -> ')}`,
      'Take the step out of one of them.',
    );
  if (at.around.length > MAX_CHILD_DEPTH)
    throw refusal(
      at,
      'child-cycle',
      `children nest deeper than ${MAX_CHILD_DEPTH}: ${[...names, called].join(' -> ')}`,
      'Run some of them from the parent instead.',
    );
  // Counted each time it is put in: a few small sequences that run each other twice grow without end.
  expansion.bytes += JSON.stringify(child.document).length;
  if (expansion.bytes > MAX_EXPANDED_BYTES)
    throw refusal(
      at,
      'expanded-too-large',
      `with its children the task sequence is larger than ${MAX_EXPANDED_BYTES / 1024 / 1024} MiB`,
      'Split it, or run fewer children.',
    );
  expansion.children.set(child.id, child);
  return child;
}

function refusal({ path }: At, what: string, message: string, hint: string): SequenceError {
  const problem: SequenceProblem = { path, code: `sequence.${what}`, message, hint };
  return new SequenceError(problem.code, `${path}: ${message}`, { hint, problems: [problem] });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
