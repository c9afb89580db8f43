import { describe, expect, it } from 'vitest';
import { SequenceId } from '#agent/protocol/identity.ts';
import { steps } from '#agent/steps/index.ts';
import { type ChildSource, expandChildren } from './expand-children.ts';
import { formatTaskSequence } from './format.ts';
import { parseTaskSequence } from './schema.ts';
import { SequenceError } from './sequence-error.ts';

const runs = (name: string, more: object = {}) => ({
  step: `Run ${name}`,
  type: 'run-sequence',
  params: { sequence: { name } },
  ...more,
});
const sets = (name: string) => ({
  step: `Set ${name}`,
  type: 'set-variable',
  params: { name, value: '1' },
});

/** Sequences by name; ids are made of the names. */
function site(documents: Record<string, object[]>, more: Partial<ChildSource> = {}) {
  return (reference: { name?: string | undefined; id?: string | undefined }) => {
    const name = Object.keys(documents).find(
      (name) => name === reference.name || idOf(name) === reference.id,
    );
    if (name === undefined) return undefined;
    const document = { name, steps: documents[name] };
    return {
      id: idOf(name),
      name,
      version: 2,
      document,
      disabled: false,
      ...more,
    };
  };
}
const idOf = (name: string) => SequenceId.parse(`TS${name.toUpperCase()}`);

function refusalOf(run: () => unknown): SequenceError {
  try {
    run();
  } catch (error) {
    if (error instanceof SequenceError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('M10 child task sequences', () => {
  it('are put into the parent, at any depth, and read back as groups', () => {
    const find = site({ b: [sets('B'), runs('c')], c: [sets('C')] });
    const parent = { name: 'a', steps: [{ group: 'G', steps: [runs('b')] }, sets('A')] };
    const { document, children } = expandChildren(parent, find);
    expect(children.map(({ name }) => name)).toEqual(['b', 'c']);
    const sequence = parseTaskSequence(document, steps);
    expect(sequence.stepCount).toBe(3);
    expect(sequence.steps[0]).toMatchObject({
      steps: [
        {
          id: '0/0',
          kind: 'group',
          name: 'Run b',
          child: { id: 'TSB', name: 'b', version: 2 },
          steps: [{ name: 'Set B' }, { kind: 'group', child: { name: 'c' } }],
        },
      ],
    });
    expect(parseTaskSequence(formatTaskSequence(sequence), steps)).toEqual(sequence);
  });

  it('may be run twice', () => {
    const { document, children } = expandChildren(
      { name: 'a', steps: [runs('b'), runs('b')] },
      site({ b: [sets('B')] }),
    );
    expect(children).toHaveLength(1);
    expect(parseTaskSequence(document, steps).stepCount).toBe(2);
  });

  it('are not looked for by a step that is disabled, or in a disabled group', () => {
    const parent = {
      name: 'a',
      steps: [runs('x', { disabled: true }), { group: 'G', disabled: true, steps: [runs('x')] }],
    };
    expect(expandChildren(parent, site({})).children).toEqual([]);
  });

  it('refuses a circle, straight or over others, and says it', () => {
    const find = site({ a: [runs('b')], b: [runs('c')], c: [runs('a')] });
    const around = { id: idOf('a'), name: 'a' };
    const error = refusalOf(() => expandChildren({ name: 'a', steps: [runs('b')] }, find, around));
    expect(error.code).toBe('sequence.child-cycle');
    expect(error.message).toContain('"a" -> "b" -> "c" -> "a"');
    expect(error.problems[0]?.path).toBe('steps[0].child.steps[0].child.steps[0]');
    const self = site({ a: [runs('a')] });
    expect(
      refusalOf(() => expandChildren({ name: 'a', steps: [runs('a')] }, self, around)).code,
    ).toBe('sequence.child-cycle');
  });

  it.each([
    ['that is not there', 'sequence.child-missing', site({})],
    [
      'that is disabled, whatever the step continues on',
      'sequence.child-disabled',
      site({ b: [] }, { disabled: true }),
    ],
    [
      'with a boot image',
      'sequence.child-boot-image',
      site({ b: [] }, { document: { name: 'b', bootImage: { name: 'PE' }, steps: [] } }),
    ],
  ])('refuses a child %s', (_what, code, find) => {
    const parent = { name: 'a', steps: [runs('b', { continueOnError: true })] };
    expect(refusalOf(() => expandChildren(parent, find)).code).toBe(code);
  });

  it('ends a growth without end: each runs the next twice', () => {
    const documents = Object.fromEntries(
      Array.from({ length: 15 }, (_, index) => [
        `s${index}`,
        [
          { ...sets('X'), description: 'x'.repeat(3000) },
          ...(index < 14 ? [1, 2, 3] : []).map(() => runs(`s${index + 1}`)),
        ],
      ]),
    );
    const error = refusalOf(() =>
      expandChildren({ name: 'a', steps: [runs('s0')] }, site(documents)),
    );
    expect(error.code).toBe('sequence.expanded-too-large');
  });
});
