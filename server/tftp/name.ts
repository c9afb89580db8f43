import { tftpError } from './packet.ts';

/** A name as the file map has it, or the TFTP error that it earns. */
export type TftpName =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string };

const LONGEST_NAME = 255;

/**
 * Brings a requested name to the form of the file map: slashes instead of bootmgr's backslashes, none
 * in front (GRUB asks `/grub/grub.cfg`, shim `grubx64.efi`), none doubled (shim joins a directory and
 * `/grubx64.efi`). The map holds no directory, so `..` could reach nothing; it is refused all the same,
 * to be told apart from a missing file.
 */
export function normalizeName(requested: string): TftpName {
  if (requested.length > LONGEST_NAME) {
    return refused(`name of ${requested.length} bytes, at most ${LONGEST_NAME} are served`);
  }
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(requested)) return refused('name with control characters');
  const parts = requested.split(/[\\/]+/).filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return refused('name leaves the tree');
  if (parts.length === 0) return refused('empty name');
  return { kind: 'name', name: parts.join('/') };
}

function refused(message: string): TftpName {
  return { kind: 'refused', code: tftpError.accessViolation, message };
}
