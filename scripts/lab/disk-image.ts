import { z } from 'zod';
import { runCommand } from './child.ts';

/** Reads disks of machines that are switched off, with tools that need neither mounts nor loop devices. */
const SfdiskReport = z.object({
  partitiontable: z.object({
    label: z.string(),
    sectorsize: z.int().default(512),
    partitions: z.array(
      z.object({
        start: z.int(),
        size: z.int(),
        type: z.string(),
        uuid: z.string().optional(),
        name: z.string().default(''),
      }),
    ),
  }),
});

/** One partition of a disk image. */
export interface ImagePartition {
  readonly number: number;
  /** GPT type GUID, upper case. */
  readonly type: string;
  readonly name: string;
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/** GPT type of an EFI system partition (UEFI 2.10, table 5-7). */
export const ESP_TYPE = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B';

/** The partition table as sfdisk reads it. @throws {CommandError} where there is none */
export async function readPartitions(image: string): Promise<ImagePartition[]> {
  const json = await runCommand(['sfdisk', '--json', image]);
  const table = SfdiskReport.parse(JSON.parse(json)).partitiontable;
  return table.partitions.map((partition, index) => ({
    number: index + 1,
    type: partition.type.toUpperCase(),
    name: partition.name,
    startBytes: partition.start * table.sectorsize,
    sizeBytes: partition.size * table.sectorsize,
  }));
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
