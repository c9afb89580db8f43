import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasRow } from '#agent/sequence/wql/evaluate.ts';
import { parseWql } from '#agent/sequence/wql/parse.ts';
import { deviceInventory } from '../device-inventory.ts';
import { testDevice } from '../testing/test-device.ts';
import { queryCompiler } from './compile.ts';
import type { QuerySubject } from './field.ts';
import { queryFields } from './fields.ts';
import { parseQuery } from './parse.ts';

const testInventory = (given: Parameters<typeof testDevice>[0]) =>
  deviceInventory(testDevice(given), {
    hardware: null,
    secureBoot: true,
    memoryBytes: 15.7 * 2 ** 30,
  });
const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 10, 30);
const subject: QuerySubject = {
  inventory: testInventory({
    name: 'PC-017',
    manufacturer: 'Dell Inc.',
    model: 'Latitude 7450',
    serialNumber: 'A1',
    assetTag: null,
    macAddresses: ['02:00:00:00:00:0a', '02:00:00:00:00:0b'],
    createdMs: Date.UTC(2026, 0, 1),
    lastSeenMs: nowMs - 10 * DAY_MS,
  }),
  variables: new Map([['site', 'Berlin']]),
  lastRun: { state: 'failed', sequenceName: 'Windows 11', startedMs: nowMs - DAY_MS },
};

function fits(query: string, of = subject): boolean {
  const compiler = queryCompiler();
  const predicate = compiler.compile(parseQuery(query));
  return predicate(compiler.rowOf(of), nowMs);
}

it.each([
  'name = "pc-017"',
  'model like "Latitude%" and memoryGb >= 16 and not serial in ("B1", "B2") and secureBoot = true',
  'secureBoot = 1 and secureBoot != "false" and tpmVersion is null and diskGb is null',
  '"PC-017" = name',
  'model like "latitude%" and not serial in ("B1", "B2")',
  'make LIKE \'%inc.\' or name = "nothing"',
  'name like "PC-0[0-9]_"',
  'name > "PC-016" and name <= "PC-017"',
  'assetTag is null and model is not null and serial != null',
  'assetTag != "X"',
  'not (assetTag = "X")',
  'mac = "02:00:00:00:00:0B"',
  'created >= "2026-01-01" and created < "2026-01-02T00:00+01:00"',
  'lastSeen < "9 days ago" and lastSeen > "11 days ago"',
  'lastSeen > "20261101000000.000000+060"',
  'variable.SITE = "berlin" and variable.Other is null',
  'lastRunState = "failed" and lastRunSequence like "windows%"',
  'serial in ("B1", "a1")',
  'serial not in ("B1")',
  'select * from SMS_R_System',
  'select SMS_R_System.ResourceID, SMS_R_System.Name from SMS_R_System inner join SMS_G_System_COMPUTER_SYSTEM on SMS_G_System_COMPUTER_SYSTEM.ResourceID = SMS_R_System.ResourceId where SMS_G_System_COMPUTER_SYSTEM.Model like "Latitude%" and SMS_R_System.Name like "pc%"',
  'select distinct R.Name from SMS_R_System as R where R.Name = "PC-017" and NetbiosName like "%17"',
])('finds it by %s', (query) => {
  expect(fits(query)).toBe(true);
});

it.each([
  'name = "PC-01"',
  'assetTag = "X" or assetTag < "X" or assetTag like "%"',
  'mac = "02:00:00:00:00:0c"',
  'lastSeen > "3 days ago"',
  'not serial in ("A1", "B2")',
])('does not find it by %s', (query) => {
  expect(fits(query)).toBe(false);
});

