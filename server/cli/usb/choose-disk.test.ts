import { describe, expect, it } from 'vitest';
import { chooseDisk } from './choose-disk.ts';
import { type Disk, parseDisks } from './usb-disk.ts';

const stick: Disk = {
  path: '/dev/sdb',
  isUsb: true,
  model: 'SanDisk Ultra',
  serial: '4C530001',
  sizeBytes: 8_000_000_000,
  isReadOnly: false,
  uses: [],
};
const node = (name: string, more: object) => ({
  name,
  path: `/dev/${name}`,
  type: 'disk',
  size: 8_000_000_000,
  ro: false,
  tran: null,
  vendor: null,
  model: null,
  serial: null,
  mountpoints: [null],
  ...more,
});

describe('M41 which disk an image may be written to', () => {
  it('is a USB disk, by its serial or its path', () => {
    const inner = { ...stick, path: '/dev/nvme0n1', isUsb: false, serial: 'S4X' };
    expect(chooseDisk([inner, stick], '4C530001', 1)).toBe(stick);
    expect(chooseDisk([inner, stick], '/dev/sdb', 8_000_000_000)).toBe(stick);
  });

  it.each<{ code: string; change?: Partial<Disk>; wanted?: string; says: string }>([
    { code: 'usb.not-found', wanted: 'nobody', says: 'nobody' },
    { code: 'usb.not-found', change: { serial: '' }, wanted: '', says: 'the serial' },
    { code: 'usb.internal', change: { isUsb: false }, says: '/dev/sdb: SanDisk Ultra' },
    { code: 'usb.mounted', change: { uses: ['/dev/sdb1 at /media/x'] }, says: '/media/x' },
    { code: 'usb.no-medium', change: { sizeBytes: 0 }, says: 'nothing in' },
    { code: 'usb.read-only', change: { isReadOnly: true }, says: 'written' },
    {
      code: 'usb.too-small',
      change: { sizeBytes: 999_999_999 },
      says: '1.0 GB (1000000000 bytes)',
    },
  ])('is no other one: $code, $says', ({ code, change, wanted = '4C530001', says }) => {
    const choose = () => chooseDisk([{ ...stick, ...change }], wanted, 1_000_000_000);
    expect(choose).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(says) }),
    );
  });

  it('is named by its path where two have one serial', () => {
    const twin = { ...stick, path: '/dev/sdc' };
    expect(() => chooseDisk([stick, twin], '4C530001', 1)).toThrow(
      expect.objectContaining({
        code: 'usb.same-serial',
        hint: expect.stringMatching(/\/dev\/sdb.*\/dev\/sdc/),
      }),
    );
    expect(chooseDisk([stick, twin], '/dev/sdc', 1)).toBe(twin);
  });

  it('is in use by what is mounted, swapped to or layered on any part of it', () => {
    const swap = node('sdb2', { type: 'part', mountpoints: ['[SWAP]'] });
    const lvm = node('vg-root', { type: 'lvm', path: '/dev/mapper/vg-root' });
    const part = node('sdb1', { type: 'part', children: [lvm] });
    const usb = { tran: 'usb', vendor: 'SanDisk ', model: 'Ultra', serial: '4C530001' };
    const blockdevices = [
      node('sdb', { ...usb, children: [part, swap] }),
      node('loop0', { type: 'loop' }),
      node('sdc', { ro: true, mountpoints: ['/mnt', null] }),
    ];
    expect(parseDisks(JSON.stringify({ blockdevices }))).toEqual([
      { ...stick, uses: ['/dev/mapper/vg-root (lvm)', '/dev/sdb2 at [SWAP]'] },
      {
        path: '/dev/sdc',
        isUsb: false,
        model: '',
        serial: '',
        sizeBytes: 8_000_000_000,
        isReadOnly: true,
        uses: ['/dev/sdc at /mnt'],
      },
    ]);
  });
});
