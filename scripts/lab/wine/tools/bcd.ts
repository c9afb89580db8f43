import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gptPartition } from '#boot/bcd/device.ts';
import { installedWindowsStore } from '#boot/bcd/installed-windows.ts';
import { formatStore } from '#boot/bcd/store.ts';
import type { LabDisk } from '../disks.ts';
import type { StandInTool } from '../stand-in-server.ts';

/** What bcdboot ends with where it finds no boot files. */
const FAILED = 193;

/** Stands for bcdboot: boot manager and boot configuration, for the Windows of a drive letter. */
export function bcdboot(
  disk: LabDisk,
  hostPath: (path: string) => Promise<string | undefined>,
): StandInTool {
  return async ({ words }) => {
    const system = words[words.findIndex((word) => word.toLowerCase() === '/s') + 1]?.charAt(0);
    const windows = words[0]?.charAt(0);
    const volume = (letter: string | undefined) =>
      disk.volumes.find((each) => each.letter === letter?.toUpperCase());
    const [esp, os, table] = [volume(system), volume(windows), await disk.table()];
    const manager = await hostPath(`${windows}:\\Windows\\Boot\\EFI_EX\\bootmgfw_EX.efi`);
    if (esp === undefined || os === undefined || table === undefined || manager === undefined)
      return FAILED;
    const partition = gptPartition(os.guid, table.id);
    const store = installedWindowsStore({
      firmware: 'uefi',
      system: gptPartition(esp.guid, table.id),
      windows: partition,
      description: 'Windows 11',
      locale: 'en-US',
      loader: '44444444-4444-4444-8444-444444444444',
      resume: '55555555-5555-4555-8555-555555555555',
    });
    const folder = join(esp.folder, 'EFI/Microsoft/Boot');
    await mkdir(folder, { recursive: true });
    // Not by copying: FAT in user space knows no such call.
    await writeFile(join(folder, 'bootmgfw.efi'), await readFile(manager));
    await writeFile(join(folder, 'BCD'), formatStore(store, 0n));
    return 'Boot files successfully created.\r\n';
  };
}

/** Stands for bcdedit: the firmware's entries, the boot manager first. Nothing can be changed. */
export const bcdedit: StandInTool = async ({ words }) =>
  words.join(' ').toLowerCase() === '/enum firmware'
    ? [
        '',
        'Firmware Boot Manager',
        '---------------------',
        'identifier              {fwbootmgr}',
        'displayorder            {bootmgr}',
        'timeout                 1',
        '',
      ].join('\r\n')
    : 1;
