import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { mapCondition } from '../map-condition.ts';
import type { SourceCondition, SourceNode, SourceSequence } from '../source-sequence.ts';
import { readSources } from './read-sources.ts';

const samples =
  process.env['METALWRIGHT_SAMPLES'] ?? resolve(import.meta.dirname, '../../../../shared/samples');
const filesIn = (folder: string): readonly string[] =>
  existsSync(join(samples, folder)) ? readdirSync(join(samples, folder)) : [];
const sequenceFiles = filesIn('task-sequences').filter((name) => name.endsWith('.xml'));
const exportFiles = filesIn('exports').filter((name) => name.endsWith('.zip'));

function* nodesIn(nodes: readonly SourceNode[]): Generator<SourceNode> {
  for (const node of nodes) {
    yield node;
    if (node.kind === 'group') yield* nodesIn(node.nodes);
  }
}

/** The fields of each expression. */
function expressionsIn(
  operands: readonly SourceCondition[],
): readonly Readonly<Record<string, string>>[] {
  return operands.flatMap((operand) => {
    if (operand.kind === 'expression') return [operand.fields];
    if (operand.kind === 'operator') return expressionsIn(operand.operands);
    if (operand.kind === 'unknown') return [];
    return operand.platforms.flatMap((each) => expressionsIn(each.operands));
  });
}

function countsOf({ nodes, globals }: Pick<SourceSequence, 'nodes' | 'globals'>) {
  const all = [...nodesIn(nodes)];
  const found = all.filter((node) => node.kind === 'step');
  const expressions = all.flatMap(({ condition }) => expressionsIn(condition));
  const variables = [
    globals,
    ...found.map((step) => step.variables),
    ...expressions.map(Object.keys),
  ];
  return {
    groups: all.length - found.length,
    steps: found.length,
    expressions: expressions.length,
    variables: variables.flat().length,
  };
}

/** How often a text occurs. */
const times = (text: string, what: string): number => text.split(what).length - 1;

/** The counts by nothing but the text; in rules of dynamic variables all markup is escaped. */
const countsInText = (text: string) => ({
  groups: times(text, '<group '),
  steps: times(text, '<step ') + times(text, '<subtasksequence '),
  expressions: times(text, '<expression '),
  variables: times(text, '<variable '),
});

const read = (folder: string, name: string) =>
  readSources({ name, bytes: readFileSync(join(samples, folder, name)) });

console.log(
  sequenceFiles.length + exportFiles.length === 0
    ? `samples: no task sequences in ${samples}`
    : `samples: ${sequenceFiles.length} task sequences, ${exportFiles.length} exports`,
);

describe.skipIf(sequenceFiles.length === 0)('M24 task sequences that others made', () => {
  it.each(sequenceFiles)('%s is read whole', async (name) => {
    const { sequences, needs } = await read('task-sequences', name);
    expect(sequences).toHaveLength(1);
    expect(needs).toEqual([]);
    const [sequence] = sequences;
    if (sequence === undefined) return;
    const { format, nodes } = sequence;
    expect(format).toBe(name.startsWith('cm-') ? 'configmgr' : 'mdt');
    const text = readFileSync(join(samples, 'task-sequences', name), 'utf8');
    expect(countsOf(sequence)).toEqual(countsInText(text));
    for (const { unknown, attributes } of nodesIn(nodes)) {
      expect(unknown).toEqual([]);
      expect(attributes).not.toHaveProperty('disable');
    }
  });

  it.each(sequenceFiles)('%s: all conditions mean the same here', async (name) => {
    const { sequences } = await read('task-sequences', name);
    for (const { nodes, format } of sequences)
      for (const { condition: source } of nodesIn(nodes)) {
        const { condition, expressions, mapped, needs } = mapCondition(source, format);
        expect(needs).toEqual([]);
        expect(expressions).toBe(expressionsIn(source).length);
        expect(mapped).toBe(expressions);
        const group = { group: 'x', steps: [], ...(condition === undefined ? {} : { condition }) };
        expect(() => parseTaskSequence({ name: 'x', steps: [group] }, steps)).not.toThrow();
      }
  });

  it('are read in less time than the whole import may take', async () => {
    const begin = process.threadCpuUsage();
    for (const name of sequenceFiles) await read('task-sequences', name);
    expect(process.threadCpuUsage(begin).user / 1000).toBeLessThan(7000);
  });
});

describe.skipIf(exportFiles.length === 0)('M24 console exports that others made', () => {
  it.each(exportFiles)('%s is read with all its sequences', async (name) => {
    const { sequences, names, objects, needs } = await read('exports', name);
    // Nothing in these archives is packed: names and texts stand in them as they are.
    const text = readFileSync(join(samples, 'exports', name), 'latin1');
    expect(sequences.length).toBe(times(text, '<INSTANCE CLASSNAME="SMS_TaskSequencePackage">'));
    expect(objects.length).toBe(times(text, '<INSTANCE CLASSNAME="SMS_Package">'));
    expect(needs).toEqual([]);
    const nodes = sequences.flatMap((sequence) => sequence.nodes);
    const globals = sequences.flatMap((sequence) => sequence.globals);
    expect(countsOf({ nodes, globals })).toEqual(countsInText(text));
    for (const { id } of sequences) expect(names.has(id?.toLowerCase() ?? '')).toBe(true);
    for (const { contentFolder } of objects) expect(contentFolder).toBeTypeOf('string');
  });
});
