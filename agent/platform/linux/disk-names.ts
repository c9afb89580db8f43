/**
 * What the kernel knows of a disk's names. lsblk tells most of it from the database of udev, which Linux PE has not:
 * without this no disk on SATA, USB or virtio would have a serial number there.
 */
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export interface DiskNames {
  readonly model: string;
  readonly serial: string;
  readonly wwn: string;
  /** `SD` or `MMC`, of cards and soldered flash. */
  readonly cardType: string;
}
/** USB devices are at most so many folders above their disk. */
const MAX_ABOVE = 8;

/** @param sys `/sys`; @param name `sda` */
export async function diskNames(sys: string, name: string): Promise<DiskNames> {
  const block = join(sys, 'class/block', name);
  const text = async (...path: string[]): Promise<string> =>
    printable(await readFile(join(block, ...path)).catch(() => new Uint8Array()));
  return {
    model: (await text('device/model')) || (await text('device/name')),
    serial:
      (await text('serial')) || // virtio
      (await text('device/serial')) || // NVMe, cards
      (await usbSerial(block)) ||
      (await unitSerial(join(block, 'device/vpd_pg80'))),
    wwn: wwnOf((await text('wwid')) || (await text('device/wwid'))),
    cardType: await text('device/type'),
  };
}

/** Page 80h of SCSI's vital product data, SATA disks have one too: a header of 4 bytes, length in the last two. */
async function unitSerial(path: string): Promise<string> {
  const page = await readFile(path).catch(() => Buffer.alloc(0));
  if (page.length < 4 || page[1] !== 0x80) return '';
  return printable(page.subarray(4, 4 + page.readUInt16BE(2)));
}

/** Of the USB device that a disk hangs off: its bridge's serial number is the one on the case. */
async function usbSerial(block: string): Promise<string> {
  let folder = await realpath(join(block, 'device')).catch(() => '');
  if (!/\/usb\d+\//.test(folder)) return '';
  for (let above = 0; above < MAX_ABOVE; above += 1) {
    const isDevice = await readFile(join(folder, 'idVendor')).catch(() => undefined);
    if (isDevice !== undefined)
      return printable(await readFile(join(folder, 'serial')).catch(() => new Uint8Array()));
    folder = dirname(folder);
  }
  return '';
}

/** As lsblk writes it with udev: `0x5002538d41628a33`, `eui.0025385b21b0c3d4`; other forms tell no more than a serial. */
function wwnOf(wwid: string): string {
  const naa = /^naa\.([0-9a-f]{16,32})$/i.exec(wwid)?.[1];
  if (naa !== undefined) return `0x${naa.toLowerCase()}`;
  return /^eui\.[0-9a-f]{16,32}$/i.test(wwid) ? wwid.toLowerCase() : '';
}

function printable(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, '')
    .trim();
}
