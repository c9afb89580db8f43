import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { signedData, signedProgram, testCertificate } from '#boot/authenticode.testing.ts';
import { smallProgram } from '#boot/pe-header.testing.ts';

const run = promisify(execFile);

/** IMAGE_FILE_MACHINE_ARM64. */
const MACHINE_ARM64 = 0xaa64;
/** PROCESSOR_ARCHITECTURE_*, as the metadata of a WIM have it. */
const archOf = { x64: '9', arm64: '12', x86: '0' } as const;

export interface PeWimOptions {
  readonly architecture?: keyof typeof archOf;
  /** Of the programs inside, where it is another than the metadata say. */
  readonly programs?: 'x64' | 'arm64';
  readonly installationType?: string;
  /** Paths of the tree that are left out. */
  readonly without?: readonly string[];
  readonly signed?: boolean;
  readonly boot?: boolean;
  readonly capture?: readonly string[];
}

/** Files of a Windows PE as far as a boot image is made of them: small stand-ins, none is Microsoft's. */
async function peFiles({
  architecture = 'x64',
  programs,
  signed = false,
}: PeWimOptions): Promise<Map<string, Uint8Array>> {
  const machine = (programs ?? architecture) === 'arm64' ? { machine: MACHINE_ARM64 } : {};
  const program = (text: string) => smallProgram({ ...machine, text });
  const signedBy = async (name: string, plain: Uint8Array): Promise<Uint8Array> => {
    if (!signed) return plain;
    const authority = await testCertificate(name);
    const own = await testCertificate('Microsoft Windows', authority);
    return signedProgram(signedData([own, authority]));
  };
  const text = (content: string) => Buffer.from(content);
  const mum = (name: string) =>
    `Windows/servicing/Packages/${name}-Package~31bf3856ad364e35~amd64~~10.0.26100.1.mum`;
  return new Map<string, Uint8Array>([
    ['Windows/System32/wpeinit.exe', program('wpeinit')],
    ['Windows/System32/winload.efi', program('winload')],
    ['Windows/System32/startnet.cmd', text('wpeinit\r\n')],
    ['Windows/System32/cscript.exe', program('cscript')],
    [mum('WinPE-WMI'), text('<assembly/>')],
    [mum('WinPE-SecureStartup'), text('<assembly/>')],
    [mum('WinPE-WMI').replace('~~', '~en-US~'), text('<assembly/>')],
    [
      'Windows/Boot/EFI/bootmgfw.efi',
      await signedBy('Microsoft Windows Production PCA 2011', program('2011')),
    ],
    [
      'Windows/Boot/EFI_EX/bootmgfw_EX.efi',
      await signedBy('Windows UEFI CA 2023', program('2023')),
    ],
    ['Windows/Boot/EFI/boot.stl', text('list')],
    ['Windows/Boot/DVD/EFI/boot.sdi', text('sdi')],
    ['Windows/Boot/PXE/bootmgr.exe', text('bootmgr')],
    ['Windows/Boot/PXE/pxeboot.n12', text('pxeboot')],
    ['Windows/Boot/Fonts/wgl4_boot.ttf', text('font')],
    ['Windows/Boot/Fonts/segoe_slboot.ttf', text('another font')],
  ]);
}

/** Captures a WIM with the shape of a Windows PE to `wim`; `folder` is made and gone again. */
export async function makePeWim(
  folder: string,
  wim: string,
  options: PeWimOptions = {},
): Promise<void> {
  const { architecture = 'x64', installationType = 'WindowsPE', without = [] } = options;
  const root = join(folder, 'pe');
  for (const [path, bytes] of await peFiles(options)) {
    if (without.some((left) => path.startsWith(left))) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
  const properties = {
    ARCH: archOf[architecture],
    EDITIONID: installationType,
    INSTALLATIONTYPE: installationType,
    'LANGUAGES/LANGUAGE': 'en-US',
    'VERSION/MAJOR': '10',
    'VERSION/MINOR': '0',
    'VERSION/BUILD': '26100',
    'VERSION/SPBUILD': '1',
  };
  const words = Object.entries(properties).flatMap(([name, value]) => [
    '--image-property',
    `WINDOWS/${name}=${value}`,
  ]);
  const boot = options.boot === false ? [] : ['--boot'];
  const capture = options.capture ?? [];
  await run('wimlib-imagex', [
    'capture',
    root,
    wim,
    'Microsoft Windows PE',
    '--no-acls',
    ...boot,
    ...capture,
    ...words,
  ]);
  await rm(root, { recursive: true });
}
