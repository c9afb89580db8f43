import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCondition } from './condition-document.ts';
import { formatTaskSequence } from './format.ts';
import { parseTaskSequence } from './schema.ts';
import type { SequenceProblem } from './sequence-error.ts';
import { sequence, step, testSteps } from './testing/play.ts';

function read(value: unknown) {
  const problems: SequenceProblem[] = [];
  const condition = readCondition(value, 'steps[0]', (problem) => problems.push(problem));
  return { condition, problems };
}

const guid = '{00000000-0000-0000-0000-00000000000A}';
const query = 'SELECT * FROM Win32_ComputerSystem WHERE Model LIKE "%Latitude%"';
const expressions: readonly object[] = [
  { kind: 'variable', variable: 'X', operator: 'exists' },
  { kind: 'variable', variable: 'X', operator: 'like', value: 'a*' },
  {
    kind: 'os-version',
    platforms: [
      { name: 'All Windows 11 (64-bit)', architecture: 'x64', minVersion: '10.0.22000' },
      { productType: 'server', minVersion: '10.0', maxVersion: '10.0.20348' },
      { family: 'linux', minVersion: '12' },
    ],
  },
  { kind: 'os-language', language: 1033 },
  { kind: 'os-language', language: 'en-US' },
  { kind: 'file', path: '%windir%\\regedit.exe' },
  {
    kind: 'file',
    path: 'C:\\a',
    version: '10.0.1',
    versionOperator: 'greaterEqual',
    modified: '2024-05-31T14:00:00+02:00',
    modifiedOperator: 'less',
  },
  { kind: 'file', path: 'C:\\a', version: '%Least%', versionOperator: 'less' },
  { kind: 'folder', path: '/srv/x', modified: '2024-05-31', modifiedOperator: 'equals' },
  { kind: 'registry', key: 'HKLM\\SOFTWARE\\X', operator: 'exists' },
  { kind: 'registry', key: 'HKLM\\X', valueName: 'Y', type: 'REG_DWORD', operator: 'notExists' },
  { kind: 'registry', key: 'HKEY_LOCAL_MACHINE\\X', operator: 'nonExists' },
  { kind: 'registry', key: 'hkcu\\X', valueName: '', operator: 'equals', data: '' },
  { kind: 'registry', key: '%Root%\\X', operator: 'greater', data: '5' },
  { kind: 'wmi', query },
  { kind: 'wmi', namespace: 'root\\HP\\InstrumentedBIOS', query: 'SELECT * FROM HP_BIOSSetting' },
  { kind: 'wmi', query: 'SELECT * FROM %Class% WHERE' },
  { kind: 'wmi', query: 'ASSOCIATORS OF {Win32_X="y"}' },
  { kind: 'software', match: 'this-version', productCode: guid, productName: 'X', version: '1' },
  { kind: 'software', match: 'any-version', upgradeCode: guid.slice(1, -1), productCode: guid },
];

