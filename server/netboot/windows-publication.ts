import { IPXE_FILE, ipxeScriptName, WIMBOOT_FILE } from '#boot/chain.ts';
import { ipxeScript } from '#boot/ipxe-script.ts';
import type { BootFile, BootFileMap } from './snapshot.ts';
import type { WindowsBootImage } from './windows-boot-image.ts';
import { windowsFileName } from './windows-files.ts';

/** iPXE and wimboot as an operator has added them. */
export interface WimbootFiles {
  readonly ipxe: BootFile;
  readonly wimboot: BootFile;
}

/**
 * Files of Windows PE boot images by the names of their trees, and with wimboot also itself and a script for
 * each image. Served over TFTP and HTTP alike; only what the facts of an image name is.
 */
export function windowsFiles(
  images: readonly WindowsBootImage[],
  wimboot: WimbootFiles | null,
): BootFileMap {
  const files = new Map<string, BootFile>();
  for (const { id, name, facts, files: objects } of images) {
    const { wim, sdi, efiBootManagers, revocationList, bios, fonts } = facts;
    const served = [
      wim,
      sdi,
      ...Object.values(efiBootManagers),
      ...(revocationList === null ? [] : [revocationList]),
      ...(bios === null ? [] : [bios.bootManager, bios.networkBootProgram]),
      ...fonts,
    ];
    for (const path of served) {
      const file = objects.get(path);
      if (file !== undefined) files.set(windowsFileName(id, path), file);
    }
    if (wimboot === null) continue;
    const script = ipxeScript({ id, name, facts });
    files.set(ipxeScriptName(id), { kind: 'bytes', bytes: Buffer.from(script) });
  }
  if (wimboot === null) return files;
  files.set(IPXE_FILE, wimboot.ipxe);
  files.set(WIMBOOT_FILE, wimboot.wimboot);
  return files;
}
