import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeZip } from '#server/zip/testing/make-zip.ts';
import { ImportError } from '../import-error.ts';
import { mapCondition } from '../map-condition.ts';
import type { SourceNode } from '../source-sequence.ts';
import { readSources } from './read-sources.ts';
import { bareSequence, cdata, escaped, mdtSequence, objectXml } from './testing/inputs.ts';

/** Reads bytes and maps all conditions in them: values, or an ImportError that says where. */
async function tryRead(bytes: Uint8Array): Promise<void> {
  try {
    const { sequences } = await readSources({ name: 'f.xml', bytes });
    expect(sequences.length).toBeGreaterThan(0);
    for (const { nodes, format } of sequences)
      for (const { condition } of nodesIn(nodes)) {
        const { expressions, mapped, needs } = mapCondition(condition, format);
        expect(mapped).toBeLessThanOrEqual(expressions);
        expect(needs.length > 0 || mapped === expressions).toBe(true);
      }
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    expect(error.message).toContain('f.xml');
    if (error.code.includes('.xml')) expect(error.position).toBeDefined();
  }
}

function* nodesIn(nodes: readonly SourceNode[]): Generator<SourceNode> {
  for (const node of nodes) {
    yield node;
    if (node.kind === 'group') yield* nodesIn(node.nodes);
  }
}

const inputs: readonly (readonly [string, () => Promise<Uint8Array>])[] = [
  ['a sequence of MDT', async () => Buffer.from(mdtSequence)],
  ['the same in UTF-16', async () => Buffer.from(`\ufeff${mdtSequence}`, 'utf16le')],
  ['a bare sequence', async () => Buffer.from(bareSequence)],
  ['an object with CDATA', async () => Buffer.from(objectXml(cdata(bareSequence)))],
  ['an object with escaped text', async () => Buffer.from(objectXml(escaped(bareSequence)))],
  [
    'a console export',
    () =>
      makeZip({
        'SMS_TaskSequencePackage/ABC00001/object.xml': objectXml(cdata(bareSequence)),
        'Control/A/ts.xml': mdtSequence,
      }),
  ],
];

/** Flips, cuts, doubles and moves pieces of a valid input. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), length: fc.nat(60) }),
  fc.record({ kind: fc.constant('double' as const), at: fc.nat(), length: fc.nat(200) }),
  fc.record({ kind: fc.constant('end' as const), at: fc.nat() }),
  fc.record({
    kind: fc.constant('put' as const),
    at: fc.nat(),
    text: fc.constantFrom(
      '<',
      '>',
      '&',
      '"',
      ']]>',
      '<!--',
      '<![CDATA[',
      '<!DOCTYPE',
      '&#0;',
      '<a>',
      '\0',
    ),
  }),
);
type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const at = bytes.length === 0 ? 0 : change.at % bytes.length;
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
  switch (change.kind) {
    case 'flip':
      return Buffer.concat(
        [before, [change.value], after.subarray(1)].map((part) => Buffer.from(part)),
      );
    case 'cut':
      return Buffer.concat([before, after.subarray(change.length)]);
    case 'double':
      return Buffer.concat([before, after.subarray(0, change.length), after]);
    case 'end':
      return before;
    case 'put':
      return Buffer.concat([before, Buffer.from(change.text), after]);
  }
}

describe('M24 any bytes end in sequences or in an error with code and place', () => {
  it.each(inputs)('%s, changed', async (_, make) => {
    const input = await make();
    await tryRead(input);
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) =>
        tryRead(changes.reduce(changed, input)),
      ),
      { numRuns: 400 },
    );
  });

  it('cut off after each byte', async () => {
    const input = Buffer.from(objectXml(cdata(bareSequence)));
    for (let length = 0; length < input.length; length += 7)
      await tryRead(input.subarray(0, length));
  });

  it('random bytes', async () => {
    const prefix = fc.constantFrom('', '<', '<?xml ', 'PK\u0003\u0004', '\u00ff\u00fe', '<\0');
    await fc.assert(
      fc.asyncProperty(prefix, fc.uint8Array({ maxLength: 300 }), (begin, tail) =>
        tryRead(Buffer.concat([Buffer.from(begin, 'latin1'), tail])),
      ),
      { numRuns: 1000 },
    );
  });
});
