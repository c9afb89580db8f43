import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyCharacter } from '../sequence/testing/any-character.ts';
import { linesOf } from './lines.ts';

async function read(pieces: readonly Uint8Array[], maxBytes: number) {
  const lines: (string | undefined)[] = [];
  for await (const line of linesOf(arriving(pieces), maxBytes)) lines.push(line);
  return lines;
}

async function* arriving(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

it('gives the same lines however they are cut to pieces, also within a character', async () => {
  const line = fc.string({ unit: anyCharacter }).filter((text) => !/[\n\r]/.test(text));
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 6 }),
      fc.array(fc.nat(60), { maxLength: 6 }),
      fc.constantFrom('\n', '\r\n'),
      async (lines, cuts, ending) => {
        const bytes = Buffer.from(lines.map((text) => text + ending).join(''));
        const at = [...new Set(cuts)].sort((one, other) => one - other);
        const pieces = [0, ...at].map((from, n) => bytes.subarray(from, at[n] ?? bytes.length));
        expect(await read(pieces, 10_000)).toEqual(
          lines.map((text) => Buffer.from(text).toString()),
        );
      },
    ),
  );
});

it('gives a last line without an end, and none where there is nothing', async () => {
  expect(await read([Buffer.from('a\nb')], 10)).toEqual(['a', 'b']);
  expect(await read([], 10)).toEqual([]);
});

it('ends at a line that is too long, also when its end never comes', async () => {
  expect(await read([Buffer.from('ok\n12345678901\nok\n')], 10)).toEqual(['ok', undefined]);
  const endless = Array.from({ length: 100 }, () => Buffer.from('xxx'));
  expect(await read(endless, 10)).toEqual([undefined]);
});
