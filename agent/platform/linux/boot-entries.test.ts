import { expect, it } from 'vitest';
import { parseEfibootmgr } from './boot-entries.ts';
import {
  formatGrubConfig,
  formatLoaderEntry,
  kernelOptions,
  newestKernel,
} from './linux-boot-files.ts';
import { parseImageInfo, parseWimlibProgress, wimlibExit } from './wimlib-output.ts';

it('M55 reads boot entries: what starts from which partition, from the network, and in which order', () => {
  const menu = parseEfibootmgr(
    [
      'BootCurrent: 0002',
      'Timeout: 0 seconds',
      'BootOrder: 0003,0002',
      'Boot0002* UEFI PXEv4 (MAC:525400123456)\tPciRoot(0x0)/Pci(0x2,0x0)/MAC(525400123456,1)/IPv4(0.0.0.00.0.0.0,0,0){auto_created_boot_option}',
      'Boot0003* Debian (Metalwright)\tHD(1,GPT,0A64FD2D-C78C-4843-B04C-2FBA2BCA5A92,0x800,0x20000)/File(\\EFI\\systemd\\systemd-bootx64.efi)',
      '',
    ].join('\n'),
  );
  expect(menu).toEqual({
    current: '0002',
    order: ['0003', '0002'],
    entries: [
      {
        number: '0002',
        label: 'UEFI PXEv4 (MAC:525400123456)',
        partitionGuid: undefined,
        loader: undefined,
        network: true,
      },
      {
        number: '0003',
        label: 'Debian (Metalwright)',
        partitionGuid: '0a64fd2d-c78c-4843-b04c-2fba2bca5a92',
        loader: '\\EFI\\systemd\\systemd-bootx64.efi',
        network: false,
      },
    ],
  });
});

it('M55 starts the newest kernel that has its initrd, on the consoles of this boot', () => {
  const found = newestKernel([
    'vmlinuz-6.1.0-9-amd64',
    'initrd.img-6.1.0-9-amd64',
    'vmlinuz-6.1.0-17-amd64',
    'initrd.img-6.1.0-17-amd64',
    'vmlinuz-6.9.0',
    'System.map-6.9.0',
  ]);
  expect(found?.version).toBe('6.1.0-17-amd64');
  const options = kernelOptions(
    '0a64',
    'BOOT_IMAGE=x metalwright.server=1 console=ttyS0,115200 console=tty0',
  );
  expect(options).toBe('root=PARTUUID=0a64 rw console=ttyS0,115200 console=tty0');
  const entry = { title: "Debian\n12 's", kernel: '/k', initrd: '/i', options };
  expect(formatLoaderEntry(entry)).toBe(
    `title Debian 12 's\nlinux /k\ninitrd /i\noptions ${options}\n`,
  );
  expect(formatGrubConfig(entry)).toContain(`menuentry 'Debian 12 s' {`);
});

it('M55 understands wimlib: what an image holds, how far it is, why it stopped', () => {
  expect(
    parseImageInfo(
      'Index:  1\nDirectory Count:        2\nFile Count:             4\nTotal Bytes:            97819\n',
    ),
  ).toEqual({ files: 4, folders: 2, bytes: 97_819 });
  expect(
    parseWimlibProgress(
      '\rExtracting file data: 0 KiB of 47 KiB (0%) done\rExtracting file data: 12 MiB of 300 MiB (4%) done',
    ),
  ).toEqual({ done: 12 * 1024 ** 2, total: 300 * 1024 ** 2 });
  expect(wimlibExit(65)).toMatchObject({ error: 'image.truncated' });
  expect(wimlibExit(199)).toMatchObject({ error: 'image.failed' });
});
