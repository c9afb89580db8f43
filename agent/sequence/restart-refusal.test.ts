import { describe, expect, it } from 'vitest';
import type { Disk } from './platform.ts';
import { restartRefusal } from './restart-refusal.ts';

function disk(fileSystems: readonly string[], removable = false): Disk {
  return {
    number: 0,
    id: 'x',
    model: 'Model',
    serial: 'S',
    sizeBytes: 1e9,
    sectorBytes: 512,
    readOnly: false,
    removable,
    signatures: [],
    partitions: fileSystems.map((fileSystem, index) => ({
      number: index + 1,
      volume: `gpt:${index}`,
      type: 'primary',
      label: '',
      sizeBytes: 1e8,
      fileSystem,
    })),
  };
}

describe('M33 a restart needs a formatted partition to come back to', () => {
  it.each([
    { to: 'pe', disks: [], bootable: false, code: 'restart.no-partition' },
    { to: 'pe', disks: [disk([])], bootable: false, code: 'restart.no-partition' },
    { to: 'pe', disks: [disk([''])], bootable: false, code: 'restart.no-partition' },
    { to: 'pe', disks: [disk(['ext4'], true)], bootable: false, code: 'restart.no-partition' },
    { to: 'pe', disks: [disk(['LVM2_member'])], bootable: false, code: 'restart.no-partition' },
    { to: 'pe', disks: [disk(['', 'fat32'])], bootable: false, code: undefined },
    { to: 'disk', disks: [disk(['ext4'])], bootable: false, code: 'restart.not-bootable' },
    { to: 'disk', disks: [disk([])], bootable: true, code: 'restart.no-partition' },
    { to: 'disk', disks: [disk(['ext4'])], bootable: true, code: undefined },
  ] as const)('to $to, disks $disks, bootable $bootable: $code', async (row) => {
    const machine = {
      disk: { list: async () => row.disks },
      boot: { bootable: async () => row.bootable },
    };
    const refusal = await restartRefusal(machine, row.to, new AbortController().signal);
    expect(refusal?.code).toBe(row.code);
  });
});
