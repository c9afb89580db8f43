import { describe, expect, it } from 'vitest';
import { testBootImageFacts } from '#boot/boot-image-facts.testing.ts';
import type { WindowsBoot } from '#boot/windows-tree.ts';
import { resolveWindowsFile } from './windows-files.ts';

const full = testBootImageFacts();
const bare = testBootImageFacts({ bios: null, revocationList: null, fonts: [] });
const factsOf = (image: string) => ({ MW100002: full, MW100003: bare })[image];
const tftp = { blockSize: 1456, windowSize: 4 };
const uefi = (image: string): WindowsBoot => ({ image, firmware: 'uefi', signer: '2023', tftp });
const bios = (image: string): WindowsBoot => ({ image, firmware: 'bios', signer: null, tftp });
const resolve = (name: string, boot?: WindowsBoot) => resolveWindowsFile(name, boot, factsOf);

describe('M50 what every boot manager asks for', () => {
  it.each(['BCD', 'Boot/BCD', 'boot/bcd', 'EFI/Microsoft/Boot/BCD'])(
    '%s is that of the image that the machine was sent to',
    (name) => {
      for (const boot of [uefi('MW100002'), uefi('MW100003'), bios('MW100002')])
        expect(resolve(name, boot)).toEqual({ kind: 'bcd', boot });
      expect(resolve(name)).toEqual({ kind: 'none' });
    },
  );

  it.each([
    { name: 'EFI/Microsoft/Boot/Fonts/wgl4_boot.ttf', path: 'fonts/wgl4_boot.ttf' },
    { name: 'Boot/Fonts/segoe_slboot.ttf', path: 'fonts/Segoe_slboot.ttf' },
    { name: 'EFI/Microsoft/Boot/boot.stl', path: 'efi/boot.stl' },
    { name: 'Boot/boot.sdi', path: 'boot.sdi' },
    { name: 'BOOT/BOOT.WIM', path: 'boot.wim' },
    { name: 'bootmgfw.efi', path: 'efi/2023/bootmgfw.efi' },
  ])('$name is a file of the image', ({ name, path }) => {
    expect(resolve(name, uefi('MW100002'))).toMatchObject({
      kind: 'file',
      name: `windows-pe/MW100002/${path}`,
      starts: null,
      isImage: path === 'boot.wim',
    });
    expect(resolve(name)).toEqual({ kind: 'none' });
  });

  it('leaves out what the image does not have', () => {
    for (const name of ['EFI/Microsoft/Boot/boot.stl', 'Boot/Fonts/wgl4_boot.ttf', 'bootmgr.exe'])
      expect(resolve(name, uefi('MW100003'))).toEqual({ kind: 'none' });
  });

  it('gives bootmgr.exe to a BIOS alone', () => {
    expect(resolve('bootmgr.exe', bios('MW100002'))).toMatchObject({
      name: 'windows-pe/MW100002/bios/bootmgr.exe',
    });
    expect(resolve('bootmgr.exe', uefi('MW100002'))).toEqual({ kind: 'none' });
  });
});

describe('M50 names of the tree, for everybody and in any case', () => {
  it('tells what a network boot program starts', () => {
    expect(resolve('WINDOWS-PE/mw100002/EFI/2011/BOOTMGFW.EFI')).toEqual({
      kind: 'file',
      name: 'windows-pe/MW100002/efi/2011/bootmgfw.efi',
      starts: { image: 'MW100002', firmware: 'uefi', signer: '2011', tftp },
      isImage: false,
    });
    expect(resolve('windows-pe/MW100002/tftp-512-1/bios/pxeboot.n12')).toMatchObject({
      name: 'windows-pe/MW100002/bios/pxeboot.n12',
      starts: { firmware: 'bios', tftp: { blockSize: 512, windowSize: 1 } },
    });
  });

  it.each([
    { name: 'windows-pe/MW100002/boot.wim', to: 'boot.wim' },
    { name: 'windows-pe/mw100002/BOOT.SDI', to: 'boot.sdi' },
    { name: 'windows-pe/MW100002/bios/bootmgr.exe', to: 'bios/bootmgr.exe' },
    { name: 'windows-pe/MW100002/tftp-512-1/bios/bootmgr.exe', to: 'bios/bootmgr.exe' },
  ])('$name', ({ name, to }) => {
    expect(resolve(name, uefi('MW100003'))).toMatchObject({ name: `windows-pe/MW100002/${to}` });
  });

  it('has the boot configuration data of option 252', () => {
    expect(resolve('windows-pe/MW100002/tftp-512-1/efi/BCD')).toEqual({
      kind: 'bcd',
      boot: {
        image: 'MW100002',
        firmware: 'uefi',
        signer: null,
        tftp: { blockSize: 512, windowSize: 1 },
      },
    });
  });

  it.each([
    'windows-pe/MW100009/boot.wim',
    'windows-pe/MW100002/boot-image.json',
    'windows-pe/MW100002/drivers/x.inf',
    'windows-pe/MW100003/bios/pxeboot.n12',
    'windows-pe/MW100002/efi/2012/bootmgfw.efi',
  ])('serves nothing else: %s', (name) => {
    expect(resolve(name, uefi('MW100002'))).toEqual({ kind: 'none' });
  });
});
