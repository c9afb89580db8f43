import { describe, expect, it } from 'vitest';
import { conditionSentence, sentenceOf } from './condition.ts';
import { brokenReferences, placeProblem } from './problems.ts';
import { readSequence } from './tree.ts';
import { usedVariables } from './variables.ts';

const variable = (name: string, operator = 'exists', value?: string) => ({
  kind: 'variable',
  variable: name,
  operator,
  ...(value === undefined ? {} : { value }),
});

describe('M03 a condition in a plain sentence', () => {
  it.each([
    { condition: undefined, sentence: 'It always runs.' },
    { condition: variable('A'), sentence: 'It runs if variable A exists.' },
    {
      condition: {
        all: [variable('A'), { any: [variable('B', 'equals', '1'), variable('C', 'notExists')] }],
      },
      sentence:
        'It runs if variable A exists and (variable B is "1" or variable C does not exist).',
    },
    {
      condition: { none: [variable('A'), variable('B')] },
      sentence: 'It runs if it is not so that (variable A exists or variable B exists).',
    },
    { condition: { any: [] }, sentence: 'It runs if one of nothing is true (never).' },
  ])('$sentence', ({ condition, sentence }) => {
    expect(sentenceOf(condition)).toBe(sentence);
  });

  it.each([
    [{ kind: 'file', path: 'C:\\a.exe' }, 'file C:\\a.exe exists'],
    [
      { kind: 'file', path: 'a', version: '1.2', versionOperator: 'greaterEqual' },
      'file a has a version that is at least 1.2',
    ],
    [
      { kind: 'registry', key: 'HKLM\\A', valueName: 'B', operator: 'equals', data: 1 },
      'registry value B of HKLM\\A is "1"',
    ],
    [{ kind: 'wmi', query: 'SELECT * FROM X' }, 'the query SELECT * FROM X finds something'],
    [{ kind: 'os-language', language: 1033 }, 'the language of the system is 1033'],
    [
      {
        kind: 'os-version',
        platforms: [{ name: 'All Windows 11' }, { family: 'linux', architecture: 'x64' }],
      },
      'the system is All Windows 11 or linux x64',
    ],
    [
      { kind: 'software', match: 'this-version', productName: 'Mail', version: '2' },
      'Mail 2 is installed',
    ],
    [{ kind: 'odd' }, 'a condition of the kind odd holds'],
  ])('%j', (condition, sentence) => {
    expect(conditionSentence(condition)).toBe(sentence);
  });
});

describe('M11 variables of a document', () => {
  it('each with where it is set and read', () => {
    const sequence = readSequence({
      steps: [
        {
          step: 'Set',
          type: 'set-variable',
          params: { name: 'Volume', value: '%Model% of %make%' },
        },
        {
          step: 'Disk',
          type: 'format-disk',
          params: { disk: { variable: 'Disk' }, partitions: [{ variable: 'OSVolume' }] },
        },
        {
          step: 'Run',
          type: 'run-command',
          condition: { any: [variable('model')] },
          params: { commandLine: 'x %VOLUME% %Volume%', outputVariable: 'Out' },
        },
      ],
    });
    if (sequence === null) throw new Error('no sequence');
    const found = usedVariables(sequence).map(({ name, set, read }) => [
      name,
      set.map(({ node, where }) => `${node} ${where}`),
      read.map(({ node, where }) => `${node} ${where}`),
    ]);
    expect(found).toEqual([
      ['Disk', [], ['2 params.disk']],
      ['make', [], ['1 params.value']],
      ['Model', [], ['1 params.value', '3 condition']],
      ['OSVolume', ['2 params.partitions'], []],
      ['Out', ['3 params.outputVariable'], []],
      ['Volume', ['1 params.name'], ['3 params.commandLine']],
    ]);
  });
});

describe('M15 problems at their places', () => {
  it('by node and field, without the line; broken references are known', () => {
    const at = (path: string, code: string) => placeProblem({ code, message: 'm', path }, false);
    const image = at('steps[0].steps[12].params.image (line 7)', 'sequence.reference');
    expect(image).toMatchObject({ node: 'steps[0].steps[12]', field: 'params.image' });
    const child = at('steps[1].params.sequence', 'sequence.child-missing');
    const head = at('bootImage', 'sequence.reference');
    expect(head).toMatchObject({ node: '', field: 'bootImage' });
    const other = at('steps[1].params', 'sequence.field');
    expect(brokenReferences([image, child, head, other])).toEqual([image, child, head]);
  });
});
