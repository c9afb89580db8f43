import { readFile } from 'node:fs/promises';
import { BcdError } from '#boot/bcd/bcd-error.ts';
import type { BcdVolume } from '#boot/bcd/device.ts';
import { wellKnown } from '#boot/bcd/object-kinds.ts';
import { type BcdObject, type BcdStore, parseStore } from '#boot/bcd/store.ts';
import { below } from '../../below.ts';
import type { ScannedDisk, ScannedVolume } from '../disk/drives.ts';

/** Elements by id, as in boot/bcd/element-names.ts. */
const element = { default: 0x2300_0003, path: 0x1200_0002, osdevice: 0x2100_0001 } as const;

/** What the boot manager starts unless it is told otherwise. */
export interface DefaultLoader {
  /** Where its Windows is; undefined of a device that is no partition. */
  readonly partition: Exclude<BcdVolume, { kind: 'boot' }> | undefined;
  /** `\Windows\system32\winload.efi` */
  readonly path: string;
}

/** Partitions of the firmware: EFI ones, or the active ones of a BIOS machine. */
export function systemVolumes(
  disks: readonly ScannedDisk[],
  firmware: 'uefi' | 'bios',
): readonly ScannedVolume[] {
  return disks
    .flatMap(({ volumes }) => volumes)
    .filter(({ partition, name }) => {
      const isSystem = firmware === 'uefi' ? partition.type === 'efi' : partition.active === true;
      return isSystem && name !== undefined && partition.fileSystem !== '';
    });
}

/** Path of the store on a system partition. */
export function storePath(root: string, firmware: 'uefi' | 'bios'): string {
  return firmware === 'uefi'
    ? below(root, 'EFI', 'Microsoft', 'Boot', 'BCD')
    : below(root, 'Boot', 'BCD');
}

/** The store of a system partition; undefined where there is none, or none that can be read now. */
export async function readStore(path: string): Promise<BcdStore | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    return parseStore(bytes);
  } catch (error) {
    if (error instanceof BcdError) return undefined;
    throw error;
  }
}

/** Undefined where the store has no default, or one that is not there. */
export function defaultLoader(store: BcdStore): DefaultLoader | undefined {
  const bootManager = store.objects.find(({ id }) => id === wellKnown.bootmgr);
  const named = bootManager && valueOf(bootManager, element.default);
  if (named?.kind !== 'object') return undefined;
  const loader = store.objects.find(({ id }) => id === named.object);
  if (loader === undefined) return undefined;
  const device = valueOf(loader, element.osdevice);
  const path = valueOf(loader, element.path);
  const volume = device?.kind === 'device' ? device.device : undefined;
  const isPartition = volume?.kind === 'gpt-partition' || volume?.kind === 'mbr-partition';
  return {
    partition: isPartition ? volume : undefined,
    path: path?.kind === 'string' ? path.text : '',
  };
}

/** Whether a device of a store is that partition. */
export function isSameVolume(
  device: BcdVolume | undefined,
  disk: Pick<ScannedDisk, 'tableId'>,
  volume: Pick<ScannedVolume, 'guid' | 'startBytes'>,
): boolean {
  if (device?.kind === 'gpt-partition')
    return device.partition === volume.guid && device.disk === disk.tableId;
  if (device?.kind !== 'mbr-partition') return false;
  const signature = device.diskSignature.toString(16).padStart(8, '0');
  return signature === disk.tableId && device.offsetBytes === BigInt(volume.startBytes);
}

function valueOf({ elements }: BcdObject, wanted: number) {
  return elements.find(({ id }) => id === wanted)?.value;
}
