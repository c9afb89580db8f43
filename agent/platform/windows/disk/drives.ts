import type { Disk, Partition } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { GPT_HIDDEN_BIT, partitionTypeOf } from '../../partition-type.ts';
import type { Win32 } from '../win32.ts';
import {
  control,
  type DriveLayout,
  type LayoutEntry,
  parseAttributes,
  parseDevice,
  parseExtent,
  parseGeometry,
  parseLayout,
  parseScsiAddress,
  parseWorldWideName,
  property,
  propertyQuery,
} from './drive-answers.ts';

/** The calls that disks are seen by. */
export type DriveCalls = Pick<
  Win32,
  'deviceControl' | 'volumes' | 'mountPoints' | 'volumeInformation'
>;

/** A disk with what Windows calls it now; numbers and letters move, ids do not. */
export interface ScannedDisk {
  readonly disk: Disk;
  readonly style: DriveLayout['style'];
  /** GUID of the GPT or signature of the MBR; null of a disk without a table. */
  readonly tableId: string | null;
  readonly volumes: readonly ScannedVolume[];
}
export interface ScannedVolume {
  readonly partition: Partition;
  /** Number that diskpart has for it. */
  readonly windowsNumber: number;
  readonly startBytes: number;
  /** GUID of a GPT partition. */
  readonly guid: string | undefined;
  /** `\\?\Volume{…}\`; undefined where Windows makes no volume of it, as of reserved and extended ones. */
  readonly name: string | undefined;
}

/** Disks have numbers from 0, with gaps where one was unplugged. */
const MAX_DISKS = 128;
const LAYOUT_BYTES = 48 + 144 * 256;
/** Partitions of dynamic disks (LDM): MBR type, and the GPT types of metadata and data. */
const LDM_CODES = [
  '42',
  '5808c8aa-7e8f-42e0-85d2-e1e90434cfb3',
  'af9b60a0-1431-4f62-bc68-3311714a69ad',
];

/** Every disk that has a medium, with its partitions and the volumes on them. @throws {StepError} `windows.call` */
export function scanDrives(calls: DriveCalls): ScannedDisk[] {
  const volumes = volumesByPlace(calls);
  return Array.from({ length: MAX_DISKS }, (_, number) => number).flatMap((number) => {
    const found = scanDrive(number, calls, volumes);
    return found === undefined ? [] : [found];
  });
}

interface FoundVolume {
  readonly name: string;
  readonly letter: string | undefined;
}

/** Volumes by `disk:first byte`. */
function volumesByPlace(calls: DriveCalls): ReadonlyMap<string, FoundVolume> {
  const found = new Map<string, FoundVolume>();
  for (const name of calls.volumes()) {
    // With its last backslash the name is that of the root folder, not of the volume.
    const device = name.replace(/\\$/, '');
    const answer = calls.deviceControl(device, { code: control.extents, outputBytes: 1024 });
    const extent = answer && parseExtent(answer);
    if (!extent) continue;
    const letter = calls
      .mountPoints(name)
      .flatMap((point) => /^([A-Z]):\\$/i.exec(point)?.[1] ?? [])[0];
    found.set(placeOf(extent.disk, extent.startBytes), { name, letter: letter?.toUpperCase() });
  }
  return found;
}

function scanDrive(
  number: number,
  calls: DriveCalls,
  found: ReadonlyMap<string, FoundVolume>,
): ScannedDisk | undefined {
  const device = `\\\\.\\PhysicalDrive${number}`;
  const ask = (code: number, outputBytes = 4096, input: Uint8Array = new Uint8Array()) =>
    calls.deviceControl(device, { code, input, outputBytes });
  const geometry = parsed(ask(control.geometry), parseGeometry);
  if (geometry === undefined || geometry.sizeBytes <= 0) return undefined;
  const descriptor = parsed(
    ask(control.property, 4096, propertyQuery(property.device)),
    parseDevice,
  ) ?? { model: '', serial: '', removable: false, bus: 'other' as const };
  const layout = parsed(ask(control.layout, LAYOUT_BYTES), parseLayout) ?? {
    style: 'raw' as const,
    id: null,
    entries: [],
  };
  const notes = parsed(ask(control.attributes), parseAttributes);
  // Of a disk that Windows keeps offline or read-only by its own notes, it cannot be told: these are lifted first.
  const isNoted = notes?.offline === true || notes?.readOnly === true;
  const readOnly = !isNoted && ask(control.isWritable, 16) === undefined;
  const wwn = parsed(
    ask(control.property, 4096, propertyQuery(property.deviceId)),
    parseWorldWideName,
  );
  const { model, serial } = descriptor;
  const place = parsed(ask(control.scsiAddress, 8), parseScsiAddress) ?? `number:${number}`;
  const volumes = layout.entries
    .map((entry) => scanVolume(entry, layout, found.get(placeOf(number, entry.startBytes)), calls))
    .toSorted((one, other) => one.partition.number - other.partition.number);
  const isDynamic = layout.entries.some(({ code }) => LDM_CODES.includes(code));
  return {
    style: layout.style,
    tableId: layout.id,
    volumes,
    disk: {
      number,
      id: wwn ?? (serial === '' ? `path:${place}` : `serial:${model}:${serial}`),
      model,
      serial,
      sizeBytes: geometry.sizeBytes,
      sectorBytes: geometry.sectorBytes,
      readOnly,
      removable: descriptor.removable,
      bus: descriptor.bus,
      signatures: isDynamic ? ['ldm'] : [],
      partitions: volumes.map(({ partition }) => partition),
    },
  };
}

function scanVolume(
  entry: LayoutEntry,
  { style, id }: DriveLayout,
  found: FoundVolume | undefined,
  calls: DriveCalls,
): ScannedVolume {
  const { tableNumber, code, guid, startBytes, sizeBytes, active } = entry;
  const hidden = ((entry.attributes >> BigInt(GPT_HIDDEN_BIT)) & 1n) === 1n;
  const information = found && calls.volumeInformation(found.name);
  return {
    windowsNumber: entry.number,
    startBytes,
    guid,
    name: found?.name,
    partition: {
      number: tableNumber,
      volume: guid === undefined ? `mbr:${id ?? '00000000'}-${tableNumber}` : `gpt:${guid}`,
      type: partitionTypeOf(style === 'gpt' ? 'gpt' : 'dos', code, {
        number: tableNumber,
        hidden,
      }),
      label: information?.label || (entry.name === 'Basic data partition' ? '' : entry.name),
      sizeBytes,
      fileSystem: information?.fileSystem.toLowerCase() ?? '',
      ...(style === 'mbr' ? { active } : {}),
      ...(found?.letter === undefined ? {} : { letter: found.letter }),
    },
  };
}

function parsed<Value>(
  answer: Uint8Array | undefined,
  parse: (answer: Uint8Array) => Value | undefined,
): Value | undefined {
  return answer && parse(answer);
}

function placeOf(disk: number, startBytes: number): string {
  return `${disk}:${startBytes}`;
}

/** The calls of this Windows. @throws {StepError} `disk.no-calls` where Node makes none */
export function driveCalls<Calls>(win32: Calls | undefined): Calls {
  if (win32 !== undefined) return win32;
  throw new StepError('disk.no-calls', 'The agent cannot ask Windows for its disks', {
    hint: 'Report it with the log of the run: this build of the agent has no calls of Windows.',
  });
}
