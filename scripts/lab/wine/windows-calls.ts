import { LabDisk, type LabPartition } from './disks.ts';
import {
  deviceDescriptor,
  driveLayout,
  geometry,
  smbiosTable,
  volumeExtents,
} from './driver-answers.ts';
import type { StandInCalls } from './stand-in-server.ts';

/** winerror.h */
const ERROR_FILE_NOT_FOUND = 2;
const ERROR_NOT_SUPPORTED = 50;
const ERROR_UNRECOGNIZED_VOLUME = 1005;
/** Control codes (winioctl.h). */
const control = {
  geometry: 0x000700a0,
  layout: 0x00070050,
  attributes: 0x000700f0,
  isWritable: 0x00070024,
  property: 0x002d1400,
  extents: 0x00560000,
} as const;

/** The calls that see disks and volumes, on a machine with one disk. */
export function windowsCalls(
  disk: LabDisk,
  system: { readonly uuid: string; readonly serial: string },
): StandInCalls {
  const partitions = async (): Promise<readonly LabPartition[]> =>
    ((await disk.table())?.partitions ?? []).filter((each) => LabDisk.isVolume(each));
  const find = async (name: string): Promise<LabPartition | undefined> => {
    const [, guid] = /Volume\{([0-9a-f-]+)\}/i.exec(name) ?? [];
    return (await partitions()).find((each) => each.guid === guid?.toLowerCase());
  };
  const open = (guid: string) => disk.volumes.find((each) => each.guid === guid);

  const volumeControl = async (device: string, code: number): Promise<Uint8Array | number> => {
    const partition = await find(device);
    if (partition === undefined) return ERROR_FILE_NOT_FOUND;
    return code === control.extents ? volumeExtents(partition) : ERROR_NOT_SUPPORTED;
  };
  const diskControl = async (code: number, input: Buffer): Promise<Uint8Array | number> => {
    switch (code) {
      case control.geometry:
        return geometry(disk.sizeBytes);
      case control.layout:
        return driveLayout(await disk.table());
      case control.attributes:
        return Buffer.alloc(16);
      case control.isWritable:
        return Buffer.alloc(0);
      case control.property:
        return input.readUInt32LE(0) === 0
          ? deviceDescriptor(`${system.serial}-D0`)
          : ERROR_NOT_SUPPORTED;
      default:
        return ERROR_NOT_SUPPORTED;
    }
  };

  return async (what, [first = '', second = '', third = '']) => {
    switch (what) {
      case 'smbios':
        return smbiosTable(system);
      case 'volumes':
        return texts((await partitions()).map(({ guid }) => `\\\\?\\Volume{${guid}}\\`));
      case 'mount-points': {
        const partition = await find(first);
        const letter = partition && open(partition.guid)?.letter;
        if (partition === undefined) return ERROR_FILE_NOT_FOUND;
        return texts(letter === undefined ? [] : [`${letter}:\\`]);
      }
      case 'information': {
        const volume = open((await find(first))?.guid ?? '');
        return volume === undefined
          ? ERROR_UNRECOGNIZED_VOLUME
          : texts([volume.fileSystem, volume.label]);
      }
      case 'set-label':
        return ERROR_NOT_SUPPORTED;
      case 'set-mount-point': {
        const partition = await find(second);
        if (partition === undefined) return ERROR_FILE_NOT_FOUND;
        await disk.setLetter(partition.guid, first.charAt(0).toUpperCase());
        return Buffer.alloc(0);
      }
      case 'remove-mount-point': {
        const volume = disk.volumes.find(({ letter }) => letter === first.charAt(0).toUpperCase());
        if (volume === undefined) return ERROR_FILE_NOT_FOUND;
        await disk.setLetter(volume.guid, undefined);
        return Buffer.alloc(0);
      }
      case 'open':
        if (/PhysicalDrive0$/i.test(first)) return Buffer.alloc(0);
        return (await find(first)) === undefined ? ERROR_FILE_NOT_FOUND : Buffer.alloc(0);
      case 'flush':
        return Buffer.alloc(0);
      case 'control': {
        const code = Number.parseInt(second, 16);
        if (/PhysicalDrive0$/i.test(first)) return diskControl(code, Buffer.from(third, 'hex'));
        return volumeControl(first, code);
      }
      default:
        return ERROR_NOT_SUPPORTED;
    }
  };
}

/** Each with the 0 that ends it. */
function texts(all: readonly string[]): Uint8Array {
  return Buffer.from(all.map((text) => `${text}\0`).join(''));
}
