import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Condition, decideCondition, Expression } from './condition.ts';
import { answerCondition } from './condition-answer.ts';
import type {
  InstalledProduct,
  PathFacts,
  QueryCapability,
  RegistryFacts,
  SystemFacts,
  WmiInventory,
} from './platform.ts';
import { HIDDEN, Variables } from './variables.ts';

/** A machine of facts that keeps what it was asked. */
interface Facts {
  readonly paths?: Readonly<Record<string, Partial<PathFacts>>>;
  /** By `key` or `key|value`. */
  readonly registry?: Readonly<Record<string, RegistryFacts>> | undefined;
  readonly software?: readonly InstalledProduct[] | undefined;
  readonly system?: Partial<SystemFacts>;
  readonly inventory?: WmiInventory;
}
const windows10: SystemFacts = {
  family: 'windows',
  version: '10.0.19045',
  architecture: 'x64',
  productType: 'client',
  language: 1033,
};

function machineOf(facts: Facts) {
  const asked: string[] = [];
  const { registry, software } = facts;
  const query: QueryCapability = {
    async path({ path, kind }) {
      asked.push(`${kind} ${path}`);
      const found = facts.paths?.[`${kind} ${path}`];
      return found === undefined ? null : { modifiedMs: 0, version: null, ...found };
    },
    registry:
      registry &&
      (async ({ key, valueName }) => {
        asked.push(`registry ${key}|${valueName}`);
        return registry[valueName === null ? key : `${key}|${valueName}`] ?? null;
      }),
    software:
      software &&
      (async () => {
        asked.push('software');
        return software;
      }),
    async system() {
      asked.push('system');
      return { ...windows10, ...facts.system };
    },
    async inventory() {
      asked.push('inventory');
      return facts.inventory ?? {};
    },
    wmi: undefined,
  };
  return { asked, query };
}

const variablesOf = (values: Readonly<Record<string, string>>, secret = false) =>
  Variables.none.setAll(Object.entries(values).map(([name, value]) => ({ name, value, secret })));

async function ask(condition: object, facts: Facts = {}, variables = Variables.none) {
  const { asked, query } = machineOf(facts);
  const read = 'kind' in condition ? Expression.parse(condition) : condition;
  const { signal } = new AbortController();
  const verdict = await answerCondition(read as Condition, { variables, query, signal });
  return { ...verdict, asked };
}
const value = (type: NonNullable<RegistryFacts['value']>['type'], data: string) => ({
  value: { type, data },
});

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

describe('M03 an installed-software expression', () => {
  const product: InstalledProduct = {
    productCode: '{00000000-0000-0000-0000-00000000000A}',
    upgradeCode: '{00000000-0000-0000-0000-00000000000B}',
    name: 'Tool',
    version: '1.2',
  };
  const facts: Facts = { software: [{ ...product, upgradeCode: null }, product] };
  const [productCode, upgradeCode] = [
    '00000000-0000-0000-0000-00000000000a',
    '{00000000-0000-0000-0000-00000000000b}',
  ];
  it.each<[object, boolean]>([
    [{ match: 'this-version', productCode }, true],
    [{ match: 'this-version', productCode: upgradeCode, upgradeCode: productCode }, false],
    [{ match: 'any-version', upgradeCode }, true],
    [{ match: 'any-version', productCode, upgradeCode: `{${productCode}}` }, false],
  ])('%j: %j', async (fields, expected) => {
    expect((await ask({ kind: 'software', ...fields }, facts)).verdict).toBe(expected);
  });
  it('is false without Windows Installer', async () => {
    const condition = { kind: 'software', match: 'this-version', productCode, productName: 'Tool' };
    expect(await ask(condition, {})).toMatchObject({
      verdict: false,
      detail: expect.stringContaining('no Windows Installer'),
    });
  });
});