describe('M03 a condition of a document', () => {
  it.each(expressions.map((value) => ({ value })))('reads $value as it stands', ({ value }) => {
    expect(read(value)).toEqual({ condition: value, problems: [] });
  });

  it('is written and read again as it was, any tree of any kinds', () => {
    const { tree } = fc.letrec<{ tree: object }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', maxDepth: 6 },
        fc.constantFrom(...expressions),
        ...['all', 'any', 'none'].map((word) =>
          fc.array(tie('tree'), { maxLength: 3 }).map((children) => ({ [word]: children })),
        ),
      ),
    }));
    fc.assert(
      fc.property(tree, (condition) => {
        const parsed = sequence(step('A', { condition }));
        const written: unknown = JSON.parse(JSON.stringify(formatTaskSequence(parsed)));
        expect(written).toMatchObject({ steps: [{ condition }] });
        expect(parseTaskSequence(written, testSteps)).toEqual(parsed);
      }),
    );
  });

  const file = { kind: 'file', path: 'C:\\a' };
  const registry = { kind: 'registry', key: 'HKLM\\X', operator: 'exists' };
  const platforms = (...list: readonly unknown[]) => ({ kind: 'os-version', platforms: list });
  it.each<[object, string, string | RegExp]>([
    [
      { kind: 'variable', variable: 'X', operator: 'exists', value: 'y' },
      '.value',
      'takes no value',
    ],
    [{ kind: 'variable', variable: 'a b', operator: 'exists' }, '.variable', 'no blanks'],
    [{ kind: 'registery', key: 'HKLM' }, '.kind', 'no kind of condition "registery"'],
    [{ kind: 'x'.repeat(5000) }, '.kind', /^.{0,100}$/],
    [{ kind: 5 }, '.kind', ''],
    [{ ...file, path: '' }, '.path', ''],
    [{ ...file, path: 'a\0b' }, '.path', 'control characters'],
    [{ ...file, version: '1.0' }, '.versionOperator', 'version needs versionOperator'],
    [{ ...file, versionOperator: 'less' }, '.version', 'versionOperator needs version'],
    [{ ...file, version: 10.1, versionOperator: 'less' }, '.version', 'put it in quotes'],
    [{ ...file, version: '1.x', versionOperator: 'less' }, '.version', 'is no version'],
    [{ ...file, version: '1', versionOperator: 'exists' }, '.versionOperator', ''],
    [{ ...file, modified: 'May 2024', modifiedOperator: 'less' }, '.modified', 'ISO 8601'],
    [{ ...file, modified: '2024-05-31' }, '.modifiedOperator', 'needs modifiedOperator'],
    [{ ...file, kind: 'folder', version: '1', versionOperator: 'less' }, '', 'Unrecognized'],
    [{ ...registry, key: 'SOFTWARE\\X' }, '.key', 'begins with a root key'],
    [{ ...registry, key: 'HKLMX\\X' }, '.key', 'begins with a root key'],
    [{ ...registry, data: 'x' }, '.data', 'exists takes no data'],
    [{ ...registry, operator: 'equals' }, '.data', 'equals needs data'],
    [{ ...registry, type: 'DWORD' }, '.type', ''],
    [{ ...registry, valueName: 'x'.repeat(251) }, '.valueName', ''],
    [{ kind: 'software', match: 'this-version' }, '.productCode', 'needs productCode'],
    [{ kind: 'software', match: 'any-version', productCode: guid }, '.upgradeCode', 'upgradeCode'],
    [{ kind: 'software', match: 'this-version', productCode: 'X' }, '.productCode', 'XXXX'],
    [platforms(), '.platforms', 'needs a platform'],
    [platforms({ architecture: 'x64' }, { name: 'Windows' }), '.platforms[1]', 'nothing of the'],
    [platforms({ minVersion: 10 }), '.platforms[0].minVersion', 'put it in quotes'],
    [platforms({ maxVersion: 'ten' }), '.platforms[0].maxVersion', 'is no version'],
    [
      platforms({ family: 'linux', productType: 'server' }),
      '.platforms[0].productType',
      'no product type',
    ],
    [{ kind: 'os-language', language: 'en-UK' }, '.language', 'en-'],
    [{ kind: 'os-language', language: 'y'.repeat(3000) }, '.language', '1033'],
    [{ kind: 'os-language', language: 0 }, '.language', ''],
    [{ kind: 'wmi', query: '' }, '.query', ''],
    [{ kind: 'wmi', query: 'x'.repeat(16_385) }, '.query', ''],
  ])('%j is refused at its place', (value, place, message) => {
    const { condition, problems } = read({ any: [{ none: [value] }] });
    const path = `steps[0].condition.any[0].none[0]${place}`;
    const [problem] = problems;
    expect(problems.length).toBe(1);
    expect(problem).toMatchObject({ path, code: 'sequence.field' });
    expect(problem?.message).toMatch(message);
    expect(condition).toEqual({ any: [{ none: [] }] });
  });

  it.each<[string, string, string]>([
    ['SELECT * FROM X WHERE A = "%Name%', 'wql.string', 'at character 27'],
    ['SELECT * FRM X', 'wql.syntax', 'at character 10'],
    [`SELECT * FROM X WHERE ${'('.repeat(16_000)}`, 'wql.too-deep', 'at character 87'],
    [`SELECT * FROM X WHERE A LIKE "${'[a'.repeat(8000)}"`, 'wql.pattern', 'at character 30'],
  ])('a query that cannot be read is refused with its position: %.60s', (query, code, where) => {
    expect(read({ kind: 'wmi', query }).problems).toEqual([
      expect.objectContaining({
        path: 'steps[0].condition.query',
        code,
        message: expect.stringContaining(where),
      }),
    ]);
  });

  it('names kinds that were meant', () => {
    expect(read({ kind: 'registery' }).problems[0]?.hint).toBe('Did you mean registry?');
    expect(read({ kind: 'moon-phase' }).problems[0]?.hint).toContain('os-version, os-language');
  });

  it('stops at a thousand parts', () => {
    const many = { any: Array.from({ length: 5000 }, () => expressions[0]) };
    const { problems } = read(many);
    expect(problems[0]).toMatchObject({ code: 'sequence.condition-size' });
  });
});
