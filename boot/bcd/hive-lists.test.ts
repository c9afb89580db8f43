import { describe, expect, it } from 'vitest';
import type { CellWriter } from './cell-writer.ts';
import { fillRaw, keyFields, patched, rawCell, rawHive, recordAt } from './hive.testing.ts';
import { parseHive } from './parse-hive.ts';

/** Forms that we do not write, and a running Windows does: other lists of keys, values in segments, class names. */

/** Two keys, "Alpha" and "Beta", below a root whose list `list` makes of their cells. */
function twoKeys(list: (cells: CellWriter, keys: readonly [number, number]) => number): Uint8Array {
  return rawHive(5, (cells) => {
    const security = rawCell(cells, 20, [[0, 'sk']]);
    const parent = cells.allot(77);
    const key = (name: string) =>
      rawCell(cells, 76 + name.length, keyFields(name, security, parent.cell));
    const lists = list(cells, [key('Alpha'), key('Beta')]);
    fillRaw(parent, [...keyFields('r', security, 0), [20, 2], [28, lists]]);
    return parent.cell;
  });
}

const names = (hive: Uint8Array) => parseHive(hive).root.keys.map(({ name }) => name);
const alphaHash = Array.from('ALPHA').reduce((hash, letter) => hash * 37 + letter.charCodeAt(0), 0);
const lh = (cells: CellWriter, keys: readonly [number, number], hash: number) =>
  rawCell(cells, 20, [
    [0, 'lh'],
    [2, 2, 16],
    [4, keys[0]],
    [8, hash],
    [12, keys[1]],
    [16, 3_440_732],
  ]);

describe('lists of keys', () => {
  /** hash = hash * 37 + upper-case character, by hand for BETA: ((66*37+69)*37+84)*37+65. */
  it('are read with hashes (lh)', () => {
    expect(names(twoKeys((cells, keys) => lh(cells, keys, alphaHash)))).toEqual(['Alpha', 'Beta']);
  });

  it('are refused with a hash that is of another name', () => {
    expect(() => names(twoKeys((cells, keys) => lh(cells, keys, alphaHash + 1)))).toThrow(
      expect.objectContaining({ code: 'hive.record' }),
    );
  });

  it('are read without hints (li), and as a list of lists (ri)', () => {
    const li = (cells: CellWriter, keys: readonly number[]) =>
      rawCell(cells, 4 + keys.length * 4, [
        [0, 'li'],
        [2, keys.length, 16],
        ...keys.map((cell, index) => [4 + index * 4, cell] as const),
      ]);
    expect(names(twoKeys((cells, keys) => li(cells, keys)))).toEqual(['Alpha', 'Beta']);
    const lists = (cells: CellWriter, [alpha, beta]: readonly [number, number]) =>
      rawCell(cells, 12, [
        [0, 'ri'],
        [2, 2, 16],
        [4, li(cells, [alpha])],
        [8, li(cells, [beta])],
      ]);
    expect(names(twoKeys(lists))).toEqual(['Alpha', 'Beta']);
  });
});

describe('values', () => {
  const SEGMENT = 16_344;

  const segmented = (bytes: number, minorVersion = 5) =>
    rawHive(minorVersion, (cells) => {
      const security = rawCell(cells, 20, [[0, 'sk']]);
      const count = Math.ceil(bytes / SEGMENT);
      const parts = Array.from({ length: count }, (_, index) => {
        const part = cells.allot(Math.min(SEGMENT, bytes - index * SEGMENT));
        part.bytes.fill(index + 1);
        return part.cell;
      });
      const list = rawCell(
        cells,
        count * 4,
        parts.map((cell, index) => [index * 4, cell]),
      );
      const db = rawCell(cells, 8, [
        [0, 'db'],
        [2, count, 16],
        [4, list],
      ]);
      const value = rawCell(cells, 20, [
        [0, 'vk'],
        [4, bytes],
        [8, db],
        [12, 3],
      ]);
      const values = rawCell(cells, 4, [[0, value]]);
      const name = rawCell(cells, 8, [[0, 'class']]);
      return rawCell(cells, 77, [
        ...keyFields('r', security, 0),
        [36, 1],
        [40, values],
        [48, name],
        [74, 8, 16],
      ]);
    });

  it.each([SEGMENT + 1, 2 * SEGMENT, 40_000])('of %i bytes are put together', (bytes) => {
    const [value] = parseHive(segmented(bytes)).root.values;
    const expected = Uint8Array.from({ length: bytes }, (_, at) => Math.floor(at / SEGMENT) + 1);
    expect(value?.data).toEqual(expected);
  });

  it('are refused when the segments are other ones than the length says', () => {
    const hive = segmented(40_000);
    for (const [at, word] of [
      [recordAt(hive, 'vk') + 4, 100_000],
      [recordAt(hive, 'db'), 0x1_6264],
      [recordAt(hive, 'db'), 0xffff_6264],
    ] as const)
      expect(() => parseHive(patched(hive, { [at]: word }))).toThrow(
        expect.objectContaining({ code: 'hive.record' }),
      );
  });

  it('are not in segments in a hive of version 1.3', () => {
    expect(() => parseHive(segmented(40_000, 3))).toThrow(
      expect.objectContaining({ code: 'hive.record' }),
    );
  });
});
