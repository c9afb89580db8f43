import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type BcdVolume, gptPartition } from '#boot/bcd/device.ts';
import { installedWindowsStore } from '#boot/bcd/installed-windows.ts';
import { formatStore } from '#boot/bcd/store.ts';
import { windowsBoot } from '../../boot.ts';
import { disksOf } from '../../disk/testing/on-drives.ts';
import { drive, MIB, ntfs, type SimulatedPartition } from '../../disk/testing/simulated-drive.ts';

export const DISK = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const ESP = '11111111-1111-4111-8111-111111111111';
export const OS = '22222222-2222-4222-8222-222222222222';
const EFI_TYPE = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b';

export interface BootMachineOptions {
  readonly firmware?: 'uefi' | 'bios';
  /** What it started by, where its disk is for something else. */
  readonly startedBy?: 'uefi' | 'bios';
  readonly environment?: 'winpe' | 'full-os';
  readonly system?: Partial<SimulatedPartition>;
  readonly secureBoot?: boolean;
  readonly firmwareVariable?: (name: string) => Uint8Array | undefined;
}

/** A Windows machine with a system partition and an applied Windows, each a folder of the host. */
export async function bootMachine({
  firmware = 'uefi',
  startedBy = firmware,
  environment = 'winpe',
  system = {},
  secureBoot = false,
  firmwareVariable = () => undefined,
}: BootMachineOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-boot-'));
  const [esp, os] = [join(folder, 'system'), join(folder, 'os')];
  const put = async (root: string, path: string, bytes: string | Uint8Array = 'x') => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  };
  await mkdir(esp);
  await put(os, 'Windows/System32/config/SYSTEM');
  // As boot configurations write it; the host tells apart what Windows does not.
  for (const name of ['winload.efi', 'winload.exe']) await put(os, `Windows/system32/${name}`);
  await put(os, 'Windows/Boot/EFI/bootmgfw.efi', 'manager of 2011');
  await put(os, 'Windows/Boot/EFI_EX/bootmgfw_EX.efi', 'manager of 2023');
  const mbr = firmware === 'bios';
  const place = { startBytes: MIB, sizeBytes: 260 * MIB };
  const partitions: SimulatedPartition[] = [
    mbr
      ? { ...place, code: '7', active: true, fileSystem: 'NTFS', folder: esp, ...system }
      : { ...place, code: EFI_TYPE, guid: ESP, fileSystem: 'FAT32', folder: esp, ...system },
    mbr ? { ...ntfs(OS), guid: undefined, code: '7', folder: os } : ntfs(OS, { folder: os }),
  ].map(({ guid, ...rest }) => (guid === undefined ? rest : { ...rest, guid }));
  const style = mbr ? 'mbr' : 'gpt';
  const made = disksOf([drive(0, { style, tableId: mbr ? '0badcafe' : DISK, partitions })]);
  const boot = windowsBoot(
    {
      ...made.parts,
      identity: { architecture: 'x64', firmware: startedBy, secureBoot },
      firmwareVariable,
      settings: { environment },
      rootOf: (letter) => partitions.find((each) => each.letter === letter)?.folder ?? '',
    },
    made,
  );
  const windows: BcdVolume = mbr
    ? { kind: 'mbr-partition', diskSignature: 0x0badcafe, offsetBytes: BigInt(1024 * MIB) }
    : gptPartition(OS, DISK);
  /** What bcdboot writes, for the Windows on that partition. */
  const bcdboot = async (
    volume: BcdVolume = windows,
    manager: string | Uint8Array = 'manager of 2023',
  ) => {
    const store = installedWindowsStore({
      firmware,
      system: volume,
      windows: volume,
      description: 'Windows',
      locale: 'en-US',
      loader: '44444444-4444-4444-8444-444444444444',
      resume: '55555555-5555-4555-8555-555555555555',
    });
    const bytes = formatStore(store, 0n);
    await put(esp, mbr ? 'Boot/BCD' : 'EFI/Microsoft/Boot/BCD', bytes);
    if (mbr) await put(esp, 'bootmgr');
    else await put(esp, 'EFI/Microsoft/Boot/bootmgfw.efi', manager);
    return {};
  };
  const ids = mbr
    ? { systemVolume: 'mbr:0badcafe-1', osVolume: 'mbr:0badcafe-2' }
    : { systemVolume: `gpt:${ESP}`, osVolume: `gpt:${OS}` };
  const remove = async () => rm(folder, { recursive: true, force: true });
  return { ...made, boot, esp, os, put, bcdboot, ids, partitions, [Symbol.asyncDispose]: remove };
}
