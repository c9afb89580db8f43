import type { BootImageFacts, BootSigner } from './boot-image-facts.ts';
import { WIMBOOT_FILE } from './chain.ts';
import { type GrubSettings, linuxPeArguments } from './grub-config.ts';
import { WINDOWS_TREE } from './windows-tree.ts';

/** Names by which wimboot knows boot managers: it takes the newer one when the firmware accepts it. */
const managerNames: Readonly<Record<BootSigner, string>> = {
  '2011': 'bootmgfw.efi',
  '2023': 'bootmgfw_EX.efi',
};

/**
 * The script that iPXE gets for a boot image: wimboot, and the files of Windows PE under the names it knows.
 * Paths are absolute without a host, so that iPXE stays with the server that the script came from.
 */
export function ipxeScript(image: {
  readonly id: string;
  readonly name: string;
  readonly facts: BootImageFacts;
}): string {
  const { id, name, facts } = image;
  const folder = `/boot/${WINDOWS_TREE}/${id}`;
  const initrd = (as: string, path: string): string => {
    checkPath(path);
    return `initrd --name ${as} ${folder}/${path} || goto failed`;
  };
  const managers = (['2011', '2023'] as const).flatMap((each) => {
    const path = facts.efiBootManagers[each];
    return path === undefined ? [] : [initrd(managerNames[each], path)];
  });
  return [
    '#!ipxe',
    `echo Metalwright starts ${plain(name)} (${id})`,
    `kernel /boot/${WIMBOOT_FILE} || goto failed`,
    ...managers,
    initrd('boot.sdi', facts.sdi),
    initrd('boot.wim', facts.wim),
    'boot || goto failed',
    ':failed',
    `echo Metalwright: ${id} could not be started, the next boot device comes in 10 seconds`,
    'sleep 10',
    'exit 1',
    '',
  ].join('\n');
}

/** What the server's address is put in the place of, as the one who asks reaches it. */
export const SCRIPT_SERVER = '{server}';

/**
 * The script that iPXE gets for Linux PE: kernel and loader by HTTP. Where the firmware refuses the kernel
 * (Secure Boot is on, and trusts this iPXE), shim and GRUB are started instead.
 */
export function linuxPeScript(settings: GrubSettings): string {
  const folder = '/boot/linux-pe/x64';
  const words = linuxPeArguments(settings, { server: SCRIPT_SERVER, mac: '${netX/mac:hexhyp}' });
  return [
    '#!ipxe',
    `echo Metalwright: this machine is \${netX/ip} (\${netX/mac}), the server is ${SCRIPT_SERVER}.`,
    'set try:int8 0',
    ':start',
    'inc try',
    'imgfree',
    `kernel ${folder}/vmlinuz initrd=loader.img initrd=site.img ${words} || goto failed`,
    `initrd --name loader.img ${folder}/loader.img || goto failed`,
    `initrd --name site.img ${folder}/site.img || goto failed`,
    'boot || goto refused',
    ':refused',
    'imgfree',
    `iseq \${platform} efi && chain tftp://${SCRIPT_SERVER}/shimx64.efi ||`,
    ':failed',
    'echo METALWRIGHT COULD NOT LOAD ITS BOOT IMAGE.',
    'echo On the server, "metalwright doctor" tells what is missing.',
    'iseq ${try} 3 && goto done ||',
    'echo Next try in 20 seconds.',
    'sleep 20',
    'goto start',
    ':done',
    'exit 1',
    '',
  ].join('\n');
}

/** iPXE cuts its lines at blanks and puts settings in for `${}`. */
function plain(text: string): string {
  return text.replaceAll(/[^\w .,()-]/g, ' ').trim();
}

/** @throws {TypeError} for a path that would be more than one word of the script */
function checkPath(path: string): void {
  if (!/^[\w./-]+$/.test(path))
    throw new TypeError(`"${path}" cannot be written into a script of iPXE`);
}
