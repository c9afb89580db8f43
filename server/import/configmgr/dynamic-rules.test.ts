import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ImportError } from '../import-error.ts';
import { readDynamicRules } from './dynamic-rules.ts';

const expression = (kind: string, fields: Record<string, string>): string =>
  `<expression type="SMS_TaskSequence_${kind}ConditionExpression">${Object.entries(fields)
    .map(([name, value]) => `<variable name="${name}">${value}</variable>`)
    .join('')}</expression>`;
const rule = (condition: string, ...variables: readonly (readonly [string, string, string?])[]) =>
  `<Rule>${condition === '' ? '' : `<condition>${condition}</condition>`}<Variables>${variables
    .map(
      ([name, value, secret = 'false']) =>
        `<Variable Name="${name}" IsSecret="${secret}">${value}</Variable>`,
    )
    .join('')}</Variables></Rule>`;
const read = (...rules: readonly string[]) =>
  readDynamicRules(
    `<Rules>${rules.join('')}</Rules>\n`,
    (name, isWritten) => `%${name}-${isWritten}%`,
  );
const conditionOf = (xml: string) => read(rule(xml, ['A', '1'])).rules[0];

describe('M24 rules of dynamic variables', () => {
  it('keep their order and the blanks of their values', () => {
    expect(read(rule('', ['A', ' 1 '], ['B', '']), rule('', ['A', 'a &amp; b']))).toEqual({
      rules: [
        {
          variables: [
            { name: 'A', value: ' 1 ' },
            { name: 'B', value: '' },
          ],
        },
        { variables: [{ name: 'A', value: 'a & b' }] },
      ],
      needs: [],
    });
  });

  it('hide what is hidden, and what is a secret by its name', () => {
    const { rules } = read(rule('', ['Key', '', 'true'], ['OSDJoinPassword', 'x', 'false']));
    expect(rules).toEqual([
      {
        variables: [
          { name: 'Key', value: '%Key-false%', secret: true },
          { name: 'OSDJoinPassword', value: '%OSDJoinPassword-true%', secret: true },
        ],
      },
    ]);
  });

  it.each([
    [
      expression('Variable', { Operator: 'Equals', Variable: 'X', Value: '1' }),
      { kind: 'variable', variable: 'X', operator: 'equals', value: '1' },
    ],
    [
      expression('Variable', { Operator: 'notExists', Variable: '%X%', Value: '' }),
      { kind: 'variable', variable: 'X', operator: 'notExists' },
    ],
    [
      expression('MakeModel', { Make: 'HP*', Model: '' }),
      { kind: 'make-model', make: 'HP*', model: '*' },
    ],
    [
      expression('Computer', { AssetTag: '', SerialNumber: 'S1', MACAddress: 'm', UUID: '' }),
      { kind: 'computer', macAddress: 'm', serialNumber: 'S1' },
    ],
    [
      expression('Location', { DefaultGateway: '192.0.2.1' }),
      { kind: 'location', defaultGateway: ['192.0.2.1'] },
    ],
    [
      `<operator type="or">${expression('Variable', { Operator: 'exists', Variable: 'A' })}</operator>`,
      { any: [{ kind: 'variable', variable: 'A', operator: 'exists' }] },
    ],
  ])('%s', (xml, condition) => {
    expect(conditionOf(xml)).toEqual({ condition, variables: [{ name: 'A', value: '1' }] });
  });

  it('of several expressions all must hold', () => {
    const one = expression('Variable', { Operator: 'exists', Variable: 'A' });
    expect(conditionOf(one + one)).toMatchObject({ condition: { all: [{}, {}] } });
  });

  it('with what is not known never hold by themselves, and say so', () => {
    const { rules, needs } = read(
      rule(expression('Team', { Name: 'x' }), ['A', '1']),
      rule(expression('Variable', { Operator: 'sounds', Variable: 'B' }), ['A', '2']),
      rule(expression('Computer', { UUID: '' }), ['A', '3']),
      rule('<operator type="xor"></operator>', ['A', '4']),
    );
    expect(rules).toHaveLength(4);
    expect(rules).toMatchObject(
      [1, 2, 3, 4].map((number) => ({ condition: { variable: `ImportedRule${number}` } })),
    );
    expect(needs.map(({ kind }) => kind)).toEqual(Array(4).fill('condition'));
    expect(needs[0]?.message).toContain('Rule 1 has an expression of the type');
  });

  it('that the step does not take are told, and the others kept', () => {
    const { rules, needs } = read(
      rule('', ['A', 'x'.repeat(4001)]),
      rule('', ['_SMSTSMake', 'x'], ['a b', 'x'], ['B', 'kept']),
      rule('', ['_SMSTSMake', 'x']),
    );
    expect(rules).toEqual([{ variables: [{ name: 'B', value: 'kept' }] }]);
    expect(needs.map(({ message }) => message)).toEqual([
      expect.stringContaining('Rule 1 was not taken over: variables[0].value: '),
      expect.stringContaining('Rule 2: a variable was not taken over: _SMSTSMake is read-only'),
      expect.stringContaining('Rule 2: a variable was not taken over: "a b"'),
      expect.stringContaining('Rule 3: a variable was not taken over: _SMSTSMake'),
    ]);
  });

  it.each([
    ['<!DOCTYPE r [<!ENTITY a "b">]><Rules>&a;</Rules>'],
    ['<Rules><Rule>'],
    ['no XML'],
    [`<Rules>${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}</Rules>`],
  ])('%# that are no XML, or too much of it, are an error', (xml) => {
    expect(() => readDynamicRules(xml, () => '')).toThrow(ImportError);
  });

  it('of any text are read or refused', () => {
    const part = fc.constantFrom(
      '<Rules>',
      '</Rules>',
      '<Rule>',
      '</Rule>',
      '<Variables>',
      'x',
      '"',
      '&',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join('')),
        ),
        (xml) => {
          try {
            readDynamicRules(xml, () => '');
          } catch (error) {
            expect(error).toBeInstanceOf(ImportError);
          }
        },
      ),
    );
  });
});
