/**
 * The headers of a program of Windows or UEFI (PE format, "COFF File Header" and "Optional Header"): what it
 * runs on, and where its parts are. Only headers are read and each read is bounded: the file may lie, and
 * may be an image of many gigabytes.
 */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

/** Where something begins and how many bytes it has; `at` is an RVA, or an offset where that is said. */
interface PeRange {
  readonly at: number;
  readonly size: number;
}

export interface PeSection {
  readonly virtualAddress: number;
  readonly rawOffset: number;
  readonly rawSize: number;
}

/** What the headers of one program say. */
export interface PeHeader {
  /** IMAGE_FILE_MACHINE_*, of which `peArchitecture` names the known ones. */
  readonly machine: number;
  /** IMAGE_SUBSYSTEM_*: `peSubsystem`. */
  readonly subsystem: number;
  readonly sections: readonly PeSection[];
  /** The resource directory. */
  readonly resources: PeRange | undefined;
  /** The Authenticode signature. Unlike all others this directory has an offset in the file. */
  readonly signature: PeRange | undefined;
  /** Offset in the file of the optional header's CheckSum, 4 bytes. */
  readonly checksumOffset: number;
  /** Offset in the file of the signature's directory entry, 8 bytes. */
  readonly signatureEntryOffset: number | undefined;
}

/** The architectures that machines here have, by IMAGE_FILE_MACHINE_*. */
export const peArchitecture: ReadonlyMap<number, 'x86' | 'x64' | 'arm64'> = new Map([
  [0x014c, 'x86'],
  [0x8664, 'x64'],
  [0xaa64, 'arm64'],
] as const);

/** IMAGE_SUBSYSTEM_*, those that are met here. */
export const peSubsystem = { gui: 2, console: 3, efiApplication: 10, bootApplication: 16 } as const;

const PE_SIGNATURE = 0x00004550;
const RESOURCES = 2;
const SIGNATURE = 4;
/** The loader takes no more (PE format, "COFF File Header"). */
const MAX_SECTIONS = 96;

/** The headers, or null for what is no program. Throws only what `read` throws. */
export async function readPeHeader(read: ReadAt): Promise<PeHeader | null> {
  const view = peView(read);
  const dos = await view(0, 0x40);
  if (dos?.getUint16(0, true) !== 0x5a4d) return null;
  const pe = dos.getUint32(0x3c, true);
  const coff = await view(pe, 24);
  if (coff?.getUint32(0, true) !== PE_SIGNATURE) return null;
  const sectionCount = Math.min(coff.getUint16(6, true), MAX_SECTIONS);
  const optionalSize = coff.getUint16(20, true);
  const optional = await view(pe + 24, optionalSize);
  const table = await view(pe + 24 + optionalSize, sectionCount * 40);
  if (!optional || !table || optionalSize < 2) return null;
  // PE32, PE32+: where the data directories begin; the count of them is in the four bytes before.
  const directories = { 0x10b: 96, 0x20b: 112 }[optional.getUint16(0, true)];
  if (directories === undefined || optionalSize < directories) return null;
  const count = optional.getUint32(directories - 4, true);
  const entryAt = (index: number): number | undefined => {
    const at = directories + 8 * index;
    return index < count && at + 8 <= optionalSize ? at : undefined;
  };
  const range = (index: number): PeRange | undefined => {
    const at = entryAt(index);
    if (at === undefined) return undefined;
    const [start, size] = [optional.getUint32(at, true), optional.getUint32(at + 4, true)];
    return start === 0 ? undefined : { at: start, size };
  };
  const signatureEntry = entryAt(SIGNATURE);
  return {
    machine: coff.getUint16(4, true),
    subsystem: optional.getUint16(68, true),
    sections: Array.from({ length: sectionCount }, (_none, index) => section(table, index * 40)),
    resources: range(RESOURCES),
    signature: range(SIGNATURE),
    checksumOffset: pe + 24 + 64,
    signatureEntryOffset: signatureEntry === undefined ? undefined : pe + 24 + signatureEntry,
  };
}

/** A reader of exact lengths: undefined where the file ends before. */
export function peView(
  read: ReadAt,
): (offset: number, length: number) => Promise<DataView | undefined> {
  return async (offset, length) => {
    const bytes = await read(offset, length);
    return bytes.length < length
      ? undefined
      : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

function section(table: DataView, at: number): PeSection {
  return {
    virtualAddress: table.getUint32(at + 12, true),
    rawSize: table.getUint32(at + 16, true),
    rawOffset: table.getUint32(at + 20, true),
  };
}
