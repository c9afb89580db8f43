import { documentPath } from '#agent/sequence/document-path.ts';

/** Settings of a node or of the sequence itself as the document has them, but for its steps. */
export type Fields = Readonly<Record<string, unknown>>;

/** A group or step as it is edited. Its number stays when it is moved or changed. */
export interface EditNode {
  readonly id: number;
  readonly fields: Fields;
  /** What is in a group; null for a step. */
  readonly steps: readonly EditNode[] | null;
}

/** A task sequence as it is edited. What has not changed is the same object in the next one. */
export interface EditSequence {
  readonly fields: Fields;
  readonly steps: readonly EditNode[];
  /** The number of the next new node. */
  readonly nextId: number;
  /** The text it was read from, whose lines stay where they say the same; empty for one that is new. */
  readonly written: string;
}

/** Reads a document; null where it is no map with a list of groups and steps. */
export function readSequence(
  document: unknown,
  { firstId = 1, written = '' }: { readonly firstId?: number; readonly written?: string } = {},
): EditSequence | null {
  let nextId = firstId;
  if (!isFields(document)) return null;
  const { steps, ...fields } = document;
  const read = readNodes(steps, () => nextId++);
  return read === null ? null : { fields, steps: read, nextId, written };
}

/** Reads groups and steps; null where they are no list of them. */
export function readNodes(value: unknown, newId: () => number): readonly EditNode[] | null {
  if (!Array.isArray(value)) return null;
  const nodes: EditNode[] = [];
  for (const each of value as unknown[]) {
    if (!isFields(each)) return null;
    const { steps, ...fields } = each;
    const isGroup = Object.hasOwn(fields, 'group');
    if (!isGroup && !Object.hasOwn(fields, 'step')) return null;
    const id = newId();
    const inner = isGroup ? readNodes(steps ?? [], newId) : null;
    if (isGroup && inner === null) return null;
    nodes.push({ id, fields, steps: inner });
  }
  return nodes;
}

/** The document again. */
export function formatSequence({ fields, steps }: EditSequence): Record<string, unknown> {
  return { ...fields, steps: formatNodes(steps) };
}

/** Groups and steps as a document has them. */
export function formatNodes(nodes: readonly EditNode[]): Record<string, unknown>[] {
  return nodes.map(({ fields, steps }) =>
    steps === null ? fields : { ...fields, steps: formatNodes(steps) },
  );
}

/** Where a node stands: the groups around it, from the outermost, and its place in the list it is in. */
export interface NodePlace {
  readonly node: EditNode;
  readonly around: readonly EditNode[];
  readonly siblings: readonly EditNode[];
  readonly index: number;
  /** `steps[0].steps[2]`, as messages of the server name it. */
  readonly path: string;
  /** `0/2`, as a run names it. */
  readonly runId: string;
}

/** All groups and steps in the order of the document. */
export function listNodes({ steps }: Pick<EditSequence, 'steps'>): NodePlace[] {
  const found: NodePlace[] = [];
  const walk = (
    siblings: readonly EditNode[],
    around: readonly EditNode[],
    { path, runId }: { readonly path: string; readonly runId: string },
  ): void => {
    for (const [index, node] of siblings.entries()) {
      const place = {
        path: documentPath(path, ['steps', index]),
        runId: runId === '' ? String(index) : `${runId}/${index}`,
      };
      found.push({ node, around, siblings, index, ...place });
      if (node.steps !== null) walk(node.steps, [...around, node], place);
    }
  };
  walk(steps, [], { path: '', runId: '' });
  return found;
}

/** Puts nodes in the place of each node, inner ones first; what has not changed stays the object that it was. */
export function replaceNodes(
  sequence: EditSequence,
  replace: (node: EditNode) => readonly EditNode[],
): EditSequence {
  const walk = (nodes: readonly EditNode[]): readonly EditNode[] => {
    const next = nodes.flatMap((node) => {
      const steps = node.steps === null ? null : walk(node.steps);
      return replace(steps === node.steps ? node : { ...node, steps });
    });
    const isSame =
      next.length === nodes.length && next.every((node, index) => node === nodes[index]);
    return isSame ? nodes : next;
  };
  const steps = walk(sequence.steps);
  return steps === sequence.steps ? sequence : { ...sequence, steps };
}

/** Changes some nodes; all others stay the objects that they were. */
export function changeNodes(
  sequence: EditSequence,
  ids: ReadonlySet<number>,
  change: (node: EditNode) => EditNode,
): EditSequence {
  return replaceNodes(sequence, (node) => [ids.has(node.id) ? change(node) : node]);
}

/** The name that a person gave a group or step. */
export function nameOf({ fields, steps }: EditNode): string {
  const name = steps === null ? fields['step'] : fields['group'];
  return typeof name === 'string' ? name : '';
}

/** The type of a step; empty for a group. */
export function typeOf({ fields }: EditNode): string {
  return typeof fields['type'] === 'string' ? fields['type'] : '';
}

/** Fields with one set; undefined takes it away. */
export function withField(fields: Fields, name: string, value: unknown): Fields {
  if (value !== undefined) return { ...fields, [name]: value };
  const { [name]: _, ...rest } = fields;
  return rest;
}

/** Whether a value is a map. */
export function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in one line: a text as it is, all else as JSON. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
