import { describe, expect, it } from 'vitest';
import { architectureOfCode } from './architecture.ts';
import { testBootImageFacts } from './boot-image-facts.testing.ts';
import type { BootImageFacts } from './boot-image-facts.ts';
import { type BootWish, type ChainRequest, chooseChain, PLAIN_WISH } from './chain.ts';
import type { SignerMemory } from './signer-choice.ts';

const row = (code: number) => {
  const architecture = architectureOfCode(code);
  if (architecture === undefined) throw new Error(`no row ${code}`);
  return architecture;
};
const windows: BootWish = { ...PLAIN_WISH, image: { kind: 'windows-pe', id: 'MW100002' } };
interface Case {
  readonly code?: number;
  readonly wish?: Partial<BootWish>;
  readonly facts?: Partial<BootImageFacts>;
  readonly memory?: SignerMemory;
  readonly wimboot?: boolean;
  readonly isIpxe?: boolean;
}
function choose({
  code = 7,
  wish = {},
  facts = {},
  memory,
  wimboot = false,
  isIpxe = false,
}: Case) {
  const request: ChainRequest = {
    architecture: row(code),
    isIpxe,
    wish: { ...windows, ...wish },
    memory,
  };
  const image = { id: 'MW100002', name: 'Bench PE', version: 3, facts: testBootImageFacts(facts) };
  return chooseChain(request, { linuxPe: new Set(['uefi-x64']), images: [image], wimboot });
}
const named = '"Bench PE" (MW100002, version 3)';

describe('M50 the way to a boot image', () => {
  it('leads to Linux PE where nothing names another', () => {
    expect(choose({ wish: PLAIN_WISH })).toEqual({
      kind: 'nbp',
      chain: 'linux-pe',
      file: 'shimx64.efi',
      transport: 'tftp',
      image: 'Linux PE',
      boot: null,
      reason: 'Boot image: Linux PE.',
    });
  });

  it('leads to Windows PE by its own boot manager', () => {
    expect(choose({})).toEqual({
      kind: 'nbp',
      chain: 'windows-pe',
      file: 'windows-pe/MW100002/efi/2011/bootmgfw.efi',
      transport: 'tftp',
      image: 'Bench PE',
      boot: {
        image: 'MW100002',
        firmware: 'uefi',
        signer: '2011',
        tftp: { blockSize: 1456, windowSize: 4 },
      },
      reason: `Boot image: ${named}, by bootmgfw.efi signed by 2011, which comes first.`,
    });
  });

  it('takes the boot manager that a setting names, and says whose setting', () => {
    const wish = { signer: '2023', setFor: 'the device "PC-1"' } as const;
    expect(choose({ wish })).toMatchObject({
      file: 'windows-pe/MW100002/efi/2023/bootmgfw.efi',
      reason: `Boot image: ${named}, by bootmgfw.efi signed by 2023, as is set (set for the device "PC-1").`,
    });
    expect(
      choose({ wish, facts: { efiBootManagers: { '2011': 'efi/2011/bootmgfw.efi' } } }),
    ).toEqual({
      kind: 'refused',
      reason: `The boot image ${named} has no boot manager that the 2023 authority signed (set for the device "PC-1").`,
    });
  });

  it('takes the other boot manager once Secure Boot has refused the first, and tells it', () => {
    const memory = { signer: '2011', failures: 2, loaded: false } as const;
    expect(choose({ memory })).toMatchObject({
      file: 'windows-pe/MW100002/efi/2023/bootmgfw.efi',
      reason: expect.stringContaining('Secure Boot refuses it there'),
    });
  });

  it('has a folder of its own for other sizes of blocks and windows', () => {
    const tftp = { blockSize: 1024, windowSize: 8 };
    expect(choose({ wish: { tftp } })).toMatchObject({
      file: 'windows-pe/MW100002/tftp-1024-8/efi/2011/bootmgfw.efi',
      boot: { tftp },
    });
  });

  it('starts a BIOS with pxeboot.n12', () => {
    expect(choose({ code: 0 })).toMatchObject({
      file: 'windows-pe/MW100002/bios/pxeboot.n12',
      boot: { firmware: 'bios', signer: null },
      reason: `Boot image: ${named}, by bootmgr.`,
    });
    expect(choose({ code: 0, facts: { bios: null } })).toEqual({
      kind: 'refused',
      reason: `The machine starts as x86 BIOS (client architecture 0), and the boot image ${named} has no files for a BIOS (bootmgr.exe and pxeboot.n12).`,
    });
  });

  it('refuses HTTP Boot, whose boot manager would read by TFTP', () => {
    expect(choose({ code: 16 })).toEqual({
      kind: 'refused',
      reason:
        'The machine starts as x64 UEFI HTTP Boot (client architecture 16), and the boot manager of Windows reads its files by TFTP: start this machine by PXE, or set the chain wimboot for it.',
    });
  });

  it('says that a boot image is missing', () => {
    expect(choose({ wish: { image: { kind: 'missing', name: 'Office PE' } } })).toEqual({
      kind: 'refused',
      reason:
        'The task sequence is for the boot image "Office PE", which this server does not have.',
    });
    expect(choose({ wish: { image: { kind: 'windows-pe', id: 'MW100009' } } })).toEqual({
      kind: 'refused',
      reason: 'The boot image MW100009 is not ready on this server to be started from.',
    });
  });

  it('obeys a setting for Linux PE, and refuses one for Windows PE without an image', () => {
    expect(choose({ wish: { chain: 'linux-pe', setFor: 'the model "A B"' } })).toMatchObject({
      file: 'shimx64.efi',
      reason: 'Boot image: Linux PE (set for the model "A B").',
    });
    expect(choose({ wish: { ...PLAIN_WISH, chain: 'windows-pe' } })).toEqual({
      kind: 'refused',
      reason:
        'The chain windows-pe leads to Windows PE, and nothing names a boot image for this machine.',
    });
  });
});

