import { describe, expect, it } from 'vitest';
import type { Disk, Partition } from '#agent/sequence/platform.ts';
import { driveOf } from './drive-of.ts';
import { assertLetters, findDestination } from './image-destination.ts';

const partition = (number: number, more: Partial<Partition>): Partition => ({
  number,
  volume: `gpt:${number}`,
  type: 'primary',
  label: '',
  sizeBytes: 1e12,
  fileSystem: 'ntfs',
  ...more,
});
const disk: Disk = {
  number: 0,
  id: 'disk',
  model: '',
  serial: '',
  sizeBytes: 2e12,
  sectorBytes: 512,
  readOnly: false,
  removable: false,
  signatures: [],
  partitions: [partition(1, { letter: 'C' }), partition(2, {}), partition(3, { letter: 'E' })],
};
const find = (choice: Parameters<typeof findDestination>[0], value?: string) =>
  findDestination(
    choice,
    [disk],
    { bytes: 1, fileSystem: 'ntfs' },
    { taken: new Set(), variable: () => value },
  ).partition.number;

describe('M55 a destination by a drive letter', () => {
  it('is the partition that has it now', () => {
    expect(find({ drive: 'e:' })).toBe(3);
    expect(() => find({ drive: 'D:' })).toThrow(
      expect.objectContaining({ code: 'image.no-destination' }),
    );
  });

  it.each([
    ['E:', 3],
    ['c:\\', 1],
    ['gpt:2', 2],
    ['0,2', 2],
  ])('may stand in a variable: %s', (value, number) => {
    expect(find({ variable: 'OSDisk' }, value)).toBe(number);
  });

  it('a volume without a letter is not one with an empty letter', () => {
    expect(() => find({ variable: 'OSDisk' }, ':')).toThrow('OSDisk = ":"');
  });

  it('is refused in Linux PE, and nothing else is', () => {
    expect(() => assertLetters({ drive: 'C:' }, 'linux-pe')).toThrow('no letters in Linux PE');
    for (const choice of ['next-available', { disk: 0, partition: 1 }, { variable: 'A' }] as const)
      expect(() => assertLetters(choice, 'linux-pe')).not.toThrow();
    expect(() => assertLetters({ drive: 'C:' }, 'winpe')).not.toThrow();
  });

  it('is what variables tell of a partition, where it has one', () => {
    expect(disk.partitions.map(driveOf)).toEqual(['C:', 'gpt:2', 'E:']);
  });
});
