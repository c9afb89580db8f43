import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharacter } from '../../../../sequence/testing/any-character.ts';
import { parseDisks, parsePartitions, parseVolumes } from './rows.ts';
import { printedRow, printedTable } from './testing.ts';

const GB = 1024 ** 3;

/** A word of any script, without digits. */
const word = fc.stringMatching(/^[a-zßàéа-яぁ-ん一-龯가-힣]{2,9}$/u);
const unit = fc.constantFrom('GB', 'G octets', 'Гбайт', 'Gbytes');
const table = fc.record({
  word,
  volumes: fc.array(
    fc.record({
      number: fc.nat(40),
      letter: fc.option(fc.constantFrom('C', 'D', 'W')),
      label: fc.stringMatching(/^(?:[A-Za-zé一-龯]{2,5}(?: [a-z0-9]{2,4})?)?$/u),
      fileSystem: fc.option(fc.constantFrom('NTFS', 'FAT32', 'RAW')),
      type: word,
      gigabytes: fc.nat(9999),
      status: word,
      info: fc.oneof(fc.constant(''), word),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  unit,
  widths: fc.tuple(
    fc.integer({ min: 6, max: 16 }),
    fc.integer({ min: 3, max: 5 }),
    fc.integer({ min: 11, max: 20 }),
    fc.integer({ min: 5, max: 9 }),
    fc.integer({ min: 9, max: 14 }),
    fc.integer({ min: 7, max: 9 }),
    fc.integer({ min: 9, max: 12 }),
    fc.integer({ min: 8, max: 10 }),
  ),
});

describe('M53 tables in the style of diskpart', () => {
  it('reads back volumes in columns of any width with any words', () => {
    fc.assert(
      fc.property(table, ({ word: first, volumes, unit: gigabyte, widths }) => {
        const [, letter, label, fileSystem, type, size, status, info] = widths;
        const rows = volumes.map((volume) =>
          printedRow({ word: first, number: volume.number }, [
            { text: volume.letter ? ` ${volume.letter}` : '', width: letter, align: 'left' },
            { text: volume.label, width: label, align: 'left' },
            { text: volume.fileSystem ?? '', width: fileSystem, align: 'left' },
            { text: volume.type, width: type, align: 'left' },
            { text: `${volume.gigabytes} ${gigabyte}`, width: size, align: 'right' },
            { text: volume.status, width: status, align: 'left' },
            { text: volume.info, width: info, align: 'left' },
          ]),
        );
        const read = parseVolumes(printedTable([], widths, rows));
        expect(read).toEqual(
          volumes.map(({ gigabytes, ...volume }) => ({
            ...volume,
            selected: false,
            size: { bytes: gigabytes * GB, precisionBytes: GB },
          })),
        );
      }),
    );
  });

  it('reads back disks in columns of any width, with and without stars', () => {
    const disk = fc.record({
      number: fc.nat(200),
      selected: fc.boolean(),
      status: word,
      gigabytes: fc.nat(9999),
      dynamic: fc.boolean(),
      gpt: fc.boolean(),
    });
    const widths = fc.tuple(
      fc.integer({ min: 6, max: 16 }),
      fc.integer({ min: 9, max: 15 }),
      fc.integer({ min: 7, max: 9 }),
      fc.integer({ min: 7, max: 9 }),
      fc.integer({ min: 3, max: 5 }),
      fc.integer({ min: 3, max: 5 }),
    );
    fc.assert(
      fc.property(word, fc.array(disk), unit, widths, (first, disks, gigabyte, columns) => {
        const [, status, size, free, dynamic, gpt] = columns;
        const rows = disks.map((each) =>
          printedRow({ word: first, number: each.number, selected: each.selected }, [
            { text: each.status, width: status, align: 'left' },
            { text: `${each.gigabytes} ${gigabyte}`, width: size, align: 'right' },
            { text: `0 ${gigabyte}`, width: free, align: 'right' },
            { text: each.dynamic ? ' *' : '', width: dynamic, align: 'left' },
            { text: each.gpt ? ' *' : '', width: gpt, align: 'left' },
          ]),
        );
        expect(parseDisks(printedTable([], columns, rows))).toEqual(
          disks.map(({ gigabytes, ...each }) => ({
            ...each,
            size: { bytes: gigabytes * GB, precisionBytes: GB },
            free: { bytes: 0, precisionBytes: GB },
          })),
        );
      }),
    );
  });

  it('reads any text to a value or an error with a code, in bounded time', () => {
    const dashes = '  ---  ---  ---  ---  ---  ---  ---  ---\n';
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 200 }), (text) => {
        for (const parse of [parseDisks, parsePartitions, parseVolumes])
          try {
            parse(dashes + text);
          } catch (error) {
            expect(error).toMatchObject({ code: 'diskpart.output' });
          }
      }),
    );
    const started = performance.now();
    for (const long of [' '.repeat(1_000_000), '- '.repeat(500_000), '\r'.repeat(1_000_000)])
      try {
        parseVolumes(`${dashes}  ${long}`);
      } catch (error) {
        expect(error).toMatchObject({ code: 'diskpart.output' });
      }
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(() => parseVolumes(' '.repeat(5_000_000))).toThrow(
      expect.objectContaining({ code: 'tool.output-size' }),
    );
  });
});
