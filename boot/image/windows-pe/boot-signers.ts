import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSignedProgram } from '#boot/authenticode.ts';
import type { BootSigner } from '#boot/boot-image-facts.ts';
import { extractFile, type WimImageRef } from './wimlib.ts';

/** Boot managers of a Windows or Windows PE: the older signed one, and the newer. */
export const bootManagerPaths: readonly string[] = [
  '/Windows/Boot/EFI/bootmgfw.efi',
  '/Windows/Boot/EFI_EX/bootmgfw_EX.efi',
];

/** Names in the certificates of Microsoft's authorities, by the year that they are known by. */
const authorities: readonly (readonly [BootSigner, RegExp])[] = [
  ['2011', /Windows Production PCA 2011/i],
  ['2023', /Windows UEFI CA 2023/i],
];

/** Who signed a boot manager; undefined for one that is not signed, or by somebody else. */
export async function signerOf(file: string): Promise<BootSigner | undefined> {
  const program = await readSignedProgram(await readFile(file)).catch(() => undefined);
  const names = (program?.signatures ?? []).flatMap(({ chain }) =>
    chain.flatMap(({ subject, issuer }) => [subject, issuer]),
  );
  return authorities.find(([, name]) => names.some((each) => name.test(each)))?.[0];
}

/**
 * Which of Microsoft's authorities signed the boot managers of an image, each once: Secure Boot takes one
 * that the firmware trusts.
 * @throws {BootImageError} `boot-image.tool-missing`, `boot-image.tool-failed`
 */
export async function bootSigners(
  image: WimImageRef,
  signal: AbortSignal,
): Promise<readonly BootSigner[]> {
  const work = await mkdtemp(join(tmpdir(), 'metalwright-signers-'));
  try {
    const found = new Set<BootSigner>();
    for (const path of bootManagerPaths)
      if (await extractFile(image, path, work, signal))
        for (const name of await readdir(work)) {
          const signer = await signerOf(join(work, name));
          if (signer !== undefined) found.add(signer);
          await rm(join(work, name));
        }
    return [...found].sort();
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