describe('M50 the chain wimboot', () => {
  const wish = { chain: 'wimboot' } as const;
  it('is refused until somebody has added its files', () => {
    expect(choose({ wish })).toEqual({
      kind: 'refused',
      reason:
        'The chain wimboot needs iPXE and wimboot, which nobody has added here: metalwright netboot wimboot add.',
    });
  });

  it('gives the firmware iPXE, and iPXE its script over HTTP', () => {
    expect(choose({ wish, wimboot: true })).toMatchObject({
      file: 'wimboot/ipxe.efi',
      transport: 'tftp',
    });
    expect(choose({ wish, wimboot: true, isIpxe: true })).toMatchObject({
      file: 'windows-pe/MW100002/boot.ipxe',
      transport: 'http',
      boot: null,
    });
  });

  it('is what starts Windows PE by HTTP Boot', () => {
    expect(choose({ wish, wimboot: true, code: 16 })).toMatchObject({
      file: 'wimboot/ipxe.efi',
      transport: 'http',
    });
  });

  it.each([0, 11])('is refused for client architecture %i', (code) => {
    const facts = { architecture: code === 11 ? 'arm64' : 'x64' } as const;
    expect(choose({ wish, wimboot: true, code, facts })).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('the chain wimboot is for x64 UEFI alone'),
    });
  });
});

describe('M43 a boot image and the machine that asks for it', () => {
  const clients = [
    { code: 0, said: null, machine: 'x64 with BIOS', takes: ['x64', 'x86'] },
    { code: 0, said: 'x86', machine: 'x86 with BIOS', takes: ['x86'] },
    { code: 0, said: 'x64', machine: 'x64 with BIOS', takes: ['x64', 'x86'] },
    { code: 7, said: 'x86', machine: 'x64 with UEFI', takes: ['x64'] },
    { code: 9, said: null, machine: 'x64 with UEFI', takes: ['x64'] },
    { code: 11, said: null, machine: 'arm64 with UEFI', takes: ['arm64'] },
  ] as const;
  const cells = clients.flatMap((client) =>
    (['x64', 'arm64', 'x86'] as const).map((of) => ({
      ...client,
      of,
      fits: client.takes.some((each) => each === of),
    })),
  );
  it.each(cells)('M43 client $code ($said) and an image for $of: fits $fits', (cell) => {
    const choice = choose({
      code: cell.code,
      wish: { architecture: cell.said },
      facts: { architecture: cell.of },
    });
    if (cell.fits) expect(choice.kind).toBe('nbp');
    else
      expect(choice).toEqual({
        kind: 'refused',
        reason: `The boot image ${named} is for ${cell.of}; this machine is ${cell.machine}.`,
      });
  });

  it.each([
    { code: 6, title: '32-bit x86 UEFI' },
    { code: 10, title: '32-bit ARM UEFI' },
    { code: 2, title: 'Itanium' },
    { code: 27, title: '64-bit RISC-V UEFI' },
  ])('M43 refuses $title by name, whatever the image is for', ({ code, title }) => {
    for (const architecture of ['x64', 'arm64', 'x86'] as const)
      expect(choose({ code, facts: { architecture } })).toEqual({
        kind: 'refused',
        reason: `The machine starts as ${title} (client architecture ${code}), which is not supported.`,
      });
  });
});
