import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import { readChildren, type StoredChild } from './read-children.ts';
import { outlineOf } from './sequence-outline.ts';
import { refusalsOf, sequenceProblems } from './sequence-problems.ts';

const idOf = (index: number) => SequenceId.parse(`SEQ${index}`);
const stored = (index: number, children: readonly number[]): StoredChild => {
  const steps = children.map((child) => ({
    step: 's',
    type: 'run-sequence',
    params: { sequence: child % 2 === 0 ? { id: idOf(child) } : { name: ` sequence ${child} ` } },
  }));
  return {
    id: idOf(index),
    name: `Sequence ${index}`,
    version: 1,
    disabled: false,
    documentJson: JSON.stringify({ name: `Sequence ${index}`, steps: [{ group: 'g', steps }] }),
  };
};
const isNamed = (
  { id, name }: Pick<StoredChild, 'id' | 'name'>,
  reference: SequenceReference,
): boolean => id === reference.id || name.toLowerCase() === reference.name?.trim().toLowerCase();
const loader = (all: readonly StoredChild[]) => async (reference: SequenceReference) =>
  all.find((each) => isNamed(each, reference));

/** Whether a sequence leads back to itself, by following every way. */
function comesBack(edges: readonly (readonly number[])[], root: number): boolean {
  const seen = new Set<number>();
  const visit = (at: number): boolean =>
    (edges[at] ?? []).some((next) => {
      if (next === root) return true;
      if (seen.has(next) || next >= edges.length) return false;
      seen.add(next);
      return visit(next);
    });
  return visit(root);
}

describe('M10 circles of task sequences', () => {
  it('are found in whatever sequences there are, and only those', async () => {
    const edges = fc.array(fc.array(fc.nat(7), { maxLength: 3 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(edges, async (graph) => {
        const all = graph.map((children, index) => stored(index, children));
        const [root] = all;
        if (root === undefined) return;
        const outlined = all.map(({ documentJson, ...each }) => ({
          ...each,
          isDraft: false,
          outline: outlineOf(documentJson),
        }));
        const problems = sequenceProblems(
          { ...root, outline: outlineOf(root.documentJson) },
          {
            packages: [],
            candidates: {
              packages: () => [],
              applications: () => [],
              bootImages: () => [],
              sequences: () => [],
            },
            find: (reference) => outlined.find((each) => isNamed(each, reference)),
            features: { childSequences: true },
          },
        );
        const codes = refusalsOf(problems).map(({ code }) => code);
        expect(codes.includes('sequence.child-cycle')).toBe(comesBack(graph, 0));
      }),
    );
  });

  it('asks for each sequence once, however often it is run, and ends where others run in a circle', async () => {
    const all = [stored(0, [1, 1, 2]), stored(1, [2, 1]), stored(2, [1])];
    let asked = 0;
    const find = await readChildren(stored(0, [1, 1, 2]), async (reference) => {
      asked += 1;
      return await loader(all)(reference);
    });
    expect(asked).toBe(2);
    expect(find({ name: 'SEQUENCE 1' })?.id).toBe('SEQ1');
  });

  it('refuses what is larger than 32 MiB with its children, before it is put together', async () => {
    const large = (index: number): StoredChild => {
      const child = stored(index, [index + 1]);
      return { ...child, documentJson: child.documentJson + ' '.repeat(2 * 1024 * 1024) };
    };
    let asked = 0;
    const read = readChildren(large(0), async ({ id, name }) => {
      asked += 1;
      return large(Number((id ?? name ?? '').replaceAll(/\D/g, '')));
    });
    await expect(read).rejects.toMatchObject({ code: 'sequence.expanded-too-large' });
    expect(asked).toBe(15);
  });
});
