/**
 * What boot loaders ask for and do without, below the root of the TFTP server, in lower case; `*` stands for
 * any name. A dozen such answers in each boot are no faults. Windows: the boot manager's policy files,
 * resources and fonts of languages that an image does not have. Linux: revocations of shim, lists of modules
 * of GRUB.
 */
export const bootProbes: readonly string[] = [
  'bcd',
  'boot/bcd',
  'boot.ini',
  'bootmgr.exe',
  'boot.stl',
  'boot/boot.stl',
  'boot/fonts/*',
  'boot/resources/*',
  'boot/*/bootmgr.exe.mui',
  'hiberfil.sys',
  'efi/microsoft/boot/bcd',
  'efi/microsoft/boot/boot.stl',
  'efi/microsoft/boot/fonts/*',
  'efi/microsoft/boot/resources/*',
  'efi/microsoft/boot/*/bootmgfw.efi.mui',
  'efi/microsoft/boot/sipolicy.p7b',
  'efi/microsoft/boot/winsipolicy.p7b',
  'efi/microsoft/boot/atpsipolicy.p7b',
  'efi/microsoft/boot/skusipolicy.p7b',
  'efi/microsoft/boot/vbssipolicy.p7b',
  'efi/microsoft/boot/policies/*',
  'efi/microsoft/boot/cipolicies/*',
  'efi/microsoft/boot/*token*',
  'revocations.efi',
  'revocations_sku.efi',
  'revocations_sbat.efi',
  'shim_certificate*.efi',
  'grub/*/command.lst',
  'grub/*/fs.lst',
  'grub/*/crypto.lst',
  'grub/*/terminal.lst',
];

const patterns = bootProbes.map(
  (glob) => new RegExp(`^${glob.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`),
);

/** Whether a loader asks for this name and goes on without it. */
export function isBootProbe(name: string): boolean {
  const lower = name.toLowerCase();
  return patterns.some((pattern) => pattern.test(lower));
}