describe('M03 an operating-system expression', () => {
  it.each<[readonly object[], Partial<SystemFacts>, boolean]>([
    [[{ minVersion: '10.0' }], {}, true],
    [[{ minVersion: '10.0.22000' }], {}, false],
    [[{ minVersion: '6.1', maxVersion: '6.3' }, { minVersion: '10.0' }], {}, true],
    [[{ maxVersion: '10.0' }], {}, true],
    [[{ minVersion: '10.0', maxVersion: '10.0.19044' }], {}, false],
    [[{ minVersion: '6.10.0000.0', maxVersion: '6.10.9999.9999' }], {}, false],
    [[{ architecture: 'arm64' }], {}, false],
    [[{ architecture: 'x64', productType: 'server' }], {}, false],
    [[{ architecture: 'x64', productType: 'client' }], {}, true],
    [[{ minVersion: '10.0' }], { family: 'linux', version: '12' }, false],
    [[{ family: 'linux', minVersion: '12' }], { family: 'linux', version: '12.5' }, true],
    [[{ family: 'linux', maxVersion: '12' }], { family: 'linux', version: '12.5' }, true],
    [[{ family: 'linux' }], { family: 'linux', version: '' }, true],
    [[{ family: 'linux', minVersion: '1' }], { family: 'linux', version: 'rolling' }, false],
  ])('%j on %j: %j', async (platforms, system, expected) => {
    expect((await ask({ kind: 'os-version', platforms }, { system })).verdict).toBe(expected);
  });

  it.each<[number | string, number | null, boolean]>([
    [1033, 1033, true],
    ['en-US', 1033, true],
    ['de-de', 1033, false],
    ['de-DE', 1031, true],
    [1033, null, false],
  ])('language %j on %j: %j', async (language, found, expected) => {
    const condition = { kind: 'os-language', language };
    expect((await ask(condition, { system: { language: found } })).verdict).toBe(expected);
  });

  it('tells what the machine has', async () => {
    const platforms = [
      { name: 'All Windows 11', minVersion: '10.0.22000' },
      { productType: 'server' },
    ];
    expect((await ask({ kind: 'os-version', platforms })).detail).toBe(
      'operating system is "All Windows 11" or windows server: false (is windows 10.0.19045 client x64)',
    );
    expect((await ask({ kind: 'os-language', language: 'de-DE' })).detail).toBe(
      'operating system language is de-DE: false (is 1033 (en-US))',
    );
  });
});

describe('M03 a WMI expression', () => {
  const facts: Facts = { inventory: { Win32_ComputerSystem: [{ Model: 'Latitude 7440' }] } };
  const wmi = (where: string, namespace?: string) => ({
    kind: 'wmi',
    query: `SELECT * FROM Win32_ComputerSystem WHERE ${where}`,
    ...(namespace === undefined ? {} : { namespace }),
  });
  it('has only the variables put in that there are: a pattern keeps its marks', async () => {
    const variables = variablesOf({ Wanted: 'latitude 7440' });
    const models = await ask(wmi('Model LIKE "%Latitude%"'), facts, variables);
    expect(models).toMatchObject({ verdict: true, asked: ['inventory'] });
    expect(models.detail).toContain('LIKE "%Latitude%": true (it has a row)');
    expect((await ask(wmi('Model = "%wanted%"'), facts, variables)).verdict).toBe(true);
    expect((await ask(wmi('Model = "%unwanted%"'), facts, variables)).verdict).toBe(false);
  });

  it.each([
    [wmi('Model = "x" AND'), 'Cannot read the query'],
    [wmi('Modell = "x"'), 'has no property Modell'],
    [wmi('Model = "x"', 'root\\wmi'), 'no namespace root\\wmi'],
    [{ kind: 'wmi', query: 'SELECT * FROM Win32_Service' }, 'no class Win32_Service'],
  ])('that cannot be answered is false: %j', async (condition, reason) => {
    expect(await ask(condition, facts)).toMatchObject({
      verdict: false,
      detail: expect.stringContaining(reason),
    });
  });
});

