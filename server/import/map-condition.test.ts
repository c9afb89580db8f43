import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { mapCondition } from './map-condition.ts';
import type { SourceCondition } from './source-sequence.ts';

type Expression = Extract<SourceCondition, { kind: 'expression' }>;

const expression = (type: string, fields: Readonly<Record<string, string>>): Expression => ({
  kind: 'expression',
  type: `SMS_TaskSequence_${type}ConditionExpression`,
  fields,
  xml: `<expression type="${type}"/>`,
});
const variable = (Variable: string, Operator: string, Value?: string): Expression =>
  expression('Variable', { Variable, Operator, ...(Value === undefined ? {} : { Value }) });
const operator = (word: string, ...operands: readonly SourceCondition[]): SourceCondition => ({
  kind: 'operator',
  word,
  operands,
});
const map = (...operands: readonly SourceCondition[]) => mapCondition(operands, 'configmgr');
const conditionOf = (...operands: readonly SourceCondition[]): unknown => {
  const mapped = map(...operands);
  expect(mapped.needs).toEqual([]);
  expect(mapped.mapped).toBe(mapped.expressions);
  return mapped.condition;
};

const placeholder = (index = 1) => ({
  kind: 'variable',
  variable: `ImportedCondition${index}`,
  operator: 'equals',
  value: 'true',
});

