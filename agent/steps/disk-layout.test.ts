import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Disk } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step.ts';
import { planPartitions } from './disk-layout.ts';
import { formatDisk } from './format-disk.ts';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
function disk(sizeBytes: number, sectorBytes = 512): Disk {
  return {
    number: 0,
    id: 'x',
    model: 'Model',
    serial: 'S',
    sizeBytes,
    sectorBytes,
    readOnly: false,
    removable: false,
    signatures: [],
    partitions: [],
  };
}
const faults = (style: string, partitions: readonly object[]) =>
  formatDisk.params
    .safeParse({ style, partitions })
    .error?.issues.map(({ message, path }) => `${path.join('.')}: ${message}`);
const plan = (style: string, partitions: readonly object[], on: Disk) =>
  planPartitions(formatDisk.params.parse({ style, partitions }), on);

describe('M55 a layout', () => {
  it('of the usual kind for UEFI: EFI, MSR, Windows 99 %, recovery the rest', () => {
    const planned = plan(
      'gpt',
      [
        { name: 'EFI', type: 'efi', size: { mb: 500 } },
        { type: 'msr', size: { mb: 16 } },
        { name: 'Windows', size: { percent: 99 } },
        { name: 'Recovery', type: 'recovery' },
      ],
      disk(100 * GIB),
    );
    const rest = 100 * 1024 - 2 - 500 - 16;
    expect(planned.map(({ sizeBytes }) => sizeBytes / MIB)).toEqual([
      500,
      16,
      Math.floor(rest * 0.99),
      rest - Math.floor(rest * 0.99),
    ]);
    expect(planned.map(({ format }) => format?.fileSystem)).toEqual([
      'fat32',
      undefined,
      'ntfs',
      'ntfs',
    ]);
  });

  it('takes percent of what remains, not of the disk', () => {
    const half = { size: { percent: 50 } };
    const planned = plan('gpt', [half, half, half], disk(66 * MIB));
    expect(planned.map(({ sizeBytes }) => sizeBytes / MIB)).toEqual([32, 16, 8]);
  });

  it('puts logical partitions into the extended one', () => {
    const planned = plan(
      'mbr',
      [
        { size: { mb: 100 }, bootable: true },
        { type: 'extended' },
        { type: 'logical', size: { mb: 50 } },
        { type: 'logical' },
      ],
      disk(301 * MIB),
    );
    expect(planned.map(({ sizeBytes }) => sizeBytes / MIB)).toEqual([100, 200, 50, 148]);
    expect(planned.map(({ active }) => active)).toEqual([true, false, false, false]);
  });

  it.each([
    ['gpt', [{ type: 'extended' }], 'a GPT disk has no extended partitions'],
    ['gpt', [{ bootable: true }], 'only partitions of an MBR disk'],
    ['mbr', [{ type: 'msr' }], 'an MBR disk has no msr partitions'],
    ['mbr', [{ type: 'logical' }], 'after an extended one'],
    ['mbr', [{ type: 'logical', size: { mb: 1 } }, { type: 'extended' }], 'after an extended one'],
    [
      'mbr',
      [{ type: 'extended', size: { mb: 9 } }, { type: 'extended' }],
      'at most one extended partition',
    ],
    ['gpt', [{ type: 'efi', fileSystem: 'ntfs' }], 'has the file system fat32'],
    ['gpt', [{ type: 'msr', fileSystem: 'ntfs' }], 'is never formatted'],
    ['gpt', [{}, {}], 'comes after a partition that takes all the rest'],
    ['mbr', Array.from({ length: 5 }, () => ({ size: { mb: 9 } })), 'at most four partitions'],
    [
      'mbr',
      [{ size: { mb: 9 }, bootable: true }, { bootable: true }],
      'only one partition can be the boot partition',
    ],
    ['gpt', [{ variable: '_Read' }], 'no name of a writable variable'],
    ['gpt', [], 'at least one partition'],
  ])('%s %j is refused: %s', (style, partitions, message) => {
    expect(faults(style, partitions)?.join()).toContain(message);
  });

  it('M56 too large for the disk names the partition and the bytes', () => {
    const layout = [
      { name: 'Data', size: { gb: 8 } },
      { name: 'OS', size: { gb: 3 } },
    ];
    expect(() => plan('gpt', layout, disk(10 * GIB))).toThrow(
      expect.objectContaining({
        code: 'disk.too-small',
        message: `Partition 2 (OS) needs ${3 * GIB} bytes; ${2 * GIB - 2 * MIB} of the ${10 * GIB} bytes of disk 0 (Model) remain`,
      }),
    );
    expect(() => plan('gpt', [{}], disk(MIB))).toThrow(StepError);
  });

  it('an MBR reaches 2 TiB, and 16 TiB with sectors of 4 KiB', () => {
    const tooLarge = expect.objectContaining({ code: 'disk.mbr-too-large' });
    expect(() => plan('mbr', [{}], disk(2 ** 41 + 512))).toThrow(tooLarge);
    expect(plan('mbr', [{}], disk(2 ** 41))).toHaveLength(1);
    expect(plan('mbr', [{}], disk(2 ** 41 + 4096, 4096))).toHaveLength(1);
  });

  it('always fits its disk, in whole MiB', () => {
    const size = fc.oneof(
      fc.constant('rest'),
      fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ mb: fc.integer({ min: 1, max: 5000 }) }),
    );
    const layout = fc.array(fc.record({ size }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(layout, fc.integer({ min: 0, max: 20 * GIB }), (partitions, sizeBytes) => {
        if (faults('gpt', partitions) !== undefined) return;
        try {
          const planned = plan('gpt', partitions, disk(sizeBytes));
          const sum = planned.reduce((total, each) => total + each.sizeBytes, 0);
          // A MiB before the first, and the backup table after the last.
          expect(sum).toBeLessThanOrEqual(sizeBytes - MIB - 33 * 512);
          for (const each of planned) {
            expect(each.sizeBytes % MIB).toBe(0);
            expect(each.sizeBytes).toBeGreaterThan(0);
          }
        } catch (error) {
          expect(error).toMatchObject({ code: 'disk.too-small' });
        }
      }),
    );
  });
});
