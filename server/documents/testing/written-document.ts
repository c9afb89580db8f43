import * as fc from 'fast-check';

/** A step or group of a test document; `id` names it in the document and in its comments. */
export interface TestNode {
  readonly id: number;
  readonly isGroup: boolean;
  readonly value: unknown;
  readonly steps: readonly TestNode[];
}

/** How a person wrote a node: what is random about it. */
interface Habit {
  readonly blank: boolean;
  readonly flow: boolean;
  readonly quote: '' | '"' | "'";
  readonly last: boolean;
  readonly script: boolean;
}

export interface WrittenDocument {
  readonly text: string;
  readonly nodes: readonly TestNode[];
}

const habit: fc.Arbitrary<Habit> = fc.record({
  blank: fc.boolean(),
  flow: fc.boolean(),
  quote: fc.constantFrom('', '"', "'"),
  last: fc.boolean(),
  script: fc.boolean(),
});

/** Documents as people write them: in any style, with a comment above and behind each name. */
export const writtenDocument: fc.Arbitrary<WrittenDocument> = fc
  .record({
    shape: shapesOf(2),
    indentsList: fc.boolean(),
    crlf: fc.boolean(),
  })
  .map(({ shape, indentsList, crlf }) => {
    const writer = { lines: ['# Head', '', 'name: Test # of the name', 'steps: # all'], nextId: 0 };
    const nodes = write(shape, indentsList ? 2 : 0, indentsList, writer);
    const text = [...writer.lines, '# Foot', ''].join(crlf ? '\r\n' : '\n');
    return { text, nodes };
  });

/** Lists of nodes, some of them groups with lists in them. */
function shapesOf(depth: number): fc.Arbitrary<readonly Shape[]> {
  const steps = depth === 0 ? fc.constant(null) : fc.option(shapesOf(depth - 1));
  return fc.array(fc.record({ steps, habit }), { minLength: 1, maxLength: 3 });
}

interface Shape {
  readonly steps: readonly Shape[] | null;
  readonly habit: Habit;
}

function write(
  shapes: readonly Shape[],
  indent: number,
  indentsList: boolean,
  writer: { lines: string[]; nextId: number },
): readonly TestNode[] {
  return shapes.map(({ steps, habit: { blank, flow, quote, last, script } }) => {
    const id = writer.nextId++;
    const column = ' '.repeat(indent);
    const inner = ' '.repeat(indent + 2);
    if (blank && id > 0) writer.lines.push('');
    writer.lines.push(`${column}# above ${id}`);
    if (steps !== null) {
      writer.lines.push(`${column}- group: ${quote}N${id}${quote} # behind ${id}`);
      if (last) writer.lines.push(`${inner}description:   d${id}`);
      writer.lines.push(`${inner}steps:`);
      const nodes = write(steps, indent + (indentsList ? 4 : 2), indentsList, writer);
      return { id, isGroup: true, value: last ? { description: `d${id}` } : {}, steps: nodes };
    }
    writer.lines.push(`${column}- step: ${quote}N${id}${quote} # behind ${id}`);
    const params = script
      ? [`${inner}params:`, `${inner}  # of the script ${id}`, `${inner}  script: |`].concat(
          [`echo ${id}`, '# no comment', '', '  x'].map((line) =>
            line === '' ? '' : `${inner}    ${line}`,
          ),
        )
      : flow
        ? [`${inner}params: {a:  ${id}, 'b': [x,y] } # of the params ${id}`]
        : [
            `${inner}params:`,
            `${inner}  a: ${id}`,
            `${inner}  b:`,
            `${inner}  - x`,
            `${inner}  - y`,
          ];
    const type = `${inner}type:  'act'`;
    writer.lines.push(...(last ? [...params, type] : [type, ...params]));
    const value = script
      ? { script: `echo ${id}\n# no comment\n\n  x\n` }
      : { a: id, b: ['x', 'y'] };
    return { id, isGroup: false, value: { type: 'act', params: value }, steps: [] };
  });
}

/** The document that test nodes stand for. */
export function documentOf(nodes: readonly TestNode[]): object {
  return { name: 'Test', steps: nodes.map(valueOf) };
}

function valueOf({ id, isGroup, value, steps }: TestNode): object {
  return isGroup
    ? { group: `N${id}`, ...Object(value), steps: steps.map(valueOf) }
    : { step: `N${id}`, ...Object(value) };
}

/** One change that somebody makes to a document. */
export type Change = (nodes: readonly TestNode[], choose: (below: number) => number) => TestNode[];

/** Takes a node out. */
export const remove: Change = (nodes, choose) => {
  const all = listOf(nodes);
  const gone = all[choose(Math.max(1, all.length))];
  return without(nodes, gone);
};

/** Takes a node out and puts it somewhere else, into any list. */
export const move: Change = (nodes, choose) => {
  const all = listOf(nodes);
  const moved = all[choose(Math.max(1, all.length))];
  return moved === undefined ? [...nodes] : insert(without(nodes, moved), moved, choose);
};

/** Puts a new step somewhere. */
export const add: Change = (nodes, choose) => {
  const id = 1000 + choose(1000);
  const value = { type: 'act', params: { text: `new ${id}: # x` } };
  return insert([...nodes], { id, isGroup: false, value, steps: [] }, choose);
};

/** Puts all nodes into a new group. */
export const wrap: Change = (nodes, choose) => [
  { id: 2000 + choose(1000), isGroup: true, value: {}, steps: nodes },
];

/** Takes the nodes of a group out of it. */
export const unwrap: Change = (nodes, choose) => {
  const groups = listOf(nodes).filter(({ isGroup }) => isGroup);
  const group = groups[choose(Math.max(1, groups.length))];
  const lift = (list: readonly TestNode[]): TestNode[] =>
    list.flatMap((node) => (node === group ? node.steps : { ...node, steps: lift(node.steps) }));
  return group === undefined ? [...nodes] : lift(nodes);
};

/** All nodes, those of groups too. */
export function listOf(nodes: readonly TestNode[]): readonly TestNode[] {
  return nodes.flatMap((node) => [node, ...listOf(node.steps)]);
}

function without(nodes: readonly TestNode[], gone: TestNode | undefined): TestNode[] {
  return nodes
    .filter((node) => node !== gone)
    .map((node) => ({ ...node, steps: without(node.steps, gone) }));
}

function insert(
  nodes: readonly TestNode[],
  node: TestNode,
  choose: (below: number) => number,
): TestNode[] {
  const groups = nodes.filter(({ isGroup }) => isGroup);
  const into = groups[choose(groups.length + 1)];
  if (into === undefined) return [...nodes].toSpliced(choose(nodes.length + 1), 0, node);
  return nodes.map((each) =>
    each === into ? { ...each, steps: insert(each.steps, node, choose) } : each,
  );
}
