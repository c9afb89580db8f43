import type { BootImageFacts, BootSigner } from './boot-image-facts.ts';
import { WIMBOOT_FILE } from './chain.ts';
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

/** iPXE cuts its lines at blanks and puts settings in for `${}`. */
function plain(text: string): string {
  return text.replaceAll(/[^\w .,()-]/g, ' ').trim();
}

/** @throws {TypeError} for a path that would be more than one word of the script */
function checkPath(path: string): void {
  if (!/^[\w./-]+$/.test(path))
    throw new TypeError(`"${path}" cannot be written into a script of iPXE`);
}
