import { randomUUID } from 'node:crypto';
import type { ToolRun } from '../../run-tool.ts';
import { MIB, type SimulatedDrive, type SimulatedPartition } from './simulated-drive.ts';

/** How diskpart fails, or lies. */
export interface DiskpartFaults {
  /** Ends well and does none of what the lines that match say. */
  ignores?: RegExp;
  /** Exit code for the scripts that match, as often as said. */
  busy?: { script: RegExp; times: number };
  /** Puts a reserved partition on a disk that becomes GPT. */
  reserves?: boolean;
  /** Called for each partition that is formatted. */
  formats?: (partition: SimulatedPartition) => void;
  /** Called before each script. */
  before?: (script: string) => void;
}

const types: Readonly<Record<string, { readonly gpt: string; readonly mbr: string }>> = {
  primary: { gpt: 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7', mbr: '7' },
  efi: { gpt: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', mbr: 'ef' },
  msr: { gpt: 'e3c9e316-0b5c-4db8-817d-f92df00215ae', mbr: '7' },
  extended: { gpt: '', mbr: 'f' },
  logical: { gpt: '', mbr: '7' },
};

/** diskpart as far as the agent's scripts need it, with tables in German. */
export function simulatedDiskpart(
  script: string,
  drives: SimulatedDrive[],
  faults: DiskpartFaults,
): Partial<ToolRun> {
  faults.before?.(script);
  if (faults.busy?.script.test(script) && faults.busy.times-- > 0) return { code: 4 };
  const printed: string[] = [];
  let disk: SimulatedDrive | undefined;
  let selected: SimulatedPartition | undefined;
  for (const line of script.split('\n').filter(Boolean)) {
    if (faults.ignores?.test(line)) continue;
    const [word = '', what = '', ...rest] = line.split(' ');
    if (word === 'select' && what === 'disk') {
      disk = drives.find(({ number }) => number === Number(rest[0]));
      if (disk === undefined) return { code: 5, output: 'Der Datenträger ist nicht vorhanden.' };
    } else if (word === 'select' && what === 'volume') {
      const all = drives.flatMap(({ partitions }) => partitions);
      selected = all.find(({ letter }) => letter === rest[0]);
      if (selected === undefined) return { code: 5 };
    } else if (word === 'active' && selected !== undefined) selected.active = true;
    else if (word === 'format' && selected !== undefined) {
      change(selected, line, drives);
      faults.formats?.(selected);
    } else if (disk === undefined) return { code: 5 };
    else if (word === 'select') selected = disk.partitions[Number(rest[0]) - 1];
    else if (word === 'list') printed.push(listDisks(drives, disk));
    else if (word === 'detail') printed.push(detailDisk(disk));
    else if (word === 'clean')
      Object.assign(disk, { style: 'raw', tableId: null, partitions: [], notes: 0 });
    else if (word === 'convert') convert(disk, what === 'gpt' ? 'gpt' : 'mbr', faults);
    else if (word === 'delete')
      disk.partitions = disk.partitions.filter((each) => each !== selected);
    else if (word === 'create') disk.partitions.push((selected = create(disk, rest)));
    else if (selected !== undefined) change(selected, line, drives);
  }
  return { output: printed.join('\r\n') };
}

function convert(disk: SimulatedDrive, style: 'gpt' | 'mbr', { reserves }: DiskpartFaults): void {
  Object.assign(disk, { style, tableId: style === 'gpt' ? randomUUID() : '1a2b3c4d' });
  if (style !== 'gpt' || reserves !== true) return;
  const code = types['msr']?.gpt ?? '';
  disk.partitions = [{ startBytes: MIB, sizeBytes: 16 * MIB, code, guid: randomUUID() }];
}

function create(disk: SimulatedDrive, [kind = '', size]: readonly string[]): SimulatedPartition {
  const logical = kind === 'logical';
  const outer = disk.partitions.find(({ code }) => code === 'f');
  const inside = disk.partitions.filter((each) => each.logical === true);
  const beside = disk.partitions.filter((each) => each.logical !== true);
  const last = (logical ? inside : beside).at(-1);
  const start = last ? last.startBytes + last.sizeBytes : (logical && outer?.startBytes) || MIB;
  const startBytes = logical ? start + MIB : start;
  const end = logical && outer ? outer.startBytes + outer.sizeBytes : disk.sizeBytes - MIB;
  const megabytes = size === undefined ? undefined : Number(size.replace('size=', ''));
  return {
    startBytes,
    sizeBytes: megabytes === undefined ? end - startBytes : megabytes * MIB,
    code: types[kind]?.[disk.style === 'gpt' ? 'gpt' : 'mbr'] ?? '',
    ...(disk.style === 'gpt' ? { guid: randomUUID() } : { logical }),
  };
}

function change(
  selected: SimulatedPartition,
  line: string,
  drives: readonly SimulatedDrive[],
): void {
  const value = (name: string) => new RegExp(`${name}="?([^"\\s]+(?: [^"]+)?)"?`).exec(line)?.[1];
  if (line.startsWith('format')) {
    selected.fileSystem = /fs=(\w+)/.exec(line)?.[1]?.toUpperCase() ?? '';
    selected.label = /label="([^"]*)"/.exec(line)?.[1] ?? '';
  }
  if (line.startsWith('assign')) {
    const used = new Set(drives.flatMap(({ partitions }) => partitions.map((each) => each.letter)));
    selected.letter = value('letter') ?? 'CDEFGHIJK'.split('').find((letter) => !used.has(letter));
  }
  if (line.startsWith('remove')) selected.letter = undefined;
  if (line.startsWith('set id'))
    selected.code = (value('id') ?? '').replace(/^0(?=.$)/, '').split(' ')[0] ?? '';
  if (line === 'active') selected.active = true;
  if (line.startsWith('gpt attributes')) selected.attributes = BigInt(value('attributes') ?? 0);
}

function listDisks(drives: readonly SimulatedDrive[], selected: SimulatedDrive): string {
  const rows = drives.map((each) => {
    const star = each === selected ? '*' : ' ';
    const size = `${Math.round(each.sizeBytes / 1024 ** 3)} GB`.padStart(7);
    const gpt = each.style === 'gpt' ? '        *' : '';
    return `${star} Datenträger ${each.number}    Online         ${size}      0 B${gpt}`;
  });
  const dashes = '  ---------------  -------------  -------  -------  ---  ---';
  return `\r\n  Datenträger ###  Status         Größe    Frei     Dyn  GPT\r\n${dashes}\r\n${rows.join('\r\n')}\r\n`;
}

function detailDisk({ model, style, tableId }: SimulatedDrive): string {
  const id =
    style === 'gpt' ? `{${tableId?.toUpperCase()}}` : (tableId?.toUpperCase() ?? '00000000');
  const flags = ['Aktuell schreibgeschützt', 'Schreibgeschützt', 'Startdatenträger'];
  const more = ['Auslagerungsdatei', 'Ruhezustand', 'Absturzabbild', 'Cluster'];
  return [
    '',
    `${model} NVMe`,
    `Datenträger-ID: ${id}`,
    'Typ: NVMe',
    'Status: Online',
    'Pfad: 0',
    'Ziel: 0',
    'LUN-ID: 0',
    'Speicherortpfad: PCIROOT(0)#PCI(1D00)#NVME(P00T00L00)',
    ...[...flags, ...more].map((flag) => `${flag}: Nein`),
    '',
  ].join('\r\n');
}
