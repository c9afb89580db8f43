import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PartitionPlan, partitionTypes } from '../../../../sequence/platform.ts';
import { anyCharacter } from '../../../../sequence/testing/any-character.ts';
import { createPartitionsScript, deletePartitionScript, eraseDiskScript } from './script.ts';

const MIB = 1024 * 1024;
const disk = { number: 3, sizeBytes: 64 * 1024 * MIB };

function plan(
  type: PartitionPlan['type'],
  mib: number,
  rest: Partial<Omit<PartitionPlan, 'type' | 'sizeBytes'>> = {},
): PartitionPlan {
  return { type, label: '', sizeBytes: mib * MIB, active: false, format: null, ...rest };
}
const ntfs = { fileSystem: 'ntfs', quick: true } as const;
const fat32 = { fileSystem: 'fat32', quick: true } as const;

describe('M55 scripts for diskpart', () => {
  it('erases a disk and makes it GPT or MBR', () => {
    const lines = (style: 'gpt' | 'mbr') => eraseDiskScript(3, style).split('\r\n');
    expect(lines('gpt')).toEqual([
      'select disk 3',
      'attributes disk clear readonly noerr',
      'online disk noerr',
      'clean',
      'convert gpt',
      '',
    ]);
    expect(lines('mbr')).toContain('convert mbr noerr');
    expect(deletePartitionScript(3, 1)).toBe(
      'select disk 3\r\nselect partition 1\r\ndelete partition override\r\n',
    );
  });

  it('writes a GPT layout with EFI, MSR, Windows and recovery', () => {
    const script = createPartitionsScript({
      disk,
      style: 'gpt',
      partitions: [
        plan('efi', 260, { label: 'Sys.tem', format: fat32 }),
        plan('msr', 16),
        plan('primary', 60_000, {
          label: 'Win "11"\n',
          format: { fileSystem: 'ntfs', quick: false },
        }),
        plan('recovery', 64 * 1024 - 60_276, { label: 'Recovery', format: ntfs }),
      ],
      letters: [{ letter: 's' }, null, 'next', null],
    });
    expect(script.split('\r\n')).toEqual([
      'select disk 3',
      'create partition efi size=260',
      'format quick fs=fat32 label="Sys-tem"',
      'assign letter=S',
      'create partition msr size=16',
      'create partition primary size=60000',
      `format fs=ntfs label="Win '11'"`,
      'assign',
      'create partition primary',
      'format quick fs=ntfs label="Recovery"',
      'remove noerr',
      'set id=de94bba4-06d1-4d40-a16a-bfd50179d6ac',
      'gpt attributes=0x8000000000000001',
      '',
    ]);
  });

  it('writes an MBR layout with active, extended, logical, hidden and recovery partitions', () => {
    const script = createPartitionsScript({
      disk,
      style: 'mbr',
      partitions: [
        plan('primary', 500, { label: 'Start', format: ntfs, active: true }),
        plan('extended', 1000),
        plan('logical', 400, { format: ntfs }),
        plan('logical', 598, { format: ntfs }),
        plan('hidden', 700, { format: ntfs }),
        plan('recovery', 800, { format: ntfs }),
      ],
      letters: [null, null, { letter: 'D' }, null, { letter: 'E' }, null],
    });
    expect(script.split('\r\n')).toEqual([
      'select disk 3',
      'create partition primary size=500',
      'format quick fs=ntfs label="Start"',
      'remove noerr',
      'active',
      'create partition extended size=1000',
      'create partition logical size=400',
      'format quick fs=ntfs',
      'assign letter=D',
      'create partition logical',
      'format quick fs=ntfs',
      'remove noerr',
      'create partition primary size=700',
      'format quick fs=ntfs',
      'remove noerr',
      'set id=17 override',
      'create partition primary size=800',
      'format quick fs=ntfs',
      'remove noerr',
      'set id=27 override',
      '',
    ]);
  });

  it('refuses what diskpart cannot do', () => {
    const write = (partitions: readonly PartitionPlan[], letter?: string) => () =>
      createPartitionsScript({
        disk,
        style: 'gpt',
        partitions,
        letters: [letter === undefined ? null : { letter }],
      });
    const ext4 = { fileSystem: 'ext4', quick: true } as const;
    for (const [refused, code] of [
      [write([plan('primary', 100, { format: ext4 })]), 'diskpart.file-system'],
      [write([plan('primary', 100, { format: ntfs })], 'C:'), 'diskpart.letter'],
      [write([plan('primary', 99_999)]), 'disk.too-small'],
      [write([plan('extended', 100)]), 'disk.partition-type'],
    ] as const)
      expect(refused).toThrow(expect.objectContaining({ code }));
  });

  it('keeps any label on its line and in its quotation marks', () => {
    const partition = fc.record({
      type: fc.constantFrom(...partitionTypes),
      label: fc.string({ unit: anyCharacter }),
      sizeBytes: fc.nat(2000).map((mib) => mib * MIB),
      active: fc.boolean(),
      format: fc.option(fc.constantFrom(ntfs, fat32)),
    });
    fc.assert(
      fc.property(
        fc.array(partition, { maxLength: 6 }),
        fc.constantFrom('gpt', 'mbr'),
        (partitions, style) => {
          try {
            const script = createPartitionsScript({ disk, style, partitions, letters: [] });
            for (const line of script.split(/[\r\n\u0085\u2028\u2029]+/))
              expect(line).toMatch(
                /^(?:|(?:select|create|active|set|gpt|remove)[ a-z0-9=-]*|format (?:quick )?fs=\w+(?: label="[^"]{1,32}")?)$/,
              );
          } catch (error) {
            expect(error).toMatchObject({ code: expect.stringMatching(/^disk\./) });
          }
        },
      ),
    );
  });
});