it.each([
  ['nam = "PC"', 'query.field', 'nam is no field of a device, at character 1', 'name'],
  ['name ~ "PC"', 'wql.character', '"~" means nothing here, at character 6', ''],
  ['name = ', 'wql.syntax', 'it ends where a value is expected, at character 8', ''],
  ['name = "a" name = "b"', 'wql.syntax', 'there is "name" where AND, OR or the end', ''],
  ['name not = "a"', 'wql.syntax', 'where LIKE or IN is expected', ''],
  ['(name = "a"', 'wql.syntax', 'it ends where AND, OR or ) is expected', ''],
  ['name in ("a" "b")', 'wql.syntax', 'there is "b" where , or ) is expected', ''],
  [
    'name in (select Name from SMS_R_System)',
    'wql.unsupported',
    'a query within a query',
    'exclude',
  ],
  ['name like "[a"', 'wql.pattern', 'never closed', ''],
  ['created > "soon"', 'query.type', 'created cannot be compared with "soon"', '30 days ago'],
  ['select * from SMS_R_Systen', 'query.unknown-class', 'SMS_R_Systen', 'SMS_R_System'],
  ['select * from SMS_R_User', 'query.unknown-class', 'SMS_R_User', ''],
  [
    'select * from SMS_R_System where LastLogonUserName = "x"',
    'query.unknown-property',
    'SMS_R_System.LastLogonUserName is not known here, at character 34',
    'Known are',
  ],
  ['select * from SMS_R_System where G.Name = "x"', 'query.unknown-class', 'G is no class', ''],
  ['select * from SMS_R_System left join X on a = b', 'wql.unsupported', 'LEFT JOIN', ''],
  ['upper(name) = "PC"', 'wql.unsupported', 'a function', ''],
])('refuses %s', (query, code, message, hint) => {
  expect(() => parseQuery(query)).toThrow(
    expect.objectContaining({
      code,
      message: expect.stringContaining(message),
      ...(hint === '' ? {} : { hint: expect.stringContaining(hint) }),
    }),
  );
});

it('knows what a query depends on', () => {
  expect(parseQuery('name = "a"')).toMatchObject({ asksState: false, asksTime: false });
  expect(parseQuery('not state = "known"').asksState).toBe(true);
  expect(parseQuery('lastSeen < "1 week ago"').asksTime).toBe(true);
  expect([...parseQuery('variable.A = "b" or lastRunState = "failed"').needs].toSorted()).toEqual([
    'runs',
    'variables',
  ]);
});

it('decides as a WQL condition of a task sequence does', () => {
  const text = fc.constantFrom('', 'PC-1', 'pc-1', 'PC', '12', '012', '0x0c', 'x', '%', 'P_-[1]');
  const literal = fc.oneof(
    text.map((value) => JSON.stringify(value)),
    fc.integer({ min: -20, max: 20 }).map(String),
  );
  const test = fc.oneof(
    fc
      .tuple(fc.constantFrom('=', '!=', '<>', '<', '<=', '>', '>='), literal)
      .map((parts) => ['model', ...parts].join(' ')),
    fc
      .constantFrom('%', 'P%', '%1', '%-%', '_C-1', '[PQ]C-[0-9]', 'pc-1', '[^p]%', '%C%1', '')
      .map((pattern) => `model like "${pattern}"`),
    fc.constantFrom('model is null', 'not model is not null', 'model = null'),
  );
  const query = fc
    .tuple(test, fc.constantFrom('and', 'or', 'and not'), test)
    .map(([one, word, other]) => `${one} ${word} (${other})`);
  fc.assert(
    fc.property(query, fc.option(text), (where, model) => {
      const expected = hasRow(parseWql(`select * from X where ${where}`), [{ model }]);
      expect(fits(where, { ...subject, inventory: testInventory({ model }) })).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

it('gives a query or a coded error for any text', () => {
  const piece = fc.constantFrom(
    ...'name model ( ) and or not like in is null = "a" 7 , . select * from SMS_R_System where join on'.split(
      ' ',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        parseQuery(pieces.join(' '));
      } catch (error) {
        expect(error).toMatchObject({
          name: 'InventoryError',
          code: expect.stringMatching(/^(wql|query)\./),
        });
      }
    }),
  );
});

it('has each field once, under all its names', () => {
  const names = queryFields.flatMap((field) => [field.name, ...field.aliases]);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
});
