import { describe, expect, it } from 'vitest';
import type { RegistryFacts } from '../query-capability.ts';
import { ask, type Facts, variablesOf } from './testing/machine-of.ts';

const value = (type: NonNullable<RegistryFacts['value']>['type'], data: string) => ({
  value: { type, data },
});

describe('M03 a registry expression', () => {
  const key = 'HKLM\\SOFTWARE\\X';
  const facts: Facts = {
    registry: {
      [key]: value('REG_SZ', 'default'),
      [`${key}|Build`]: value('REG_DWORD', '19045'),
      [`${key}|Big`]: value('REG_QWORD', '18446744073709551615'),
      [`${key}|Text`]: value('REG_SZ', '5'),
      [`${key}|Path`]: value('REG_EXPAND_SZ', '%SystemRoot%\\x'),
      [`${key}|List`]: value('REG_MULTI_SZ', 'a\nb'),
      [`${key}|Bytes`]: value('REG_BINARY', '010aff'),
      [`${key}|Zeros`]: value('REG_BINARY', '0010'),
      'HKLM\\Empty': { value: null },
    },
  };
  it.each<[string | undefined, string, object, boolean]>([
    // The type matters to the presence of a named value only.
    ['Build', 'exists', { type: 'REG_SZ' }, false],
    ['Build', 'exists', { type: 'REG_DWORD' }, true],
    ['Build', 'exists', {}, true],
    ['Build', 'notExists', { type: 'REG_SZ' }, true],
    ['Build', 'nonExists', { type: 'REG_DWORD' }, false],
    ['Nothing', 'notExists', {}, true],
    [undefined, 'exists', { type: 'REG_DWORD' }, true],
    ['', 'notExists', {}, false],
    ['Build', 'equals', { type: 'REG_SZ', data: 19045 }, true],
    ['Build', 'equals', { data: '0x4A65' }, true],
    ['Build', 'greaterEqual', { data: '9999' }, true],
    ['Big', 'greater', { data: '18446744073709551614' }, true],
    ['Big', 'equals', { data: '0xFFFFFFFFFFFFFFFF' }, true],
    ['Text', 'equals', { type: 'REG_DWORD', data: '5.0' }, true],
    ['Text', 'less', { data: '10' }, true],
    ['Path', 'equals', { data: '%systemroot%\\X' }, true],
    ['List', 'equals', { data: 'A\nB' }, true],
    ['Bytes', 'equals', { data: '01 0A,FF' }, true],
    ['Zeros', 'equals', { data: '10' }, false],
    [undefined, 'equals', { data: 'default' }, true],
    ['Nothing', 'equals', { data: '' }, false],
    ['Nothing', 'notEquals', { data: 'x' }, true],
    ['Nothing', 'less', { data: 'x' }, false],
  ])('%s %s %j: %j', async (valueName, operator, more, expected) => {
    const named = valueName === undefined ? {} : { valueName };
    const condition = { kind: 'registry', key, ...named, operator, ...more };
    expect((await ask(condition, facts)).verdict).toBe(expected);
  });

  it('asks for the key itself when no value is named', async () => {
    const condition = { kind: 'registry', key: 'HKLM\\Empty', valueName: '', operator: 'exists' };
    const { verdict, asked } = await ask(condition, facts);
    expect([verdict, asked]).toEqual([true, ['registry HKLM\\Empty|null']]);
    const compared = { ...condition, operator: 'equals', data: '' };
    expect((await ask(compared, facts)).verdict).toBe(false);
  });

  it('is false where there is no registry, and says so', async () => {
    const condition = { kind: 'registry', key, operator: 'notExists' };
    expect(await ask(condition, {})).toMatchObject({
      verdict: false,
      detail: `registry ${key} notExists: false (cannot be answered: this system has no registry)`,
    });
  });

  it('has variables put into key, value and data', async () => {
    const variables = variablesOf({ Maker: 'X', Name: 'Build', Least: '19000' });
    const key = 'HKLM\\SOFTWARE\\%Maker%';
    const condition = { kind: 'registry', key, valueName: '%Name%', operator: 'greater' };
    const { verdict, detail } = await ask({ ...condition, data: '%Least%' }, facts, variables);
    expect([verdict, detail]).toEqual([
      true,
      'registry HKLM\\SOFTWARE\\X value "Build" greater "19000": true (is "19045", REG_DWORD)',
    ]);
  });
});
