import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BootEntries, BootEntry } from './boot-entries.ts';
import type { ScannedDisk } from './disk-scan.ts';
import { startFromDisk } from './start-from-disk.ts';

const { signal } = new AbortController();
const ESP = '0a64fd2d-c78c-4843-b04c-2fba2bca5a92';
const SHIM = '\\EFI\\debian\\shimx64.efi';
const entry = (number: string, label: string, more: Partial<BootEntry> = {}): BootEntry => ({
  number,
  label,
  partitionGuid: ESP,
  loader: SHIM,
  network: false,
  ...more,
});
const pxe = entry('0000', 'UEFI PXEv4', {
  partitionGuid: undefined,
  loader: undefined,
  network: true,
});
const ours = entry('0003', 'Debian (Metalwright)');

/** A firmware with these entries, of which the order has those that are named. */
class Firmware implements BootEntries {
  all: readonly BootEntry[];
  order: readonly string[];
  next: string | undefined;
  constructor(all: readonly BootEntry[], order: readonly string[]) {
    this.all = all;
    this.order = order;
  }
  read = async () => ({ entries: this.all, order: this.order, current: '0000' });
  create: BootEntries['create'] = async ({ label, loader, partitionGuid }) => {
    const number = '00F0';
    this.all = [...this.all, { number, label, loader, partitionGuid, network: false }];
    this.order = [number, ...this.order];
  };
  remove = async () => {};
  setOrder: BootEntries['setOrder'] = async (order) => {
    this.order = order;
  };
  setNext: BootEntries['setNext'] = async (number) => {
    this.next = number;
  };
}

async function start(firmware: Firmware, files: readonly string[], removable = false) {
  const path = await mkdtemp(join(tmpdir(), 'metalwright-esp-'));
  const partition = {
    number: 1,
    volume: `gpt:${ESP}`,
    type: 'efi',
    label: '',
    sizeBytes: 1,
    fileSystem: 'fat32',
  } as const;
  const disk: ScannedDisk = {
    path: '/dev/vda',
    volumes: [{ path: '/dev/vda1', partition, partitionGuid: ESP, startSector: 0, sectors: 0 }],
    disk: {
      number: 0,
      id: 'd',
      model: '',
      serial: '',
      sizeBytes: 1,
      sectorBytes: 512,
      readOnly: false,
      removable,
      signatures: [],
      partitions: [partition],
    },
  };
  try {
    for (const file of files) {
      await mkdir(dirname(join(path, file)), { recursive: true });
      await writeFile(join(path, file), '');
    }
    return await startFromDisk(
      {
        disk: { scan: async () => [disk] },
        mounts: { mount: async () => ({ path, async [Symbol.asyncDispose]() {} }) },
        entries: firmware,
        windowsData: () => new Uint8Array([1]),
      },
      signal,
    );
  } finally {
    await rm(path, { recursive: true });
  }
}

describe('M56 the next start of a Linux PE machine is from its disk', () => {
  it('by its own entry, and what the site has put first stays first', async () => {
    const firmware = new Firmware([pxe, ours], ['0000', '0003']);
    expect(await start(firmware, [])).toBe('The next start is of "Debian (Metalwright)"');
    expect([firmware.next, firmware.order]).toEqual(['0003', ['0000', '0003']]);
  });

  it('the first in the order of several; an entry of another disk is none', async () => {
    const windows = entry('0001', 'Windows Boot Manager', {
      loader: '\\efi\\microsoft\\boot\\BOOTMGFW.EFI',
    });
    const gone = entry('0002', 'Old (Metalwright)', { partitionGuid: 'gone' });
    const firmware = new Firmware([gone, ours, windows, pxe], ['0002', '0001', '0000', '0003']);
    await start(firmware, []);
    expect(firmware.next).toBe('0001');
  });

  it('by an entry that the order has lost, which is last in it then', async () => {
    const firmware = new Firmware([pxe, ours], ['0000']);
    expect(await start(firmware, [])).toMatch(/which is back in the boot order/);
    expect([firmware.next, firmware.order]).toEqual(['0003', ['0000', '0003']]);
  });

  it.each([
    ['EFI/debian/shimx64.efi', 'Linux (Metalwright)'],
    ['EFI/Microsoft/Boot/bootmgfw.efi', 'Windows Boot Manager'],
  ])('by an entry that is put back for %s', async (file, label) => {
    const firmware = new Firmware([pxe], ['0000']);
    expect(await start(firmware, [file])).toContain(`"${label}" is back`);
    expect([firmware.next, firmware.order]).toEqual(['00F0', ['0000', '00F0']]);
  });

  it.each([
    ['nothing that is known is on the disk', ['EFI/BOOT/BOOTX64.EFI'], false],
    ['the disk is a stick', ['EFI/debian/shimx64.efi'], true],
  ])('by nothing of ours where %s', async (_name, files, removable) => {
    const firmware = new Firmware([pxe], ['0000']);
    expect(await start(firmware, files, removable)).toBeUndefined();
    expect([firmware.next, firmware.all.length]).toEqual([undefined, 1]);
  });
});
