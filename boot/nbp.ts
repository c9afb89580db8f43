import type { ArchitectureName, ClientArchitecture } from './architecture.ts';

/** The first file of Linux PE that a firmware is told to fetch, or why there is none. `reason` is a whole sentence. */
export type NbpChoice =
  | { readonly kind: 'nbp'; readonly file: string }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Names as the TFTP root and the boot HTTP listener know them. UEFI always gets shim: it is signed by
 * Microsoft, so that one file serves with Secure Boot on and off.
 */
const nbpFiles: ReadonlyMap<ArchitectureName, string> = new Map<ArchitectureName, string>([
  ['uefi-x64', 'shimx64.efi'],
  ['http-x64', 'shimx64.efi'],
  ['uefi-arm64', 'shimaa64.efi'],
  ['http-arm64', 'shimaa64.efi'],
]);

/** Whether a file is the first one of Linux PE. */
export function isNbp(file: string): boolean {
  return [...nbpFiles.values()].includes(file);
}

/**
 * Chooses the network boot program of Linux PE for one client architecture. Served are only architectures that a
 * boot image is there for; nothing is served "because it may work".
 */
export function chooseNbp(
  architecture: ClientArchitecture,
  bootImages: ReadonlySet<string>,
): NbpChoice {
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
  return { kind: 'nbp', file };
}
