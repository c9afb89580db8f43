import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRegQuery, registryData } from './reg-output.ts';
import { openRegistry } from './registry.ts';
import { type FakeKeys, fakeReg } from './testing.ts';

const { signal } = new AbortController();
const APP = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Acme\\App';
const keys: FakeKeys = {
  [APP]: {
    Text: ['REG_SZ', 'two    gaps'],
    'a  name    b': ['REG_EXPAND_SZ', '%windir%\\x'],
    Number: ['REG_DWORD', '0x12345678'],
    Long: ['REG_QWORD', '0xffffffffffffffff'],
    Bytes: ['REG_BINARY', '00FF0A'],
    None: ['REG_NONE', ''],
    List: ['REG_MULTI_SZ', 'a\\0b c\\0'],
    Lines: ['REG_SZ', 'first\nsecond'],
    Odd: ['REG_RESOURCE_LIST', '0001'],
    Empty: ['REG_SZ', ''],
  },
  [`${APP}\\Set`]: { '': ['REG_SZ', '(value not set)'] },
  [`${APP}\\Secret`]: 'denied',
  'HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage': {
    OEMCP: ['REG_SZ', '850'],
  },
};
const read = async (key: string, name: string | null, defaultName?: string) =>
  openRegistry({ run: fakeReg(keys, defaultName) }, '64').read(key, name, signal);

describe('M03 the registry as reg.exe prints it', () => {
  it.each([
    ['Text', 'REG_SZ', 'two    gaps'],
    ['a  name    b', 'REG_EXPAND_SZ', '%windir%\\x'],
    ['number', 'REG_DWORD', '305419896'],
    ['Long', 'REG_QWORD', '18446744073709551615'],
    ['Bytes', 'REG_BINARY', '00ff0a'],
    ['None', 'REG_NONE', ''],
    ['List', 'REG_MULTI_SZ', 'a\nb c'],
    ['Lines', 'REG_SZ', 'first\nsecond'],
    ['Odd', 'other', '0001'],
    ['Empty', 'REG_SZ', ''],
  ])('reads %s of type %s', async (name, type, data) => {
    expect(await read('HKLM\\SOFTWARE\\Acme\\App\\', name)).toEqual({ value: { type, data } });
  });

  it('tells a default value that is set from one that is not, in every language', async () => {
    for (const name of ['(Default)', '(Standard)', '(par défaut)']) {
      expect(await read(APP, null, name)).toEqual({ value: null });
      expect(await read(`${APP}\\Set`, '', name)).toEqual({
        value: { type: 'REG_SZ', data: '(value not set)' },
      });
    }
  });

  it('tells a missing value and a missing key from one that may not be read', async () => {
    expect(await read(APP, 'Nothing')).toBeNull();
    expect(await read('HKLM\\SOFTWARE\\Acme\\Other\\Deep', 'x')).toBeNull();
    // The key above is in its own list.
    expect(await read(`${APP}\\App`, 'x')).toBeNull();
    await expect(read(`${APP}\\Secret`, 'x')).rejects.toMatchObject({
      code: 'query.registry-denied',
    });
    await expect(read(`${APP}\\Secret\\Below`, null)).rejects.toMatchObject({
      code: 'query.registry-denied',
    });
  });

  it('asks for the 64-bit view, or the one that it is told', async () => {
    const run = fakeReg(keys);
    await openRegistry({ run }, '32').read(APP, 'Text', signal);
    expect(run.calls[0]).toBe(`query ${APP} /v Text /reg:32`);
  });

  it('refuses what is no key of this machine before reg.exe sees it', async () => {
    for (const key of ['/s', '\\\\other\\HKLM\\x', 'SOFTWARE\\x', 'HKLM\\a"b', 'HKLMX'])
      await expect(read(key, 'x')).rejects.toMatchObject({ code: 'query.registry-key' });
  });

  it('says so when reg.exe does not end', async () => {
    const run = async () => ({ code: -1, stdout: new Uint8Array(), timedOut: true });
    const asked = openRegistry({ run }, '64').read(APP, 'x', signal);
    await expect(asked).rejects.toMatchObject({ code: 'query.timeout' });
  });

  it('reads any output to an end, and what it printed itself as it was', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        for (const { values } of parseRegQuery(`HKEY_USERS\r\n${text}`))
          for (const { type, data } of values) registryData(type, data);
      }),
    );
    const long = `HKEY_USERS\r\n${' '.repeat(500_000)}\r\n${'    a'.repeat(50_000)}`;
    const started = performance.now();
    parseRegQuery(long);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
