import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { deviceInventory } from '../device-inventory.ts';
import { testDevice } from '../testing/test-device.ts';
import { queryCompiler } from './compile.ts';
import { gateIndex } from './gate.ts';
import { parseQuery } from './parse.ts';

/** What a query opens for a device, and whether it fits; null: it has no gate. */
function ask(text: string, given: Parameters<typeof testDevice>[0]) {
  const compiler = queryCompiler();
  const query = parseQuery(text);
  const fits = compiler.compile(query);
  const gate = compiler.gateOf(query);
  const row = compiler.rowOf({
    inventory: deviceInventory(testDevice(given), {
      hardware: null,
      secureBoot: true,
      memoryBytes: 8 * 2 ** 30,
    }),
    variables: new Map(),
    lastRun: null,
  });
  const opened = new Uint8Array(1);
  const index = gateIndex();
  index.add(gate ?? [], 0);
  index.open(row, opened);
  return { fits: fits(row, 0), opened: gate === null ? null : opened[0] === 1 };
}

const word = fc.stringMatching(/^[aAb1]{0,3}$/);
const pattern = fc
  .array(fc.oneof(word, fc.constantFrom('%', '_', '[ab]', '[_]')), { maxLength: 3 })
  .map((parts) => parts.join(''));
const field = fc.constantFrom(
  'name',
  'model',
  'assetTag',
  'mac',
  'memoryGb',
  'secureBoot',
  'cores',
);
const leaf = fc.oneof(
  fc
    .record({ name: fc.constantFrom('name', 'model', 'assetTag'), text: word, other: word })
    .map(({ name, text, other }) => `${name} in ("${text}", "${other}")`),
  fc
    .record({ name: fc.constantFrom('name', 'model', 'assetTag'), text: word })
    .map(({ name, text }) => `${name} = "${text}"`),
  fc
    .record({ name: fc.constantFrom('name', 'model', 'mac'), text: pattern })
    .map(({ name, text }) => `${name} like "${text}"`),
  field.map((name) => `${name} is null`),
  fc.constantFrom(
    'secureBoot = true',
    'memoryGb >= 8',
    'memoryGb = 8',
    'mac = "02:00:00:00:00:0a"',
  ),
);
const { query } = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.tuple(tie('query'), tie('query')).map(([one, other]) => `(${one} and ${other})`),
    fc.tuple(tie('query'), tie('query')).map(([one, other]) => `(${one} or ${other})`),
    tie('query').map((inner) => `not (${inner})`),
  ),
}));
const device = fc.record({
  name: word.map((text) => `a${text}`),
  model: fc.option(word),
  assetTag: fc.option(word),
  macAddresses: fc.subarray(['02:00:00:00:00:0a', '02:00:00:00:00:0b']),
});

it('M12 a query fits no device that does not open its gate', () => {
  fc.assert(
    fc.property(query, device, (text, given) => {
      const { fits, opened } = ask(text, given);
      if (opened !== null && fits) expect(opened).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it.each([
  { text: 'name = "PC-1"', opened: true },
  { text: 'name = "PC-10"', opened: false },
  { text: 'name like "pc-%"', opened: true },
  { text: 'name like "px-%"', opened: false },
  { text: 'name like "%1"', opened: null },
  { text: 'model like "%" and name = "PC-2"', opened: false },
  { text: 'name like "pc%" and assetTag = "B"', opened: false },
  { text: 'name in ("PC-2", "PC-1")', opened: true },
  { text: 'name = "PC-2" or memoryGb > 1', opened: null },
  { text: 'not name = "PC-2"', opened: null },
  { text: 'mac = "02:00:00:00:00:0B"', opened: true },
])('M12 the gate of $text is open: $opened', ({ text, opened }) => {
  const macAddresses = ['02:00:00:00:00:0a', '02:00:00:00:00:0b'];
  expect(ask(text, { name: 'PC-1', assetTag: 'A', macAddresses }).opened).toBe(opened);
});
