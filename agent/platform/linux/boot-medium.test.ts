import { describe, expect, it } from 'vitest';
import { parseEfibootmgr } from './boot-entries.ts';
import { bootMedium, bootMediumOf } from './boot-medium.ts';
import type { ScannedDisk } from './disk-scan.ts';

const GUID = '0a64fd2d-c78c-4843-b04c-2fba2bca5a92';
const disk = (
  more: Partial<ScannedDisk['disk']>,
  partitionGuid = '11111111-1111-4111-8111-111111111111',
): ScannedDisk => ({
  path: '/dev/sda',
  volumes: [
    {
      path: '/dev/sda1',
      partitionGuid,
      startSector: 0,
      sectors: 0,
      partition: {
        number: 1,
        volume: `gpt:${partitionGuid}`,
        type: 'efi',
        label: '',
        sizeBytes: 0,
        fileSystem: 'fat32',
      },
    },
  ],
  disk: {
    number: 0,
    id: 'd',
    model: '',
    serial: '',
    sizeBytes: 1,
    sectorBytes: 512,
    readOnly: false,
    removable: false,
    signatures: [],
    partitions: [],
    ...more,
  },
});
const started = (path: string) =>
  bootMediumOf(
    parseEfibootmgr(`BootCurrent: 0002\nBootOrder: 0002\nBoot0002* Some entry\t${path}\n`),
  );
const stick = disk({ removable: true, bus: 'usb' });

describe('M55 the medium that Linux PE was started from', () => {
  it('is the disk with the partition that the entry names', () => {
    const isMedium = started(`HD(1,GPT,${GUID.toUpperCase()},0x800,0x20000)/File(\\EFI\\BOOT)`);
    expect([isMedium(disk({}, GUID)), isMedium(stick), isMedium(disk({}))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('is any stick, where the entry names a drive on USB only', () => {
    const isMedium = started('PciRoot(0x0)/Pci(0x1d,0x0)/USB(1,0)');
    expect([isMedium(stick), isMedium(disk({ bus: 'sata' }))]).toEqual([true, false]);
    expect(isMedium(disk({ removable: true, bus: 'sd' }))).toBe(false);
  });

  it.each([
    ['from the network', 'PciRoot(0x0)/Pci(0x2,0x0)/MAC(525400123456,1)/IPv4(0.0.0.0)'],
    ['from a network adapter on USB', 'PciRoot(0x0)/USB(1,0)/MAC(525400123456,1)/IPv4(0.0.0.0)'],
    ['by an entry that says nothing', 'VenHw(99e275e7-75a0-4b37-a2e6-c5385e6c00cb)'],
  ])('is none after a start %s', (_name, path) => {
    const isMedium = started(path);
    expect([isMedium(stick), isMedium(disk({}, GUID))]).toEqual([false, false]);
  });

  it('is none where the firmware cannot be asked', async () => {
    const fail = async () => Promise.reject(new Error('no efivars'));
    const entries = { read: fail, create: fail, remove: fail, setOrder: fail, setNext: fail };
    expect((await bootMedium(entries)(new AbortController().signal))(stick)).toBe(false);
  });
});
