import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduceHistory, startHistory } from './history.ts';
import {
  gapAfter,
  gapByKey,
  insertNodes,
  moveNodes,
  removeNodes,
  renumbered,
  topmost,
} from './moves.ts';
import { findNodes, rangeOf, visibleRows } from './rows.ts';
import {
  changeNodes,
  type EditSequence,
  formatSequence,
  listNodes,
  nameOf,
  readSequence,
  withField,
} from './tree.ts';

const say = (step: string) => ({
  step,
  type: 'set-variable',
  params: { name: 'Said', value: step },
});
const document = {
  name: 'Install',
  steps: [
    say('a'),
    { group: 'B', steps: [say('c'), { group: 'D', steps: [say('e')] }, say('f')] },
    say('g'),
  ],
};

function read(value: unknown = document): EditSequence {
  const sequence = readSequence(value);
  if (sequence === null) throw new Error('no sequence');
  return sequence;
}
const names = (sequence: EditSequence) =>
  listNodes(sequence).map(({ node, around }) => [...around, node].map(nameOf).join('/'));
const idOf = (sequence: EditSequence, name: string): number =>
  listNodes(sequence).find(({ node }) => nameOf(node) === name)?.node.id ?? -1;
const idsOf = (sequence: EditSequence, ...wanted: string[]) =>
  new Set(wanted.map((name) => idOf(sequence, name)));

/** Documents of any shape, each node with a name of its own. */
const documents = fc
  .letrec<{ nodes: object[] }>((tie) => ({
    nodes: fc.array(
      fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constant({ step: '', type: 'restart' }),
        fc.record({ group: fc.constant(''), steps: tie('nodes') }),
      ),
      { maxLength: 4 },
    ),
  }))
  .nodes.map((steps) => {
    let next = 0;
    const named = (nodes: object[]): object[] =>
      nodes.map((node) =>
        'steps' in node
          ? { group: `n${next++}`, steps: named(node.steps as object[]) }
          : { step: `n${next++}`, type: 'restart' },
      );
    return { name: 'Any', steps: named(steps) };
  });

