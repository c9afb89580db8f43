import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTaskSequence } from './format.ts';
import { parseTaskSequence } from './schema.ts';
import { SequenceError } from './sequence-error.ts';
import { group, step, testSteps, when } from './testing/play.ts';

const parse = (value: unknown) => parseTaskSequence(value, testSteps);
const document = (...steps: readonly object[]) => ({ name: 'test', steps });
function problemsOf(value: unknown) {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof SequenceError) return error.problems;
  }
  return [];
}
function nested(depth: number, inner: object): object {
  return depth === 0 ? inner : group('G', [nested(depth - 1, inner)]);
}
function nestedCondition(depth: number): object {
  return depth === 0 ? when('X', 'exists') : { all: [nestedCondition(depth - 1)] };
}

describe('M02 a document', () => {
  it('is read with ids, defaults, and numbers as text in conditions', () => {
    const sequence = parse(
      document(
        group('G', [
          step('A', {
            params: { text: 'x' },
            condition: { all: [{ ...when('X', 'equals'), value: 3010 }, { none: [] }] },
          }),
        ]),
        step('B', { type: 'act-once', disabled: true, continueOnError: true }),
      ),
    );
    expect(sequence).toMatchObject({ name: 'test', description: '', stepCount: 1 });
    expect(sequence.steps).toMatchObject([
      {
        kind: 'group',
        id: '0',
        steps: [
          {
            kind: 'step',
            id: '0/0',
            type: 'act',
            maxAttempts: 10,
            position: 1,
            params: { text: 'x' },
            condition: {
              all: [{ variable: 'X', operator: 'equals', value: '3010' }, { none: [] }],
            },
          },
        ],
      },
      { id: '1', disabled: true, continueOnError: true, maxAttempts: 1, position: 0 },
    ]);
  });

  it.each<[string, unknown, string, string]>([
    ['no object', 'x', '', 'sequence.field'],
    ['no name', { steps: [step('A')] }, 'name', 'sequence.field'],
    [
      'a boot image that is no reference',
      { ...document(step('A')), bootImage: 'PE' },
      'bootImage',
      'sequence.field',
    ],
    [
      'a boot image without id or name',
      { ...document(step('A')), bootImage: {} },
      'bootImage',
      'sequence.field',
    ],
    ['no steps', { name: 'n' }, 'steps', 'sequence.field'],
    ['an empty list of steps', { name: 'n', steps: [] }, 'steps', 'sequence.field'],
    ['an unknown field', { ...document(step('A')), stpes: [] }, '', 'sequence.field'],
    ['a node that is neither', document({ name: 'A' }), 'steps[0]', 'sequence.node'],
    ['a node that is both', document({ group: 'A', step: 'A' }), 'steps[0]', 'sequence.node'],
    ['a node that is null', { name: 'n', steps: [null] }, 'steps[0]', 'sequence.node'],
    ['a group without steps', document({ group: 'G' }), 'steps[0].steps', 'sequence.field'],
    ['an empty name', document(step(' ')), 'steps[0].step', 'sequence.field'],
    [
      'an unknown field of a step inside a group',
      document(group('G', [step('A', { contineOnError: true })])),
      'steps[0].steps[0]',
      'sequence.field',
    ],
    [
      'an unknown param',
      document(step('A', { params: { tekst: 'x' } })),
      'steps[0].params',
      'sequence.field',
    ],
    [
      'a param of the wrong kind',
      document(step('A', { params: { number: 'one' } })),
      'steps[0].params.number',
      'sequence.field',
    ],
    [
      'an unknown operator',
      document(step('A', { condition: { any: [when('X', 'is', 'y')] } })),
      'steps[0].condition.any[0].operator',
      'sequence.field',
    ],
    [
      'an operator without its value',
      document(step('A', { condition: when('X', 'equals') })),
      'steps[0].condition.value',
      'sequence.field',
    ],
    [
      'an unknown kind of expression',
      document(step('A', { condition: { kind: 'moon-phase' } })),
      'steps[0].condition.kind',
      'sequence.field',
    ],
    [
      'two words in one condition',
      document(step('A', { condition: { all: [], any: [] } })),
      'steps[0].condition',
      'sequence.condition',
    ],
    [
      'groups too deep',
      document(nested(33, step('A'))),
      `steps[0]${'.steps[0]'.repeat(32)}`,
      'sequence.too-deep',
    ],
    [
      'a condition too deep',
      document(step('A', { condition: nestedCondition(16) })),
      `steps[0].condition${'.all[0]'.repeat(16)}`,
      'sequence.condition-size',
    ],
  ])('with %s is refused at its place', (_name, value, path, code) => {
    expect(problemsOf(value)).toEqual([expect.objectContaining({ path, code })]);
  });

  it('may nest groups 32 deep', () => {
    expect(parse(document(nested(32, step('A')))).stepCount).toBe(1);
  });

  it('far too deep is refused, not a crash', () => {
    let inner: object = step('A');
    for (let depth = 0; depth < 20_000; depth++) inner = { group: 'G', steps: [inner] };
    expect(problemsOf(document(inner))).toMatchObject([{ code: 'sequence.too-deep' }]);
  });

  it('too large is refused', () => {
    const many = Array.from({ length: 20_001 }, () => step('A'));
    expect(problemsOf(document(...many))).toMatchObject([
      { path: 'steps[20000]', code: 'sequence.too-large' },
    ]);
  });

  it('tells of all its problems, the first in the message', () => {
    const value = document(step('A', { type: 'atc' }), step('B', { params: { number: 'x' } }));
    expect(() => parse(value)).toThrow(
      expect.objectContaining({
        code: 'sequence.invalid',
        message:
          'Cannot use the task sequence: steps[0].type: there is no step type "atc" (and 1 more)',
        hint: 'Did you mean act?',
      }),
    );
  });

  it.each([
    ['Act once', 'Did you mean act-once?'],
    ['constructor', 'Known types: act, act-once, run-sequence'],
    ['__proto__', 'Known types: act, act-once, run-sequence'],
  ])('names candidates for the type %s', (type, hint) => {
    expect(problemsOf(document(step('A', { type })))).toMatchObject([{ hint }]);
  });

  it('M11 lets a %Name% stand where a value cannot be judged yet, and nothing else', () => {
    const long = 'x'.repeat(101);
    expect(problemsOf(document(step('A', { params: { number: '%Count%' } })))).toEqual([]);
    expect(problemsOf(document(step('A', { params: { text: `${long}%X%` } })))).toEqual([]);
    expect(problemsOf(document(step('A', { params: { text: `${long}% X` } })))).toHaveLength(1);
  });

  it('of any kind is a sequence or a SequenceError', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.jsonValue({ maxDepth: 3 }), (one, other) => {
        for (const value of [
          one,
          { name: 'n', steps: [one] },
          document({ group: 'G', steps: [one, other] }),
        ])
          try {
            parse(value);
          } catch (error) {
            expect(error).toBeInstanceOf(SequenceError);
          }
      }),
    );
  });

  it('survives being written and read again', () => {
    const value = document(
      group('G', [step('A', { params: { text: '%X%' } })], {
        description: 'why',
        condition: { any: [when('X', 'like', 'a*'), { none: [when('Y', 'exists')] }] },
      }),
      step('B', { disabled: true, continueOnError: true, retryIfInterrupted: false }),
    );
    const sequence = parse(value);
    expect(parse(JSON.parse(JSON.stringify(formatTaskSequence(sequence))))).toEqual(sequence);
  });

  it('M10 keeps that a sequence is disabled', () => {
    const off = parse({ ...document(step('A')), disabled: true });
    expect([off.disabled, parse(document(step('A'))).disabled]).toEqual([true, false]);
    const started = parse({ ...document(step('A')), bootImage: { id: 'ABC00005', name: 'PE' } });
    expect(formatTaskSequence(started)).toMatchObject({
      bootImage: { id: 'ABC00005', name: 'PE' },
    });
    expect(parse(formatTaskSequence(started))).toEqual(started);
    expect(formatTaskSequence(off)).toMatchObject({ disabled: true });
    expect(parse(formatTaskSequence(off))).toEqual(off);
  });
});
