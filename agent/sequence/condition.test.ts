import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type VariableOperator, variableOperators } from './condition/variable.ts';
import { type Condition, evaluateCondition } from './condition.ts';
import { HIDDEN, Variables } from './variables.ts';

const none = Variables.none;
const having = (name: string, value: string, secret = false) => none.set({ name, value, secret });
const on = (operator: VariableOperator, value?: string): Condition => ({
  kind: 'variable',
  variable: 'X',
  operator,
  value,
});
const yes: Condition = { kind: 'variable', variable: 'X', operator: 'notExists' };
const no: Condition = { kind: 'variable', variable: 'X', operator: 'exists' };
const verdict = (condition: Condition, variables = none) =>
  evaluateCondition(condition, variables).verdict;

describe('M03 a variable expression', () => {
  it.each<[string | undefined, VariableOperator, string | undefined, boolean]>([
    ['a', 'exists', undefined, true],
    [undefined, 'exists', undefined, false],
    ['', 'exists', undefined, false],
    [undefined, 'notExists', undefined, true],
    ['True', 'equals', 'true', true],
    [undefined, 'notEquals', 'true', true],
    [undefined, 'equals', '', true],
    ['3010', 'equals', '3010.0', true],
    ['10', 'greater', '9', true],
    ['10', 'less', '9', false],
    ['1a0', 'less', '9', true],
    ['-5', 'less', '3', true],
    ['5', 'lessEqual', '5', true],
    ['5', 'greaterEqual', '5', true],
    ['5', 'greaterEqual', '5.1', false],
    ['b', 'greater', 'A', true],
    ['Latitude 7440', 'like', 'latitude*', true],
    ['Latitude 7440', 'like', '*74?0', true],
    ['Latitude 7440', 'like', '74', false],
    ['Latitude 7440', 'like', '*', true],
    ['a*b', 'like', 'a*b', true],
    ['aab', 'like', '*ab', true],
    ['', 'like', '', true],
    ['abc', 'like', 'a[b]c', false],
    [undefined, 'notLike', 'x*', true],
  ])('X=%j %s %j is %j', (actual, operator, value, expected) => {
    const variables = actual === undefined ? none : having('x', actual);
    expect(verdict(on(operator, value), variables)).toBe(expected);
  });

  it('tells what it saw, and nothing of a secret', () => {
    expect(evaluateCondition(on('equals', 'b'), having('X', 'a')).detail).toBe(
      'X equals "b": false (is "a")',
    );
    const { detail } = evaluateCondition(on('equals', 'hunter2'), having('X', 'hunter2', true));
    expect(detail).toContain(HIDDEN);
    expect(detail).not.toContain('hunter2');
  });

  it('has variables put into its value; an unknown name becomes empty', () => {
    const variables = having('Y', 'b*').set({ name: 'X', value: 'abc', secret: false });
    const is = (operator: VariableOperator, value: string) =>
      verdict(on(operator, value), variables);
    expect(is('like', 'a%Y%')).toBe(true);
    expect(is('equals', 'a%Undefined%bc')).toBe(true);
    expect(is('equals', 'a%Y%')).toBe(false);
    expect(verdict(on('equals', '%Undefined%'))).toBe(true);
  });

  it('is all that can be decided without a machine: the rest is false', () => {
    const file: Condition = { kind: 'file', path: 'x' };
    expect(evaluateCondition({ none: [file] }, none)).toEqual({
      verdict: true,
      detail: 'none(file: false (there is no machine to ask))',
    });
    const answer = () => ({ verdict: true, detail: 'yes' });
    expect(evaluateCondition({ all: [file] }, none, answer)).toEqual(answer());
  });

  it('takes no time to speak of for any pattern', () => {
    const text = 'a'.repeat(4000);
    expect(verdict(on('like', `${'*a'.repeat(500)}b`), having('X', text))).toBe(false);
  });
});

describe('M03 nested all, any, none', () => {
  it.each<[string, Condition, boolean]>([
    ['empty all', { all: [] }, true],
    ['empty any', { any: [] }, false],
    ['empty none', { none: [] }, true],
    ['none of two that are false', { none: [no, no] }, true],
    ['none with one that is true', { none: [no, yes] }, false],
    ['all of two', { all: [yes, yes] }, true],
    ['all with one false', { all: [yes, no] }, false],
    ['any with one true', { any: [no, yes] }, true],
    ['any of two that are false', { any: [no, no] }, false],
    ['three levels', { all: [yes, { any: [no, { none: [no] }] }] }, true],
  ])('%s', (_name, condition, expected) => {
    expect(verdict(condition)).toBe(expected);
  });

  const tree = fc.letrec<{ tree: Condition; leaf: Condition }>((tie) => ({
    leaf: fc.record({
      kind: fc.constant('variable' as const),
      variable: fc.constantFrom('A', 'B', 'C'),
      operator: fc.constantFrom(...variableOperators),
      value: fc.constantFrom('', '1', '2', 'x'),
    }),
    tree: fc.oneof(
      { depthSize: 'small' },
      tie('leaf'),
      fc.record({ all: fc.array(tie('tree'), { maxLength: 4 }) }),
      fc.record({ any: fc.array(tie('tree'), { maxLength: 4 }) }),
      fc.record({ none: fc.array(tie('tree'), { maxLength: 4 }) }),
    ),
  })).tree;
  const values = fc.dictionary(fc.constantFrom('a', 'B', 'c'), fc.constantFrom('1', '2', 'x'));
  const made = (given: Record<string, string>) =>
    none.setAll(Object.entries(given).map(([name, value]) => ({ name, value, secret: false })));

  it('obeys the laws of logic', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 4 }), values, (children, given) => {
        const variables = made(given);
        const is = (condition: Condition) => verdict(condition, variables);
        expect(is({ all: children })).toBe(children.every(is));
        expect(is({ any: children })).toBe(children.some(is));
        expect(is({ none: children })).toBe(!children.some(is));
        expect(is({ none: [{ none: [{ any: children }] }] })).toBe(is({ any: children }));
      }),
    );
  });

  it('notX is the opposite of X, for each pair', () => {
    const pairs = [
      ['exists', 'notExists'],
      ['equals', 'notEquals'],
      ['less', 'greaterEqual'],
      ['lessEqual', 'greater'],
      ['like', 'notLike'],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...pairs),
        fc.string(),
        fc.string(),
        ([one, opposite], actual, value) => {
          const variables = having('X', actual);
          expect(verdict(on(one, value), variables)).toBe(!verdict(on(opposite, value), variables));
        },
      ),
    );
  });
});
