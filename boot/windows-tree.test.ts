import { expect, it } from 'vitest';
import { bcdPath, bootOfNbp, nbpName, parseTreeName, type WindowsBoot } from './windows-tree.ts';

const usual = { blockSize: 1456, windowSize: 4 };
const boots: readonly {
  readonly boot: WindowsBoot;
  readonly name: string;
  readonly bcd: string;
}[] = [
  {
    boot: { image: 'MW100002', firmware: 'uefi', signer: '2011', tftp: usual },
    name: 'windows-pe/MW100002/efi/2011/bootmgfw.efi',
    bcd: '\\windows-pe\\MW100002\\efi\\BCD',
  },
  {
    boot: {
      image: 'MW100002',
      firmware: 'uefi',
      signer: '2023',
      tftp: { blockSize: 4096, windowSize: 16 },
    },
    name: 'windows-pe/MW100002/tftp-4096-16/efi/2023/bootmgfw.efi',
    bcd: '\\windows-pe\\MW100002\\tftp-4096-16\\efi\\BCD',
  },
  {
    boot: { image: 'ABC', firmware: 'bios', signer: null, tftp: usual },
    name: 'windows-pe/ABC/bios/pxeboot.n12',
    bcd: '\\windows-pe\\ABC\\bios\\BCD',
  },
];

it.each(boots)('a name says all that its boot depends on: $name', ({ boot, name, bcd }) => {
  expect(nbpName(boot)).toBe(name);
  expect(bcdPath(boot)).toBe(bcd);
  for (const spelled of [name, name.toUpperCase()]) {
    const parsed = parseTreeName(spelled);
    expect(parsed && bootOfNbp(parsed)).toEqual(boot);
  }
});

it.each([
  'windows-pe',
  'windows-pe/MW100002',
  'windows-pe/MW-1/boot.wim',
  'windows-pe//boot.wim',
  'shimx64.efi',
])('%s is no name of the tree', (name) => {
  expect(parseTreeName(name)).toBeUndefined();
});

it.each(['efi/2012/bootmgfw.efi', 'efi/bootmgfw.efi', 'boot.wim', 'bios/bootmgr.exe'])(
  '%s starts nothing',
  (rest) => {
    expect(bootOfNbp({ image: 'MW100002', tftp: usual, rest })).toBeUndefined();
  },
);
