import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { partitionTypeOf } from '../partition-type.ts';
import { placePartitions } from '../place-partitions.ts';
import { diskBus, parseLsblk, parsePairs, partitionPath } from './disk-scan.ts';
import { sfdiskScript } from './partition-layout.ts';

const MIB = 1024 * 1024;
const lsblk = readFileSync(join(import.meta.dirname, 'testdata/lsblk.json'), 'utf8');

describe('M55 disks as lsblk and partx tell them', () => {
  it('takes whole disks with a medium, fixed ones first, each by its steadiest identity', () => {
    const disks = parseLsblk(lsblk, (device) => `pci0000:00${device}`);
    expect(
      disks.map(({ path, id, removable, readOnly }) => [path, id, removable, readOnly]),
    ).toEqual([
      ['/dev/sdb', 'serial:WDC WD10EZEX-08W:WD-WCC6Y3AAAAAA', false, true],
      ['/dev/vda', 'path:pci0000:00/dev/vda', false, false],
      ['/dev/nvme0n1', 'eui.0025385b21b0c3d4', false, false],
      ['/dev/sda', 'serial:Ultra Fit:4C530001', true, false],
    ]);
  });

  it('takes from the kernel what udev would have told, and a card for removable', () => {
    const bare = { type: 'disk', size: 9, ro: false, rm: false, 'log-sec': 512 };
    const blockdevices = ['/dev/vda', '/dev/mmcblk0'].map((name) => ({ ...bare, name }));
    const disks = parseLsblk(JSON.stringify({ blockdevices }), String, (name) => ({
      model: 'M',
      serial: `S${name}`,
      wwn: '',
      cardType: name === '/dev/vda' ? '' : 'SD',
    }));
    expect(disks).toMatchObject([
      { id: 'serial:M:S/dev/vda', bus: 'virtio', removable: false },
      { serial: 'S/dev/mmcblk0', bus: 'sd', removable: true },
    ]);
  });

  it.each([
    ['/dev/sda', 'sata', 'sata'],
    ['/dev/sda', 'usb', 'usb'],
    ['/dev/sda', '', 'scsi'],
    ['/dev/nvme0n1', 'nvme', 'nvme'],
    ['/dev/vda', '', 'virtio'],
    ['/dev/mmcblk0', '', 'mmc'],
    ['/dev/sdb', 'spi', 'scsi'],
    ['/dev/md0', '', 'other'],
  ])('says that %s by "%s" is on %s', (name, transport, bus) => {
    expect(diskBus(name, transport)).toBe(bus);
  });

  it('reads partx rows, blanks and escapes in names included', () => {
    const [row] = parsePairs('NR="1" START="2048" NAME="EFI \\x22System\\x22" UUID="ab"\n');
    expect(row).toEqual({ NR: '1', START: '2048', NAME: 'EFI "System"', UUID: 'ab' });
  });

  it.each([
    ['/dev/sda', '/dev/sda2'],
    ['/dev/nvme0n1', '/dev/nvme0n1p2'],
    ['/dev/loop5', '/dev/loop5p2'],
  ])('names partition 2 of %s %s', (disk, path) => {
    expect(partitionPath(disk, 2)).toBe(path);
  });

  it.each([
    ['gpt', 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', false, 'efi'],
    ['gpt', 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7', true, 'hidden'],
    ['gpt', '0fc63daf-8483-4772-8e79-3d69d8477de4', false, 'primary'],
    ['gpt', '00000000-0000-0000-0000-000000000001', false, 'other'],
    ['dos', '0xf', false, 'extended'],
    ['dos', '0x83', false, 'logical'],
  ])('reads a %s partition of type %s', (scheme, code, hidden, type) => {
    expect(partitionTypeOf(scheme, code, { number: 5, hidden })).toBe(type);
  });
});

describe('M55 a layout on a disk', () => {
  const format = { fileSystem: 'ext4', quick: true } as const;
  const part = (sizeMib: number, label: string) =>
    ({ type: 'primary', label, sizeBytes: sizeMib * MIB, active: false, format }) as const;

  it('takes up to 2 MiB from the last partition for table and alignment, no more', () => {
    const [, last] = placePartitions('gpt', 102 * MIB, [part(50, 'a'), part(51, 'b')]);
    expect(last).toMatchObject({ startBytes: 51 * MIB, sizeBytes: 50 * MIB });
    expect(() => placePartitions('gpt', 102 * MIB, [part(50, 'a'), part(60, 'b')])).toThrow(
      expect.objectContaining({ code: 'disk.too-small' }),
    );
  });

  it('writes a script that no label breaks', () => {
    const script = sfdiskScript('gpt', placePartitions('gpt', 102 * MIB, [part(50, 'a "b"')]), 512);
    expect(script).toBe(
      'label: gpt\nunit: sectors\n1 : start=2048, size=102400, type=0fc63daf-8483-4772-8e79-3d69d8477de4, name="a \'b\'"\n',
    );
  });
});
