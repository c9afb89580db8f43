import { smbiosGuidFromBytes } from '../../protocol/identity.ts';
import {
  byteAt,
  dwordAt,
  parseSmbiosTable,
  type SmbiosStructure,
  stringAt,
  wordAt,
} from './table.ts';

/** Name, maker and numbers that most structures have. Strings are as the maker left them. */
interface SmbiosPart {
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly version: string | null;
  readonly serialNumber: string | null;
  readonly assetTag: string | null;
}
export interface SmbiosBios {
  readonly vendor: string | null;
  readonly version: string | null;
  /** `04/21/2020`. */
  readonly releaseDate: string | null;
  readonly release: readonly [number, number] | null;
}
export interface SmbiosSystem extends SmbiosPart {
  /** In reading order, lower case. */
  readonly uuid: string | null;
  readonly sku: string | null;
  readonly family: string | null;
}
interface SmbiosEnclosure extends SmbiosPart {
  /** Chassis type without its lock bit (DSP0134, 7.4.1). */
  readonly chassisType: number | null;
  readonly sku: string | null;
}
export interface SmbiosProcessor {
  /** Its name as the firmware has it; kernels of ARM machines know none. */
  readonly name: string | null;
  readonly socket: string | null;
  /** EDX, then EAX, of CPUID function 1, as WMI prints it. */
  readonly id: string | null;
  readonly currentMhz: number | null;
}
interface SmbiosMemory {
  readonly locator: string | null;
  readonly bank: string | null;
  readonly manufacturer: string | null;
  readonly serialNumber: string | null;
  readonly partNumber: string | null;
  readonly sizeBytes: bigint;
  readonly speed: number | null;
  readonly configuredSpeed: number | null;
  readonly type: number | null;
}
/** What SMBIOS says of a machine: structures 0 to 4, 16 and 17. */
export interface SmbiosFacts {
  readonly bios: SmbiosBios | null;
  readonly system: SmbiosSystem | null;
  readonly boards: readonly SmbiosPart[];
  readonly enclosures: readonly SmbiosEnclosure[];
  readonly processors: readonly SmbiosProcessor[];
  /** Slots of system memory. */
  readonly memorySlots: number | null;
  /** Filled slots. */
  readonly memory: readonly SmbiosMemory[];
}

/** Reads the facts out of a raw table (DSP0134, section 7). Never throws; what is not there is null. */
export function readSmbios(table: Uint8Array): SmbiosFacts {
  const structures = parseSmbiosTable(table);
  const of = (type: number) => structures.filter((structure) => structure.type === type);
  const [bios] = of(0).map(biosOf);
  const [system] = of(1).map(systemOf);
  const arrays = of(16).filter((array) => byteAt(array, 0x05) === 3);
  return {
    bios: bios ?? null,
    system: system ?? null,
    boards: of(2).map((board) => ({ ...partOf(board), assetTag: stringAt(board, 0x08) })),
    enclosures: of(3).map(enclosureOf),
    // Populated sockets of central processors only.
    processors: of(4)
      .filter(({ formatted }) => formatted.byteLength > 0x18 && formatted.getUint8(0x05) === 3)
      .filter((processor) => ((byteAt(processor, 0x18) ?? 0) & 0x40) !== 0)
      .map(processorOf),
    memorySlots:
      arrays.length === 0
        ? null
        : arrays.reduce((sum, array) => sum + (wordAt(array, 0x0d) ?? 0), 0),
    memory: of(17)
      .map(memoryOf)
      .filter(({ sizeBytes }) => sizeBytes > 0n),
  };
}

function partOf(structure: SmbiosStructure): SmbiosPart {
  return {
    manufacturer: stringAt(structure, 0x04),
    product: stringAt(structure, 0x05),
    version: stringAt(structure, 0x06),
    serialNumber: stringAt(structure, 0x07),
    assetTag: null,
  };
}

function biosOf(bios: SmbiosStructure): SmbiosBios {
  const major = byteAt(bios, 0x14) ?? 0xff;
  const minor = byteAt(bios, 0x15) ?? 0xff;
  return {
    vendor: stringAt(bios, 0x04),
    version: stringAt(bios, 0x05),
    releaseDate: stringAt(bios, 0x08),
    // 0xff in both: not told.
    release: major === 0xff && minor === 0xff ? null : [major, minor],
  };
}

function systemOf(system: SmbiosStructure): SmbiosSystem {
  const { formatted } = system;
  const bytes =
    formatted.byteLength < 0x18
      ? undefined
      : new Uint8Array(formatted.buffer, formatted.byteOffset + 0x08, 16);
  return {
    ...partOf(system),
    uuid: (bytes && smbiosGuidFromBytes(bytes)) ?? null,
    sku: stringAt(system, 0x19),
    family: stringAt(system, 0x1a),
  };
}

function enclosureOf(enclosure: SmbiosStructure): SmbiosEnclosure {
  const type = byteAt(enclosure, 0x05);
  const elements = (byteAt(enclosure, 0x13) ?? 0) * (byteAt(enclosure, 0x14) ?? 0);
  return {
    ...partOf(enclosure),
    product: null,
    assetTag: stringAt(enclosure, 0x08),
    chassisType: type === undefined ? null : type & 0x7f,
    // Behind the contained elements.
    sku: stringAt(enclosure, 0x15 + elements),
  };
}

function processorOf(processor: SmbiosStructure): SmbiosProcessor {
  const hex = (offset: number): string =>
    (dwordAt(processor, offset) ?? 0).toString(16).toUpperCase().padStart(8, '0');
  return {
    name: stringAt(processor, 0x10),
    socket: stringAt(processor, 0x04),
    id: dwordAt(processor, 0x0c) === undefined ? null : hex(0x0c) + hex(0x08),
    currentMhz: wordAt(processor, 0x16) || null,
  };
}

function memoryOf(memory: SmbiosStructure): SmbiosMemory {
  const size = wordAt(memory, 0x0c) ?? 0;
  const extended = (dwordAt(memory, 0x1c) ?? 0) & 0x7fffffff;
  const megabytes = size === 0x7fff ? extended : size & 0x7fff;
  const unit = size !== 0x7fff && size > 0x7fff ? 1024n : 1024n * 1024n;
  return {
    locator: stringAt(memory, 0x10),
    bank: stringAt(memory, 0x11),
    manufacturer: stringAt(memory, 0x17),
    serialNumber: stringAt(memory, 0x18),
    partNumber: stringAt(memory, 0x1a),
    // 0xffff: there is a module whose size is not known.
    sizeBytes: size === 0xffff ? 0n : BigInt(megabytes) * unit,
    speed: wordAt(memory, 0x15) || null,
    configuredSpeed: wordAt(memory, 0x20) || null,
    type: byteAt(memory, 0x12) ?? null,
  };
}
