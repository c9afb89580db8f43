import { mkdir, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BootImageFacts, BootSigner } from '#boot/boot-image-facts.ts';
import { peArchitecture, readPeHeader } from '#boot/pe-header.ts';
import { BootImageError } from '../linux-pe/command.ts';
import { bootManagerPaths, signerOf } from './boot-signers.ts';
import { extractFile, listPaths, type WimImageRef } from './wimlib.ts';

type Architecture = BootImageFacts['architecture'];
type BootTree = Pick<
  BootImageFacts,
  'sdi' | 'efiBootManagers' | 'revocationList' | 'bios' | 'fonts'
>;

/** Where an image has what starts it (reference: Windows boot, section 5); the first that is there. */
const sources = {
  sdi: ['/Windows/Boot/DVD/EFI/boot.sdi', '/Windows/Boot/DVD/PCAT/boot.sdi'],
  revocationList: ['/Windows/Boot/EFI/boot.stl'],
  biosManager: ['/Windows/Boot/PXE/bootmgr.exe'],
  biosProgram: ['/Windows/Boot/PXE/pxeboot.n12'],
} as const;
const FONTS = '/Windows/Boot/Fonts';
const WINLOAD = '/Windows/System32/winload.efi';
const BOOT_WINLOAD = '/Windows/System32/boot/winload.efi';

/**
 * Cuts what the network boot serves out of a Windows PE: boot managers by who signed them, the RAM disk's
 * boot.sdi, fonts, the revocation list, and what BIOS machines start.
 *
 * @throws {BootImageError} `boot-image.no-boot-files`, `boot-image.architecture`
 */
export async function cutBootTree(
  image: WimImageRef,
  { out, architecture }: { readonly out: string; readonly architecture: Architecture },
  signal: AbortSignal,
): Promise<BootTree> {
  const work = await mkdtemp(join(out, '.cut-'));
  const take = async (paths: readonly string[], to: string): Promise<string | null> => {
    for (const path of paths) {
      if (!(await extractFile(image, path, work, signal))) continue;
      const [name] = await readdir(work);
      if (name === undefined) continue;
      await mkdir(dirname(join(out, to)), { recursive: true });
      await rename(join(work, name), join(out, to));
      return to;
    }
    return null;
  };
  try {
    if ((await take(sources.sdi, 'boot.sdi')) === null)
      throw noBootFiles('boot.sdi', 'in \\Windows\\Boot\\DVD');
    const efiBootManagers: Partial<Record<BootSigner, string>> = {};
    for (const [at, path] of bootManagerPaths.entries()) {
      const taken = await take([path], `efi/${at}.efi`);
      if (taken === null) continue;
      await assertMachine(join(out, taken), path, architecture);
      const signer = (await signerOf(join(out, taken))) ?? (at === 0 ? '2011' : '2023');
      const to = `efi/${signer}/bootmgfw.efi`;
      await mkdir(join(out, 'efi', signer), { recursive: true });
      await rename(join(out, taken), join(out, to));
      efiBootManagers[signer] = to;
    }
    const manager = await take(sources.biosManager, 'bios/bootmgr.exe');
    const program = await take(sources.biosProgram, 'bios/pxeboot.n12');
    if (Object.keys(efiBootManagers).length === 0 && (manager === null || program === null))
      throw noBootFiles('bootmgfw.efi', 'in \\Windows\\Boot\\EFI or \\Windows\\Boot\\EFI_EX');
    const winload = await take([BOOT_WINLOAD, WINLOAD], 'winload');
    if (winload !== null) {
      await assertMachine(join(out, winload), 'winload.efi', architecture);
      await rm(join(out, winload));
    }
    const fonts: string[] = [];
    for (const path of await listPaths(image, FONTS, signal)) {
      const name = path.slice(FONTS.length + 1);
      if (/^[^/]+\.ttf$/i.test(name)) {
        const taken = await take([path], `fonts/${name.toLowerCase()}`);
        if (taken !== null) fonts.push(taken);
      }
    }
    const hasBios = manager !== null && program !== null && architecture !== 'arm64';
    return {
      sdi: 'boot.sdi',
      efiBootManagers,
      revocationList: await take(sources.revocationList, 'efi/boot.stl'),
      bios: hasBios ? { bootManager: manager, networkBootProgram: program } : null,
      fonts: fonts.sort(),
    };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function noBootFiles(name: string, place: string): BootImageError {
  return new BootImageError(
    'boot-image.no-boot-files',
    `The image has no ${name} ${place}: nothing can be started from the network`,
    'Take boot.wim of Windows media, or the winpe.wim of the Windows ADK, as they are.',
  );
}

/** The firmware would refuse it later, and say less. */
async function assertMachine(
  file: string,
  named: string,
  architecture: Architecture,
): Promise<void> {
  await using handle = await open(file, 'r');
  const header = await readPeHeader(async (offset, length) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  });
  const found = header === null ? undefined : peArchitecture.get(header.machine);
  if (found === architecture) return;
  throw new BootImageError(
    'boot-image.architecture',
    `The image says that it is for ${architecture}, but its ${named} is ${found === undefined ? 'no program' : `for ${found}`}`,
    'The WIM is damaged or was put together of two: take it from its media again.',
  );
}
