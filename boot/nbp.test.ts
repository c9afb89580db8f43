import { expect, it } from 'vitest';
import { architectureOfCode } from './architecture.ts';
import { chooseNbp } from './nbp.ts';

const choose = (code: number, ...images: string[]) => {
  const architecture = architectureOfCode(code);
  if (architecture === undefined) throw new Error(`no row ${code}`);
  return chooseNbp(architecture, new Set(images));
};
const chooseForIpxe = (code: number, image: string) => {
  const architecture = architectureOfCode(code);
  if (architecture === undefined) throw new Error(`no row ${code}`);
  return chooseNbp(architecture, new Set([image, 'uefi-x64']), true);
};

it.each([
  { code: 7, image: 'uefi-x64', file: 'shimx64.efi' },
  { code: 9, image: 'uefi-x64', file: 'shimx64.efi' },
  { code: 11, image: 'uefi-arm64', file: 'shimaa64.efi' },
  { code: 0, image: 'bios', file: 'undionly.kpxe' },
])('M50 serves $file to client architecture $code by TFTP', ({ code, image, file }) => {
  expect(choose(code, image)).toEqual({ kind: 'nbp', file, transport: 'tftp' });
});

it('M50 serves iPXE by HTTP to HTTP Boot', () => {
  expect(choose(16, 'http-x64')).toEqual({ kind: 'nbp', file: 'snponly.efi', transport: 'http' });
});

it.each([
  { code: 0, image: 'bios', file: 'ipxe/linux-pe.ipxe', transport: 'http' },
  { code: 7, image: 'http-x64', file: 'ipxe/linux-pe.ipxe', transport: 'http' },
  { code: 7, image: 'uefi-x64', file: 'shimx64.efi', transport: 'tftp' },
])('M50 serves $file to iPXE of client architecture $code, where $image is there', (row) => {
  const { code, image, file, transport } = row;
  expect(chooseForIpxe(code, image)).toEqual({ kind: 'nbp', file, transport });
});

it('M50 refuses 32-bit UEFI by name, even beside an x64 boot image', () => {
  expect(choose(6, 'uefi-x64', 'uefi-x86')).toEqual({
    kind: 'refused',
    reason:
      'The machine starts as 32-bit x86 UEFI (client architecture 6), which is not supported.',
  });
});

it.each([7, 11, 16])(
  'M50 refuses client architecture %i when its boot image is missing',
  (code) => {
    const other = code === 7 ? 'uefi-arm64' : 'uefi-x64';
    expect(choose(code, other)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('there is no boot image for'),
    });
  },
);
