import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionTypes } from '#agent/sequence/platform.ts';
import { formatDisk } from '#agent/steps/format-disk.ts';
import { fittingLayout, type LayoutPartition } from './disk-layout.ts';

function fit(style: string, partitions: readonly LayoutPartition[]) {
  const told: string[] = [];
  const layout = fittingLayout(style, partitions, (message) => told.push(message));
  return { types: layout.map(({ type }) => type), layout, told };
}
const of = (...types: readonly LayoutPartition['type'][]) =>
  types.map((type): LayoutPartition => ({ type, size: { mb: 100 } }));

describe('M24 a layout of another system', () => {
  it('stays as it is where the disk can have it', () => {
    const { types, told } = fit('mbr', of('primary', 'recovery', 'extended', 'logical', 'logical'));
    expect(types).toEqual(['primary', 'recovery', 'extended', 'logical', 'logical']);
    expect(told).toEqual([]);
  });

  it.each([
    ['gpt', of('extended', 'logical'), ['primary'], 2],
    ['mbr', of('primary', 'msr', 'primary'), ['primary', 'primary'], 1],
    ['mbr', of('logical', 'primary'), ['primary', 'primary'], 1],
    ['mbr', of('extended', 'logical', 'extended'), ['extended', 'logical'], 1],
    [
      'mbr',
      of('primary', 'primary', 'primary', 'primary', 'primary'),
      ['primary', 'primary', 'primary', 'extended', 'logical', 'logical'],
      1,
    ],
    [
      'mbr',
      of('primary', 'primary', 'primary', 'primary', 'extended', 'logical'),
      ['primary', 'primary', 'primary', 'extended', 'logical', 'logical'],
      1,
    ],
    [
      'mbr',
      of('extended', 'primary', 'primary', 'primary', 'primary'),
      ['extended', 'primary', 'primary', 'primary', 'logical'],
      1,
    ],
  ] as const)('%s %j becomes %j, which is told', (style, partitions, types, count) => {
    const found = fit(style, partitions);
    expect(found.types).toEqual(types);
    expect(found.told).toHaveLength(count);
  });

  it('leaves room for the partitions after one that takes all', () => {
    const all = { type: 'primary', size: { percent: 100 } } as const;
    const { layout, told } = fit('gpt', [all, { ...all, size: 'rest' }, all]);
    expect(layout.map(({ size }) => size)).toEqual([{ percent: 99 }, { percent: 99 }, 'rest']);
    expect(told).toHaveLength(2);
  });

  it('marks one partition of an MBR as boot partition, and none of a GPT', () => {
    const boot = { type: 'primary', size: { mb: 1 }, bootable: true } as const;
    const mbr = fit('mbr', [boot, boot]);
    expect(mbr.layout.map(({ bootable }) => bootable)).toEqual([true, undefined]);
    expect(mbr.told).toHaveLength(1);
    const gpt = fit('gpt', [boot, boot]);
    expect(gpt.layout.map(({ bootable }) => bootable)).toEqual([undefined, undefined]);
    expect(gpt.told).toEqual([]);
  });

  it('is always one that format-disk takes, once something is left of it', () => {
    const partition = fc.record(
      {
        type: fc.constantFrom(...partitionTypes),
        size: fc.oneof(
          fc.constant('rest' as const),
          fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
          fc.record({ mb: fc.integer({ min: 1, max: 1000 }) }),
        ),
        fileSystem: fc.constantFrom('none', 'fat32', 'ntfs'),
        bootable: fc.boolean(),
      },
      { requiredKeys: ['type', 'size'] },
    );
    fc.assert(
      fc.property(
        fc.constantFrom('gpt', 'mbr'),
        fc.array(partition, { minLength: 1, maxLength: 9 }),
        (style, partitions) => {
          const { layout } = fit(style, partitions);
          if (layout.length === 0) return;
          expect(formatDisk.params.safeParse({ style, partitions: layout }).error).toBeUndefined();
        },
      ),
    );
  });
});
