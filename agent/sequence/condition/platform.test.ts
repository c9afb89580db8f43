import { describe, expect, it } from 'vitest';
import { formatTaskSequence } from '../format.ts';
import { parseTaskSequence } from '../schema.ts';
import { SequenceError } from '../sequence-error.ts';
import { group, sequence, step, testSteps, when } from '../testing/play.ts';
import { conditionPlatformProblems } from './platform.ts';

const registry = { kind: 'registry', key: 'HKLM\\X', operator: 'exists' };
const file = { kind: 'file', path: '/etc/x' };
const guid = '00000000-0000-0000-0000-00000000000a';

describe('M03 conditions without a meaning on Linux', () => {
  it.each<[object, string]>([
    [registry, 'registry'],
    [{ kind: 'software', match: 'any-version', upgradeCode: guid }, 'installed-software'],
    [{ kind: 'os-language', language: 'de-DE' }, 'language'],
    [{ ...file, version: '1', versionOperator: 'less' }, 'version of a file'],
    [{ kind: 'os-version', platforms: [{ minVersion: '10.0' }] }, 'Windows versions'],
    [{ kind: 'wmi', namespace: 'root\\WMI', query: 'SELECT * FROM X' }, 'root\\WMI'],
  ])('%j', (condition, what) => {
    const { steps } = sequence(step('A', { condition }));
    expect(conditionPlatformProblems(steps)).toEqual([
      {
        path: 'steps[0].condition',
        code: 'condition.platform',
        message: expect.stringContaining(what),
        hint: expect.any(String),
        node: steps[0],
      },
    ]);
  });

  it.each<[object]>([
    [when('X', 'exists')],
    [file],
    [{ ...file, modified: '2024-05-31', modifiedOperator: 'less' }],
    [{ kind: 'folder', path: '/srv' }],
    [{ kind: 'os-version', platforms: [{ minVersion: '10.0' }, { family: 'linux' }] }],
    [{ kind: 'wmi', query: 'SELECT * FROM Win32_ComputerSystem' }],
    [
      {
        kind: 'wmi',
        namespace: 'ROOT/cimv2/Security/MicrosoftTpm',
        query: 'SELECT * FROM Win32_Tpm',
      },
    ],
    [{ kind: 'wmi', namespace: '%Space%', query: 'SELECT * FROM X' }],
  ])('are none of %j', (condition) => {
    expect(conditionPlatformProblems(sequence(step('A', { condition })).steps)).toEqual([]);
  });

  const nested = [
    step('A'),
    group(
      'G',
      [
        step('B', { condition: { any: [file, { none: [when('X', 'exists'), registry] }] } }),
        step('C', { condition: registry, disabled: true }),
      ],
      { condition: { all: [registry] } },
    ),
    group('H', [step('D', { condition: registry })], { disabled: true }),
    {
      step: 'R',
      type: 'run-sequence',
      params: { sequence: { name: 'Child' } },
      child: {
        id: 'MWL00007',
        name: 'Child',
        version: 1,
        steps: [step('E', { condition: registry })],
      },
    },
  ];
  const places = [
    'steps[1].condition.all[0]',
    'steps[1].steps[0].condition.any[1].none[1]',
    'steps[3].child.steps[0].condition',
  ];

  it('are found at any depth, in child sequences too, and not where it is disabled', () => {
    const problems = conditionPlatformProblems(sequence(...nested).steps);
    expect(problems.map(({ path }) => path)).toEqual(places);
  });

  it('do not matter in nodes that are settled: not entered, or entered whatever they say', () => {
    const { steps } = sequence(...nested);
    const found = (verdict: boolean) =>
      conditionPlatformProblems(steps, ({ name }) => (name === 'G' ? verdict : undefined)).map(
        ({ path }) => path,
      );
    expect(found(false)).toEqual(places.slice(2));
    expect(found(true)).toEqual(places.slice(1));
  });

  it('are refused in a document that says it is for Linux', () => {
    const document = { name: 'test', platform: 'linux', steps: nested };
    const read = (value: unknown) => parseTaskSequence(value, testSteps);
    expect(() => read(document)).toThrow(SequenceError);
    expect(() => read(document)).toThrow(
      expect.objectContaining({
        code: 'sequence.invalid',
        problems: places.map((path) => ({
          path,
          code: 'condition.platform',
          message: expect.any(String),
          hint: expect.any(String),
        })),
      }),
    );
    for (const other of [{}, { platform: 'windows' }]) {
      const parsed = read({ ...document, platform: undefined, ...other });
      expect(parsed.platform).toBe(Reflect.get(other, 'platform'));
      expect(read(formatTaskSequence(parsed))).toEqual(parsed);
    }
    expect(() => read({ ...document, platform: 'macos' })).toThrow(SequenceError);
  });
});