describe('M14 the tree of a task sequence', () => {
  it('reads a document and gives it again, and refuses what is none', () => {
    expect(formatSequence(read())).toEqual(document);
    for (const odd of [
      null,
      [],
      { name: 'x' },
      { steps: [1] },
      { steps: [{}] },
      { steps: [{ group: 'g', steps: {} }] },
    ])
      expect(readSequence(odd)).toBeNull();
    fc.assert(
      fc.property(documents, (any) => {
        expect(formatSequence(read(any))).toEqual(any);
      }),
    );
  });

  it('changes one node and leaves the others the objects that they were', () => {
    const before = read();
    const after = changeNodes(before, new Set([idOf(before, 'e')]), (node) => ({
      ...node,
      fields: withField(node.fields, 'disabled', true),
    }));
    const changed = listNodes(after).filter(({ node }) => node.fields['disabled'] === true);
    expect(changed.map(({ node }) => nameOf(node))).toEqual(['e']);
    expect(after.steps[0]).toBe(before.steps[0]);
    expect(after.steps[1]?.steps?.[0]).toBe(before.steps[1]?.steps?.[0]);
    expect(changeNodes(before, new Set([999]), (node) => ({ ...node }))).toBe(before);
    expect(changeNodes(before, new Set([idOf(before, 'a')]), (node) => node)).toBe(before);
  });

  it('moves several, in their order, also to where one of them stands', () => {
    const before = read();
    const moved = moveNodes(before, idsOf(before, 'g', 'c', 'a'), {
      parent: idOf(before, 'D'),
      before: idOf(before, 'e'),
    });
    expect(names(moved)).toEqual(['B', 'B/D', 'B/D/a', 'B/D/c', 'B/D/g', 'B/D/e', 'B/f']);
    const over = moveNodes(before, idsOf(before, 'a', 'B'), {
      parent: null,
      before: idOf(before, 'B'),
    });
    expect(over).toBe(before);
  });

  it('puts no group into itself, and nothing into a step', () => {
    const before = read();
    const into = (name: string) => ({ parent: idOf(before, name), before: null });
    expect(moveNodes(before, idsOf(before, 'B'), into('B'))).toBe(before);
    expect(moveNodes(before, idsOf(before, 'B'), into('D'))).toBe(before);
    expect(moveNodes(before, idsOf(before, 'B'), into('a'))).toBe(before);
  });

  it.each([
    { name: 'f', key: 'up', order: 'a B B/c B/f B/D B/D/e g' },
    { name: 'c', key: 'up', order: 'a c B B/D B/D/e B/f g' },
    { name: 'c', key: 'down', order: 'a B B/D B/D/e B/c B/f g' },
    { name: 'f', key: 'down', order: 'a B B/c B/D B/D/e f g' },
    { name: 'f', key: 'in', order: 'a B B/c B/D B/D/e B/D/f g' },
    { name: 'e', key: 'out', order: 'a B B/c B/D B/e B/f g' },
    { name: 'g', key: 'in', order: 'a B B/c B/D B/D/e B/f B/g' },
  ] as const)('the key $key moves $name', ({ name, key, order }) => {
    const before = read();
    const gap = gapByKey(before, idsOf(before, name), key);
    if (gap === null) throw new Error('nowhere');
    expect(names(moveNodes(before, idsOf(before, name), gap)).join(' ')).toBe(order);
  });

  it('has no place beyond its ends', () => {
    const before = read();
    expect(gapByKey(before, idsOf(before, 'a'), 'up')).toBeNull();
    expect(gapByKey(before, idsOf(before, 'g'), 'down')).toBeNull();
    expect(gapByKey(before, idsOf(before, 'a'), 'in')).toBeNull();
    expect(gapByKey(before, idsOf(before, 'a'), 'out')).toBeNull();
  });

  it('loses and doubles no node, wherever any are moved', () => {
    fc.assert(
      fc.property(
        documents,
        fc.array(fc.nat(30)),
        fc.nat(30),
        fc.nat(30),
        (any, chosen, parent, at) => {
          const before = read(any);
          const all = listNodes(before);
          const ids = new Set(chosen.map((index) => all[index]?.node.id ?? -1));
          const group = all[parent]?.node ?? null;
          const siblings = group === null ? before.steps : (group.steps ?? []);
          const gap = { parent: group?.id ?? null, before: siblings[at]?.id ?? null };
          const after = moveNodes(before, ids, gap);
          const sorted = (sequence: EditSequence) =>
            listNodes(sequence)
              .map(({ node }) => nameOf(node))
              .sort();
          expect(sorted(after)).toEqual(sorted(before));
          if (after === before) return;
          const inside = new Set(topmost(before, ids).map(({ id }) => id));
          for (const { node, around } of listNodes(after))
            if (inside.has(node.id)) expect(around.at(-1)?.id ?? null).toBe(gap.parent);
        },
      ),
    );
  });

  it('takes away, copies and puts in', () => {
    const before = read();
    const copied = renumbered(before, topmost(before, idsOf(before, 'D', 'e')));
    const pasted = insertNodes(copied.sequence, gapAfter(before, idOf(before, 'a')), copied.nodes);
    expect(names(pasted).join(' ')).toBe('a D D/e B B/c B/D B/D/e B/f g');
    expect(new Set(listNodes(pasted).map(({ node }) => node.id)).size).toBe(9);
    expect(names(removeNodes(before, idsOf(before, 'B'))).join(' ')).toBe('a g');
    expect(removeNodes(before, new Set([999]))).toBe(before);
  });

  it('undoes and does again; what is typed into one field is one edit', () => {
    let history = startHistory(read());
    const type = (value: string) => {
      const sequence = { ...history.present, fields: { name: value } };
      history = reduceHistory(history, { kind: 'edited', sequence, of: 'name' });
    };
    type('I');
    type('In');
    history = reduceHistory(history, { kind: 'left' });
    type('Ins');
    expect(history.past).toHaveLength(2);
    history = reduceHistory(history, { kind: 'undone' });
    expect(history.present.fields).toEqual({ name: 'In' });
    history = reduceHistory(history, { kind: 'undone' });
    expect(history.present.fields).toEqual({ name: 'Install' });
    expect(reduceHistory(history, { kind: 'undone' })).toBe(history);
    history = reduceHistory(history, { kind: 'redone' });
    expect(history.present.fields).toEqual({ name: 'In' });
    type('New');
    expect(history.future).toEqual([]);
  });

  it('shows what is not in a closed group, and finds by name, type and setting', () => {
    const sequence = read();
    const rows = visibleRows(sequence, idsOf(sequence, 'B'));
    expect(rows.map(({ node }) => nameOf(node))).toEqual(['a', 'B', 'g']);
    const all = visibleRows(sequence, new Set());
    expect(all[4]).toMatchObject({ level: 3, path: 'steps[1].steps[1].steps[0]', runId: '1/1/0' });
    expect(all.map(({ path, runId }) => ({ path, runId }))).toEqual(
      listNodes(sequence).map(({ path, runId }) => ({ path, runId })),
    );
    expect(findNodes(sequence, 'SET-VAR')).toHaveLength(5);
    expect(findNodes(sequence, ' said ')).toHaveLength(5);
    expect(findNodes(sequence, 'd')).toContain(idOf(sequence, 'D'));
    expect(findNodes(sequence, '')).toEqual([]);
    expect(rangeOf(all, idOf(sequence, 'e'), idOf(sequence, 'B'))).toHaveLength(4);
  });
});