describe('M03 a condition on a machine', () => {
  const there = { kind: 'file', path: 'there' } as const;
  const gone = { kind: 'file', path: 'gone' } as const;
  const failing = { kind: 'registry', key: 'HKLM\\X', operator: 'notExists' } as const;
  const set = { kind: 'variable', variable: 'Set', operator: 'exists' } as const;
  const facts: Facts = { paths: { 'file there': {} } };
  const variables = variablesOf({ Set: 'yes' });

  it.each<[Condition, boolean, readonly string[]]>([
    [{ none: [gone, gone] }, true, ['gone', 'gone']],
    [{ none: [gone, there, gone] }, false, ['gone', 'there']],
    [{ all: [there, set, gone, there] }, false, ['there', 'gone']],
    [{ any: [gone, there, there] }, true, ['gone', 'there']],
    [{ any: [set, there] }, true, []],
    [{ all: [{ none: [set] }, there] }, false, []],
    [
      { any: [{ all: [set, gone] }, { none: [there] }, { all: [there] }] },
      true,
      ['gone', 'there', 'there'],
    ],
    [{ none: [failing] }, true, []],
    [{ any: [failing, there] }, true, ['there']],
  ])('%j is %j and asks no more than it takes', async (condition, expected, asked) => {
    const found = await ask(condition, facts, variables);
    expect(found.verdict).toBe(expected);
    expect(found.asked).toEqual(asked.map((path) => `file ${path}`));
  });

  it('decides any tree as a simple model does, and asks for the same in the same order', async () => {
    const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<Condition>(there, gone, set),
        fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ none: fc.array(tie('tree'), { maxLength: 3 }) }),
      ),
    }));
    const model = (condition: Condition, asked: string[]): boolean => {
      const is = (child: Condition) => model(child, asked);
      if ('all' in condition) return condition.all.every(is);
      if ('any' in condition) return condition.any.some(is);
      if ('none' in condition) return !condition.none.some(is);
      if (condition.kind !== 'file') return true;
      asked.push(`file ${condition.path}`);
      return condition.path === 'there';
    };
    await fc.assert(
      fc.asyncProperty(tree, async (condition) => {
        const wanted: string[] = [];
        const verdict = model(condition, wanted);
        const found = await ask(condition, facts, variables);
        expect([found.verdict, found.asked]).toEqual([verdict, wanted]);
      }),
    );
  });

  it('takes any error of the machine for false, and says why', async () => {
    const { query } = machineOf(facts);
    const failing = { ...query, path: async () => Promise.reject(new Error('the disk is gone')) };
    const { signal } = new AbortController();
    const condition: Condition = { any: [there, set] };
    expect(await answerCondition(condition, { variables, query: failing, signal })).toEqual({
      verdict: true,
      detail:
        'any(file "there" exists: false (cannot be answered: the disk is gone); ' +
        'Set exists: true (is "yes"))',
    });
  });

  it('throws nothing but a cancellation', async () => {
    const { query, asked } = machineOf(facts);
    const stop = new AbortController();
    const stopping = {
      ...query,
      path: async () => {
        stop.abort(new Error('stopped'));
        throw new Error('broken off');
      },
    };
    const ground = { variables, query: stopping, signal: stop.signal };
    await expect(answerCondition(there, ground)).rejects.toThrow('broken off');
    await expect(answerCondition(there, { ...ground, query })).rejects.toThrow('stopped');
    expect(asked).toEqual([]);
    expect(await answerCondition(set, ground)).toMatchObject({ verdict: true });
  });

  it('shows no secret, wherever it is put in', async () => {
    const variables = variablesOf({ Key: 'hunter2' }, true);
    const conditions: readonly object[] = [
      { kind: 'file', path: 'C:\\%Key%' },
      { kind: 'registry', key: 'HKLM\\%Key%', operator: 'equals', data: '%Key%' },
      { kind: 'wmi', query: 'SELECT * FROM X WHERE A = "%Key%" hunter2' },
      { kind: 'variable', variable: 'Other', operator: 'like', value: '*%Key%*' },
      { kind: 'variable', variable: 'Key', operator: 'equals', value: 'hunter2' },
    ];
    for (const condition of conditions) {
      const { detail } = await ask(condition, { registry: {} }, variables);
      expect(detail).toContain(HIDDEN);
      expect(detail).not.toContain('hunter2');
    }
    const secret = 'x'.repeat(3000);
    const long = variablesOf({ Key: secret }, true);
    const { detail } = await ask({ kind: 'file', path: '%Key%' }, {}, long);
    expect(detail).toBe(`file "${HIDDEN}" exists: false (there is no such file)`);
  });

  it('keeps the detail to what a run holds', async () => {
    const query = `SELECT * FROM X WHERE ${'A = 1 OR '.repeat(1500)}A = 1`;
    const one = { kind: 'wmi', query };
    expect((await ask(one)).detail.length).toBeLessThanOrEqual(500);
    const many = { any: Array.from({ length: 900 }, () => there) };
    const { detail } = await ask(many, {});
    expect([detail.length, detail.endsWith('…')]).toEqual([2000, true]);
  });
});

describe('M03 deciding on answers that are given', () => {
  it('says which expression is to be asked about next', () => {
    const [one, two] = [
      { kind: 'file', path: 'one' },
      { kind: 'file', path: 'two' },
    ] as const;
    const decision = decideCondition({ any: [one, two] }, Variables.none);
    expect(decision.next()).toEqual({ done: false, value: one });
    expect(decision.next({ verdict: false, detail: 'no' })).toEqual({ done: false, value: two });
    expect(decision.next({ verdict: true, detail: 'yes' })).toEqual({
      done: true,
      value: { verdict: true, detail: 'any(no; yes)' },
    });
  });
});
