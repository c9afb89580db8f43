/** Reads disks of machines that are switched off, with tools that need neither mounts nor loop devices. */
import { runCommand } from './child.ts';

/** One partition of a disk image. */
export interface ImagePartition {
  readonly number: number;
  /** GPT type GUID, upper case. */
  readonly type: string;
  readonly name: string;
  /** GUID of the partition itself, lower case. */
  readonly guid: string;
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/** partx counts in sectors of 512 bytes, whatever those of the disk are. */
const SECTOR_BYTES = 512;

/** GPT type of an EFI system partition (UEFI 2.10, table 5-7). */
export const ESP_TYPE = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';

/** The partition table as partx reads it; empty where there is none. */
export async function readPartitions(image: string): Promise<ImagePartition[]> {
  const columns = 'NR,START,SECTORS,TYPE,UUID,NAME';
  const output = await runCommand(['partx', '--pairs', '--output', columns, image], {
    accept: [1],
  });
  return output.split('\n').flatMap((line) => {
    const [, number, start, sectors, type, guid, name] =
      /^NR="(\d+)" START="(\d+)" SECTORS="(\d+)" TYPE="([^"]*)" UUID="([^"]*)" NAME="([^"]*)"/.exec(
        line,
      ) ?? [];
    if (number === undefined || type === undefined) return [];
    return {
      number: Number(number),
      type: type.toUpperCase(),
      name: name ?? '',
      guid: guid?.toLowerCase() ?? '',
      startBytes: Number(start) * SECTOR_BYTES,
      sizeBytes: Number(sectors) * SECTOR_BYTES,
    };
  });
}

/** Paths of all files in a FAT volume, `/EFI/BOOT/BOOTX64.EFI`, as mtools lists them. */
export async function listFat(image: string, partition: ImagePartition): Promise<string[]> {
  const output = await runCommand([
    'mdir',
    '-i',
    `${image}@@${partition.startBytes}`,
    '-/',
    '-b',
    '::/',
  ]);
  return output
    .split('\n')
    .map((line) => line.replace(/^::/, '').trim())
    .filter((path) => path !== '' && !path.endsWith('/'));
}

/** A file of an ext4 volume as text, by debugfs; undefined when it is not there. */
export async function readExt4(
  image: string,
  partition: ImagePartition,
  path: string,
): Promise<string | undefined> {
  const text = await debugfs(image, partition, `cat ${path}`);
  return text === '' ? undefined : text;
}

/** Name, mode, owner and size of the files of one directory of an ext4 volume. */
export async function listExt4(
  image: string,
  partition: ImagePartition,
  path: string,
): Promise<string[]> {
  const lines = (await debugfs(image, partition, `ls -p ${path}`)).split('\n');
  // /inode/mode/uid/gid/name/size/
  return lines.flatMap((line) => {
    const name = line.split('/')[5];
    return name === undefined || name === '' || name === '.' || name === '..' ? [] : [name];
  });
}

async function debugfs(image: string, partition: ImagePartition, request: string): Promise<string> {
  return await runCommand(['debugfs', '-R', request, `${image}?offset=${partition.startBytes}`]);
}
