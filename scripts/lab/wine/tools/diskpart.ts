import { LabDisk, type LabPartition } from '../disks.ts';
import { MODEL } from '../driver-answers.ts';
import type { StandInTool } from '../stand-in-server.ts';
import type { PrintedForms } from './printed-forms.ts';

/** diskpart's own: the arguments were wrong, an error of a device or service. */
const BAD_SCRIPT = 87;
const FAILED = 0x80070015;

/** Words of `create partition`, as sgdisk's type codes. */
const typeCodes: Readonly<Record<string, string>> = { efi: 'ef00', msr: '0c01', primary: '0700' };

/** Stands for diskpart: reads its script and does it on a real partition table and real file systems. */
export function diskpart(disk: LabDisk, forms: PrintedForms): StandInTool {
  return async ({ words, files }) => {
    const at = words.findIndex((word) => word.toLowerCase() === '/s');
    const script = files.get(words[at + 1] ?? '');
    if (at === -1 || script === undefined) return BAD_SCRIPT;
    const lines = Buffer.from(script).toString('latin1').split(/\r?\n/);
    const session = { disk, forms, selected: false, partition: undefined };
    let output = forms.diskpartHeader;
    for (const line of lines.map((each) => each.trim()).filter((each) => each !== '')) {
      const told = await run(line, session);
      if (told === undefined) return FAILED;
      output += `\r\n${told}\r\n`;
    }
    return output;
  };
}

interface Session {
  readonly disk: LabDisk;
  readonly forms: PrintedForms;
  selected: boolean;
  /** GUID of the partition that has the focus. */
  partition: string | undefined;
}

/** What a line prints; undefined when it fails, which ends the script. */
async function run(line: string, session: Session): Promise<string | undefined> {
  const noerr = line.endsWith(' noerr');
  const command = line.replace(/ noerr$/, '');
  const done = await obey(command, session);
  if (done !== undefined) return done;
  return noerr ? 'DiskPart has encountered an error.' : undefined;
}

async function obey(line: string, session: Session): Promise<string | undefined> {
  const { disk, forms } = session;
  const [, wanted] = /^select (?:disk|volume|partition) (\S+)$/.exec(line) ?? [];
  if (line.startsWith('select disk')) {
    session.selected = wanted === '0';
    return session.selected ? 'Disk 0 is now the selected disk.' : undefined;
  }
  if (line.startsWith('select volume')) {
    session.partition = disk.volumes.find(({ letter }) => letter === wanted)?.guid;
    return session.partition && `Volume ${wanted} is the selected volume.`;
  }
  if (line === 'list disk')
    return forms.diskTable(disk.sizeBytes, (await disk.table()) !== undefined, session.selected);
  if (!session.selected && session.partition === undefined) return undefined;
  if (line === 'detail disk') return detail((await disk.table())?.id);
  if (line.startsWith('select partition')) {
    session.partition = (await disk.table())?.partitions.find(
      ({ number }) => number === Number(wanted),
    )?.guid;
    return session.partition && `Partition ${wanted} is now the selected partition.`;
  }
  if (line === 'attributes disk clear readonly') return 'Disk attributes cleared successfully.';
  // As of a disk that is online already.
  if (line === 'online disk') return undefined;
  if (line === 'clean') {
    await disk.erase();
    return 'DiskPart succeeded in cleaning the disk.';
  }
  if (line === 'convert gpt') {
    await disk.sgdisk('--clear');
    return 'DiskPart successfully converted the selected disk to GPT format.';
  }
  if (line.startsWith('create partition')) return create(line, session);
  const partition = (await disk.table())?.partitions.find(({ guid }) => guid === session.partition);
  return partition && onPartition(line, partition, disk);
}

async function create(line: string, session: Session): Promise<string | undefined> {
  const [, kind = '', size] = /^create partition (\S+)(?: size=(\d+))?$/.exec(line) ?? [];
  const code = typeCodes[kind];
  if (code === undefined) return undefined;
  const before = new Set((await session.disk.table())?.partitions.map(({ guid }) => guid));
  await session.disk.sgdisk('--new', `0:0:${size === undefined ? '0' : `+${size}M`}`);
  const made = (await session.disk.table())?.partitions.find(({ guid }) => !before.has(guid));
  if (made === undefined) return undefined;
  await session.disk.sgdisk('--typecode', `${made.number}:${code}`);
  session.partition = made.guid;
  return 'DiskPart succeeded in creating the specified partition.';
}

async function onPartition(
  line: string,
  partition: LabPartition,
  disk: LabDisk,
): Promise<string | undefined> {
  const { number, guid } = partition;
  if (line.startsWith('format')) {
    const [, fileSystem = ''] = /fs=(\w+)/.exec(line) ?? [];
    const [, label = ''] = /label="([^"]*)"/.exec(line) ?? [];
    if (!LabDisk.isVolume(partition)) return undefined;
    await disk.format(partition, fileSystem.toLowerCase() === 'ntfs' ? 'NTFS' : 'FAT32', label);
    return '  100 percent completed\r\n\r\nDiskPart successfully formatted the volume.';
  }
  const [, letter] = /^assign(?: letter=(\w))?$/.exec(line) ?? [undefined, undefined];
  if (line.startsWith('assign')) {
    await disk.setLetter(guid, letter ?? (await disk.freeLetter()));
    return 'DiskPart successfully assigned the drive letter or mount point.';
  }
  if (line === 'remove') {
    if (disk.volumes.find((each) => each.guid === guid)?.letter === undefined) return undefined;
    await disk.setLetter(guid, undefined);
    return 'DiskPart successfully removed the drive letter or mount point.';
  }
  const [, id] = /^set id=(\S+)/.exec(line) ?? [];
  if (id !== undefined) {
    await disk.sgdisk('--typecode', `${number}:${id}`);
    return 'DiskPart successfully set the partition ID.';
  }
  const [, bits] = /^gpt attributes=(0x[0-9a-f]+)$/i.exec(line) ?? [];
  if (bits !== undefined) {
    await disk.sgdisk('--attributes', `${number}:=:${bits.slice(2)}`);
    return 'DiskPart successfully assigned the attributes to the selected GPT partition.';
  }
  if (line === 'delete partition override') {
    await disk.sgdisk('--delete', String(number));
    return 'DiskPart successfully deleted the selected partition.';
  }
  return undefined;
}

function detail(id: string | undefined): string {
  const flags = [
    'Current Read-only State',
    'Read-only',
    'Boot Disk',
    'Pagefile Disk',
    'Hibernation File Disk',
    'Crashdump Disk',
    'Clustered Disk',
  ];
  return [
    `${MODEL} ATA Device`,
    `Disk ID: ${id === undefined ? '00000000' : `{${id.toUpperCase()}}`}`,
    'Type   : SATA',
    'Status : Online',
    'Path   : 0',
    'Target : 0',
    'LUN ID : 0',
    'Location Path : PCIROOT(0)#ATA(C00T00L00)',
    ...flags.map((flag) => `${flag}  : No`),
    '',
    'There are no volumes.',
  ].join('\r\n');
}