describe('M24 mapCondition', () => {
  it('has none for none', () => {
    expect(map()).toEqual({ expressions: 0, mapped: 0, needs: [] });
  });

  it.each([
    [variable('A', 'Equals', 'x'), { variable: 'A', operator: 'equals', value: 'x' }],
    [variable('A', 'notequals', ''), { variable: 'A', operator: 'notEquals', value: '' }],
    [
      variable(' %A% ', 'greaterEqual', '7'),
      { variable: 'A', operator: 'greaterEqual', value: '7' },
    ],
    [variable('A', 'exists', 'ignored'), { variable: 'A', operator: 'exists' }],
    [variable('A', 'NotExists'), { variable: 'A', operator: 'notExists' }],
    [variable('A', 'nonExists'), { variable: 'A', operator: 'notExists' }],
    [variable('A', 'like', '*Dell*'), { variable: 'A', operator: 'like', value: '*Dell*' }],
    [variable('A', 'NotLike', 'x?'), { variable: 'A', operator: 'notLike', value: 'x?' }],
    [variable('A', 'equals', ' %B% '), { variable: 'A', operator: 'equals', value: ' %B% ' }],
  ])('maps a variable %#', (source, expected) => {
    expect(conditionOf(source)).toEqual({ kind: 'variable', ...expected });
  });

  it.each([
    [{ Query: ' SELECT * FROM Win32_Bios ' }, { query: 'SELECT * FROM Win32_Bios' }],
    [
      { Namespace: 'ROOT\\cimv2', Query: 'SELECT * FROM Win32_Bios' },
      { query: 'SELECT * FROM Win32_Bios' },
    ],
    [
      { namespace: 'root\\WMI', query: 'SELECT * FROM X' },
      { namespace: 'root\\WMI', query: 'SELECT * FROM X' },
    ],
    [
      { Query: 'SELECT * FROM X WHERE A LIKE "%Latitude%" AND B = %C%' },
      { query: 'SELECT * FROM X WHERE A LIKE "%Latitude%" AND B = %C%' },
    ],
    // WMI understands it, our own reader of queries does not.
    [{ Query: 'ASSOCIATORS OF {Win32_Bios}' }, { query: 'ASSOCIATORS OF {Win32_Bios}' }],
  ])('maps a query %#', (fields, expected) => {
    expect(conditionOf(expression('WMI', fields))).toEqual({ kind: 'wmi', ...expected });
  });

  it.each([
    ['File', { Path: '%windir%\\a.exe' }, { kind: 'file', path: '%windir%\\a.exe' }],
    [
      'File',
      { Path: 'C:\\a.exe', Version: '10, 0, 1', VersionOperator: 'GreaterEqual' },
      { kind: 'file', path: 'C:\\a.exe', version: '10.0.1', versionOperator: 'greaterEqual' },
    ],
    [
      'File',
      { Path: 'C:\\a', DateTime: '20240531140000.000000+000', DateTimeOperator: 'less' },
      { kind: 'file', path: 'C:\\a', modified: '2024-05-31T14:00:00Z', modifiedOperator: 'less' },
    ],
    ['Folder', { Path: 'E:\\Windows', Version: '1' }, { kind: 'folder', path: 'E:\\Windows' }],
    [
      'Folder',
      { Path: 'D:\\', DateTime: '', DateTimeOperator: 'less' },
      { kind: 'folder', path: 'D:\\' },
    ],
  ])('maps a %s %#', (type, fields, expected) => {
    expect(conditionOf(expression(type, fields))).toEqual(expected);
  });

  it.each([
    [
      { KeyPath: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\A\\', Operator: 'exists' },
      { key: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\A', operator: 'exists' },
    ],
    [
      {
        KeyPath: 'HKLM:/SOFTWARE/A',
        Operator: 'nonExists',
        Value: 'B',
        Type: 'reg_dword',
        Data: '1',
      },
      { key: 'HKLM\\SOFTWARE\\A', operator: 'notExists', valueName: 'B', type: 'REG_DWORD' },
    ],
    [
      { KeyPath: 'HKLM\\A', Operator: 'notEquals', Value: 'B', Type: 'REG_SZ', Data: 'x' },
      { key: 'HKLM\\A', operator: 'notEquals', valueName: 'B', type: 'REG_SZ', data: 'x' },
    ],
    [
      { KeyPath: 'HKLM\\A', Operator: 'equals', Type: 'REG_ODD' },
      { key: 'HKLM\\A', operator: 'equals', data: '' },
    ],
  ])('maps the registry %#', (fields, expected) => {
    expect(conditionOf(expression('Registry', fields))).toEqual({ kind: 'registry', ...expected });
  });

  it('maps software, by product and by upgrade code', () => {
    const code = '{00000000-1111-2222-3333-444444444444}';
    const named = { ProductName: 'Editor', Version: '1.2' };
    expect(
      conditionOf(expression('Software', { Operator: 'ThisVersion', ProductCode: code, ...named })),
    ).toEqual({
      kind: 'software',
      match: 'this-version',
      productCode: code,
      productName: 'Editor',
      version: '1.2',
    });
    expect(
      conditionOf(expression('Software', { Operator: 'AnyVersion', UpgradeCode: code })),
    ).toEqual({ kind: 'software', match: 'any-version', upgradeCode: code });
  });

  const os = (fields: Readonly<Record<string, string>>) => ({
    kind: 'os-version',
    platforms: [fields],
  });
  it.each([
    [
      '6.10.7601.1',
      'equals',
      os({ architecture: 'x64', minVersion: '6.1.7601', maxVersion: '6.1.7601' }),
    ],
    ['6.30.9600.0', 'greaterEqual', os({ architecture: 'x64', minVersion: '6.3.9600' })],
    ['10.00.10240.0', 'greaterEqual', os({ architecture: 'x64', minVersion: '10.0.10240' })],
    ['10.00.0000.0', 'equals', os({ architecture: 'x64', minVersion: '10.0', maxVersion: '10.0' })],
    ['6.20.9200.0', 'lessEqual', os({ architecture: 'x64', maxVersion: '6.2.9200' })],
    [
      '6.20.9200.0',
      'less',
      {
        all: [
          os({ architecture: 'x64', maxVersion: '6.2.9200' }),
          { none: [os({ architecture: 'x64', minVersion: '6.2.9200', maxVersion: '6.2.9200' })] },
        ],
      },
    ],
  ])('maps the system of MDT, %s %s', (Version, Operator, expected) => {
    expect(conditionOf(expression('OS', { Architecture: 'X64', Version, Operator }))).toEqual(
      expected,
    );
  });

  it('tells the kind of an expression whatever is before it', () => {
    const fields = { Variable: 'A', Operator: 'exists' };
    for (const type of ['VariableConditionExpression', 'BDD_variableConditionExpression'])
      expect(conditionOf({ ...expression('Variable', fields), type })).toMatchObject({
        kind: 'variable',
      });
  });

  it('maps platforms by their queries, and by their key where they have none', () => {
    const query = expression('WMI', { Query: 'SELECT * FROM Win32_OperatingSystem' });
    const key = { arch: 'x64', type: 'Win_NT', minVer: '6.10.0000.0', maxVer: '6.10.9999.9999' };
    const wmi = { kind: 'wmi', query: 'SELECT * FROM Win32_OperatingSystem' };
    const platform = (...operands: readonly SourceCondition[]) => ({
      name: 'All x64',
      key,
      operands,
    });
    expect(
      conditionOf({
        kind: 'platforms',
        xml: '',
        platforms: [platform(query, query), platform(query)],
      }),
    ).toEqual({ any: [{ all: [wmi, wmi] }, wmi] });
    expect(conditionOf({ kind: 'platforms', xml: '', platforms: [platform()] })).toEqual(
      os({ name: 'All x64', architecture: 'x64', minVersion: '6.1', maxVersion: '6.1' }),
    );
  });

  it('maps make, model and computer as queries', () => {
    expect(conditionOf(expression('MakeModel', { Make: 'Dell "Inc"', Model: 'X_1*' }))).toEqual({
      kind: 'wmi',
      query:
        'SELECT * FROM Win32_ComputerSystem WHERE Manufacturer = "Dell \\"Inc\\"" AND Model LIKE "X[_]1%"',
    });
    expect(conditionOf(expression('Computer', { SerialNumber: 'S1', UUID: '' }))).toEqual({
      kind: 'wmi',
      query: 'SELECT * FROM Win32_BIOS WHERE SerialNumber = "S1"',
    });
  });

  it('joins several by all, and keeps operators within each other', () => {
    const [a, b, c] = ['A', 'B', 'C'].map((name) => variable(name, 'exists'));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three');
    const leaf = (name: string) => ({ kind: 'variable', variable: name, operator: 'exists' });
    expect(conditionOf(a, b)).toEqual({ all: [leaf('A'), leaf('B')] });
    expect(conditionOf(operator('AND', a, operator('or', b, operator('not', c))))).toEqual({
      all: [leaf('A'), { any: [leaf('B'), { none: [leaf('C')] }] }],
    });
  });

  const broken: readonly (readonly [string, SourceCondition, string])[] = [
    ['no variable', variable('', 'exists'), 'names no variable'],
    ['a name with blanks', variable('a b', 'exists'), 'no blanks'],
    ['no operator', expression('Variable', { Variable: 'A' }), 'operator ""'],
    ['an unknown operator', variable('A', 'resembles', 'b'), '"resembles"'],
    ['no query', expression('WMI', {}), 'query is empty'],
    ['a query that is none', expression('WMI', { Query: 'SELECT FROM' }), 'Cannot read the query'],
    ['a query that is too long', expression('WMI', { Query: 'S'.repeat(20_000) }), ''],
    ['no path', expression('File', {}), 'path is empty'],
    [
      'no time',
      expression('Folder', { Path: 'x', DateTime: 'soon', DateTimeOperator: 'less' }),
      '"soon"',
    ],
    [
      'no version',
      expression('File', { Path: 'x', Version: 'new', VersionOperator: 'less' }),
      'version',
    ],
    [
      'a key without root',
      expression('Registry', { KeyPath: 'SOFTWARE\\A', Operator: 'exists' }),
      'root key',
    ],
    ['software without code', expression('Software', { Operator: 'ThisVersion' }), 'productCode'],
    ['a version that is none', expression('OS', { Version: 'XP', Operator: 'equals' }), '"XP"'],
    ['an unknown type', expression('Team', { A: 'b' }), 'not known'],
    ['an unknown element', { kind: 'unknown', xml: '<team/>' }, 'not known'],
  ];
  it.each(broken)('keeps the place of %s for a person to answer', (_, source, reason) => {
    const mapped = map(variable('A', 'exists'), source);
    expect(mapped).toMatchObject({
      condition: { all: [{ variable: 'A' }, placeholder()] },
      expressions: 2,
      mapped: 1,
      needs: [
        {
          kind: 'condition',
          message: expect.stringContaining(reason),
          hint: expect.stringContaining('ImportedCondition1'),
        },
      ],
      origin: 'xml' in source ? source.xml : '',
    });
  });

  it('numbers the places of a whole sequence', () => {
    let count = 4;
    const mapped = mapCondition([variable('', 'x'), variable('', 'x')], 'mdt', () => ++count);
    expect(mapped.condition).toEqual({ all: [placeholder(5), placeholder(6)] });
  });

  it('puts one question in the place of an operator that is not known', () => {
    const source = operator('xor', variable('A', 'exists'), variable('B', 'exists'));
    expect(map(source)).toMatchObject({
      condition: placeholder(),
      expressions: 2,
      mapped: 0,
      origin:
        '<operator type="xor"><expression type="Variable"/><expression type="Variable"/></operator>',
    });
  });

  it('puts one question in the place of a condition that is too deep', () => {
    let deep: SourceCondition = variable('A', 'exists');
    for (let level = 0; level < 15; level++) deep = operator('and', deep);
    expect(conditionOf(deep)).toMatchObject({ all: [{}] });
    expect(map(operator('and', deep))).toMatchObject({
      condition: placeholder(),
      expressions: 1,
      mapped: 0,
      needs: [{ message: expect.stringContaining('nests 17 deep') }],
    });
  });

  it('tells of any of nothing, which is never true', () => {
    expect(map(operator('or'))).toMatchObject({
      condition: { any: [] },
      needs: [{ kind: 'condition' }],
    });
    expect(conditionOf(operator('and'))).toEqual({ all: [] });
  });

  it('makes conditions that a document takes, whatever the source', () => {
    const word = fc.constantFrom(
      ...'Variable Operator Value Query Namespace Path Version VersionOperator DateTime DateTimeOperator KeyPath Type Data Architecture ProductCode Make UUID'.split(
        ' ',
      ),
    );
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'exists',
        'equals',
        'A',
        'HKLM\\A',
        'SELECT * FROM X',
        '6.10.1.0',
        'X64',
        '%A%',
      ),
    );
    const type = fc.constantFrom(
      ...'Variable WMI File Folder Registry Software OS MakeModel Computer x'.split(' '),
    );
    const leaf = fc
      .tuple(type, fc.dictionary(word, value))
      .map(([kind, fields]) => expression(kind, fields));
    const { tree } = fc.letrec<{ tree: SourceCondition }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc
          .tuple(
            fc.constantFrom('and', 'OR', 'not', 'xor'),
            fc.array(tie('tree'), { maxLength: 4 }),
          )
          .map(([kind, operands]) => operator(kind, ...operands)),
      ),
    }));
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 3 }), (operands) => {
        const { condition } = map(...operands);
        const step = { step: 'x', type: 'restart', params: { target: 'hd' }, condition };
        expect(() => parseTaskSequence({ name: 'x', steps: [step] }, steps)).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});
