import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskNames } from './disk-names.ts';

/** A tree of sysfs with one disk, `block` beside its device. */
async function names(files: Readonly<Record<string, string | Uint8Array>>, at = 'pci0/ata1/host0') {
  const sys = await mkdtemp(join(tmpdir(), 'metalwright-sys-'));
  try {
    const device = join(sys, 'devices', at, 'target0/0:0:0:0');
    await mkdir(join(device, 'block/sda'), { recursive: true });
    await mkdir(join(sys, 'class/block'), { recursive: true });
    await symlink(device, join(device, 'block/sda/device'));
    await symlink(join(device, 'block/sda'), join(sys, 'class/block/sda'));
    for (const [path, content] of Object.entries(files)) {
      const file = join(device, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return await diskNames(sys, 'sda');
  } finally {
    await rm(sys, { recursive: true });
  }
}
const page80 = (serial: string) =>
  Buffer.from(`\0\x80\0${String.fromCharCode(serial.length)}${serial}`, 'latin1');
const none = { model: '', serial: '', wwn: '', cardType: '' };

describe('M55 names of disks without udev', () => {
  it('of a SATA disk, from its page 80h', async () => {
    expect(
      await names({
        model: 'Samsung SSD 870 \n',
        vpd_pg80: page80('      S5Y1NX0T'),
        wwid: 'naa.5002538D41628A33\n',
      }),
    ).toEqual({ ...none, model: 'Samsung SSD 870', serial: 'S5Y1NX0T', wwn: '0x5002538d41628a33' });
  });

  it('of a virtio disk, an NVMe disk and a card', async () => {
    expect(await names({ 'block/sda/serial': 'LABDISK1' })).toEqual({
      ...none,
      serial: 'LABDISK1',
    });
    expect(
      await names({
        serial: 'S675NX0T  \n',
        model: 'MZVL2512\n',
        'block/sda/wwid': 'eui.0025385B21B0C3D4\n',
      }),
    ).toEqual({ ...none, model: 'MZVL2512', serial: 'S675NX0T', wwn: 'eui.0025385b21b0c3d4' });
    expect(await names({ name: 'SC32G\n', serial: '0x1234abcd\n', type: 'SD\n' })).toEqual({
      ...none,
      model: 'SC32G',
      serial: '0x1234abcd',
      cardType: 'SD',
    });
  });

  it('of a disk on USB, that of its bridge', async () => {
    const up = '../../../';
    const seen = await names(
      { [`${up}idVendor`]: '0781\n', [`${up}serial`]: '4C530001\n', vpd_pg80: page80('other') },
      'pci0/usb1/1-1/1-1:1.0/host0'.replace('/host0', ''),
    );
    expect(seen.serial).toBe('4C530001');
  });

  it.each([
    ['a page that is cut', { vpd_pg80: Buffer.from([0, 0x80]) }],
    ['another page', { vpd_pg80: Buffer.from([0, 0x83, 0, 1, 65]) }],
    ['a name of another form', { wwid: 't10.ATA     Samsung' }],
    ['nothing', {}],
  ])('are empty of %s', async (_name, files) => {
    expect(await names(files)).toEqual(none);
  });
});
