import { describe, expect, it } from 'vitest';
import { ask, type Facts, variablesOf } from './testing/machine-of.ts';

describe('M03 a file or folder expression', () => {
  const facts: Facts = {
    paths: {
      'file C:\\a.exe': { modifiedMs: Date.UTC(2024, 4, 31, 14, 0, 0, 700), version: '10.0.9.1' },
      'file C:\\a.txt': {},
      'folder C:\\x': { modifiedMs: Date.UTC(2024, 4, 31) },
    },
  };
  const at = (operator: string, modified = '2024-05-31T14:00:00Z') => ({
    modified,
    modifiedOperator: operator,
  });
  const version = (operator: string, wanted: string) => ({
    version: wanted,
    versionOperator: operator,
  });
  it.each<[string, object, boolean]>([
    ['a.exe', {}, true],
    ['a.exe', version('equals', '10.0.9.1'), true],
    ['a.exe', version('less', '10.0.10'), true],
    ['a.exe', version('greaterEqual', '10.0.9.1.'.slice(0, -1)), true],
    ['a.exe', version('notEquals', '10.0.9.1'), false],
    ['a.exe', at('equals'), true],
    ['a.exe', at('equals', '2024-05-31T16:00:00+02:00'), true],
    ['a.exe', at('equals', '2024-05-31T14:00:00.700Z'), true],
    ['a.exe', at('equals', '2024-05-31T14:00:00.000Z'), false],
    ['a.exe', at('greater'), false],
    ['a.exe', at('lessEqual'), true],
    ['a.exe', at('less', '2024-06-01'), true],
    ['a.exe', { ...version('greater', '10'), ...at('less') }, false],
    ['a.exe', { ...version('greater', '10'), ...at('equals') }, true],
    ['a.txt', version('notEquals', '1.0'), false],
    ['none', {}, false],
    ['none', version('notEquals', '1.0'), false],
    ['none', at('notEquals'), false],
  ])('file %s %j: %j', async (name, more, expected) => {
    const { verdict } = await ask({ kind: 'file', path: `C:\\${name}`, ...more }, facts);
    expect(verdict).toBe(expected);
  });

  it.each<[string, object, boolean]>([
    ['C:\\x', {}, true],
    ['C:\\x', at('equals', '2024-05-31'), true],
    ['C:\\x', at('greater', '2024-05-31'), false],
    ['C:\\a.exe', {}, false],
  ])('folder %s %j: %j', async (path, more, expected) => {
    expect((await ask({ kind: 'folder', path, ...more }, facts)).verdict).toBe(expected);
  });

  it('leaves the names of the system to the machine', async () => {
    const variables = variablesOf({ OSDTarget: 'D:', Min: '10.0' });
    const { asked } = await ask(
      { kind: 'file', path: '%OSDTarget%\\%windir%\\a', ...version('greater', '%Min%') },
      facts,
      variables,
    );
    expect(asked).toEqual(['file D:\\%windir%\\a']);
  });

  it('tells what it saw', async () => {
    const wanted = { kind: 'file', path: 'C:\\a.exe', ...version('less', '9'), ...at('greater') };
    expect((await ask(wanted, facts)).detail).toBe(
      'file "C:\\a.exe" version less 9, modified greater 2024-05-31T14:00:00Z: false ' +
        '(modified 2024-05-31T14:00:00.700Z, version 10.0.9.1)',
    );
    const noVersion = { kind: 'file', path: 'C:\\a.txt', ...version('less', '9') };
    expect((await ask(noVersion, facts)).detail).toContain('cannot be answered');
    const noTime = { kind: 'file', path: 'C:\\a.txt', ...at('less', '%Nothing%') };
    expect(await ask(noTime, facts)).toMatchObject({
      verdict: false,
      detail: expect.stringContaining('"" is no time'),
    });
  });
});
