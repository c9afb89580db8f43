import type { ArchitectureName, ClientArchitecture } from './architecture.ts';
import { LINUX_PE_SCRIPT } from './boot-names.ts';

/** The first file of Linux PE that a firmware is told to fetch, or why there is none. `reason` is a whole sentence. */
export type NbpChoice =
  | { readonly kind: 'nbp'; readonly file: string; readonly transport: 'tftp' | 'http' }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Names as the TFTP root and the boot HTTP listener know them. UEFI always gets shim: it is signed by
 * Microsoft, so that one file serves with Secure Boot on and off.
 */
const nbpFiles: ReadonlyMap<ArchitectureName, string> = new Map<ArchitectureName, string>([
  // iPXE by way of the adapter's ROM: then kernel and loader come by HTTP.
  ['bios', 'undionly.kpxe'],
  ['uefi-x64', 'shimx64.efi'],
  // Debian's signed GRUB reads by TFTP alone, and knows no server after HTTP Boot: iPXE by way of the
  // firmware, which no authority has signed. With Secure Boot on a machine starts by PXE.
  ['http-x64', 'snponly.efi'],
  ['uefi-arm64', 'shimaa64.efi'],
  ['http-arm64', 'shimaa64.efi'],
]);

/** Architectures whose iPXE gets a script, where there is one for it. */
const scripted: ReadonlyMap<ArchitectureName, ArchitectureName> = new Map<
  ArchitectureName,
  ArchitectureName
>([
  ['bios', 'bios'],
  ['uefi-x64', 'http-x64'],
]);

/** Whether a file is the first one of Linux PE. */
export function isNbp(file: string): boolean {
  return [...nbpFiles.values()].includes(file);
}

/**
 * Chooses the network boot program of Linux PE for one client architecture. Served are only architectures that a
 * boot image is there for; nothing is served "because it may work".
 *
 * @param isIpxe it is iPXE that asks
 */
export function chooseNbp(
  architecture: ClientArchitecture,
  bootImages: ReadonlySet<string>,
  isIpxe = false,
): NbpChoice {
  const by = scripted.get(architecture.name);
  if (isIpxe && by !== undefined && bootImages.has(by))
    return { kind: 'nbp', file: LINUX_PE_SCRIPT, transport: 'http' };
  const file = nbpFiles.get(architecture.name);
  const client = `${architecture.title} (client architecture ${architecture.code})`;
  if (file === undefined) {
    return { kind: 'refused', reason: `The machine starts as ${client}, which is not supported.` };
  }
  if (!bootImages.has(architecture.name)) {
    return {
      kind: 'refused',
      reason: `The machine starts as ${client}, and there is no boot image for ${architecture.name}.`,
    };
  }
  return { kind: 'nbp', file, transport: architecture.transport };
}
