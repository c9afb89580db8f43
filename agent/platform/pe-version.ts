/**
 * The file version of a Windows program, from VS_FIXEDFILEINFO in its resources (PE format, "The .rsrc
 * Section"; VS_VERSIONINFO). Only headers and the resource's own path are read, never the whole file,
 * and each read is bounded: the file may lie, and may be an image of many gigabytes.
 */
export type ReadAt = (offset: number, length: number) => Promise<Uint8Array>;

const PE_SIGNATURE = 0x00004550;
const RESOURCE_DIRECTORY = 2;
const RT_VERSION = 16;
/** The loader takes no more (PE format, "COFF File Header"). */
const MAX_SECTIONS = 96;
const MAX_ENTRIES = 4096;
const FIXED_SIGNATURE = 0xfeef04bd;
/** VS_VERSIONINFO up to the end of its fixed part: 6 bytes, the key, padding, 52 bytes. */
const VERSION_BYTES = 6 + 32 + 4 + 52;

interface Section {
  readonly virtualAddress: number;
  readonly rawOffset: number;
  readonly rawSize: number;
}

/** `10.0.19041.1`, or null for what is no program or has no version. Throws only what `read` throws. */
export async function peFileVersion(read: ReadAt): Promise<string | null> {
  const view = async (offset: number, length: number): Promise<DataView | undefined> => {
    const bytes = await read(offset, length);
    return bytes.length < length
      ? undefined
      : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
  const dos = await view(0, 0x40);
  if (dos?.getUint16(0, true) !== 0x5a4d) return null;
  const pe = dos.getUint32(0x3c, true);
  const coff = await view(pe, 24);
  if (coff?.getUint32(0, true) !== PE_SIGNATURE) return null;
  const sectionCount = Math.min(coff.getUint16(6, true), MAX_SECTIONS);
  const optionalSize = coff.getUint16(20, true);
  const optional = await view(pe + 24, optionalSize);
  const headers = await view(pe + 24 + optionalSize, sectionCount * 40);
  if (!optional || !headers || optionalSize < 2) return null;
  // PE32, PE32+: where the data directories begin; the count of them is in the four bytes before.
  const directories = { 0x10b: 96, 0x20b: 112 }[optional.getUint16(0, true)];
  if (directories === undefined || optionalSize < directories + 8 * (RESOURCE_DIRECTORY + 1))
    return null;
  if (optional.getUint32(directories - 4, true) <= RESOURCE_DIRECTORY) return null;
  const sections = Array.from({ length: sectionCount }, (_none, index): Section => {
    const at = index * 40;
    return {
      virtualAddress: headers.getUint32(at + 12, true),
      rawSize: headers.getUint32(at + 16, true),
      rawOffset: headers.getUint32(at + 20, true),
    };
  });
  const root = fileOffset(sections, optional.getUint32(directories + 8 * RESOURCE_DIRECTORY, true));
  if (root === undefined) return null;
  const resource = await findVersion(view, root);
  const data = resource === undefined ? undefined : fileOffset(sections, resource);
  return data === undefined ? null : fixedVersion(await read(data, VERSION_BYTES));
}

function fileOffset(sections: readonly Section[], rva: number): number | undefined {
  const section = sections.find(
    ({ virtualAddress, rawSize }) => rva >= virtualAddress && rva < virtualAddress + rawSize,
  );
  return section && section.rawOffset + rva - section.virtualAddress;
}

type View = (offset: number, length: number) => Promise<DataView | undefined>;

/** Three levels, type, name and language: no deeper, whatever the tree says. Returns the data's RVA. */
async function findVersion(view: View, root: number): Promise<number | undefined> {
  let at = root;
  for (const level of ['type', 'name', 'language'] as const) {
    const header = await view(at, 16);
    if (!header) return undefined;
    const named = header.getUint16(12, true);
    const count = Math.min(named + header.getUint16(14, true), MAX_ENTRIES);
    const entries = await view(at + 16, count * 8);
    if (!entries) return undefined;
    let next: number | undefined;
    for (let index = 0; index < count && next === undefined; index += 1)
      if (level !== 'type' || entries.getUint32(index * 8, true) === RT_VERSION)
        next = entries.getUint32(index * 8 + 4, true);
    const isFolder = next !== undefined && next >= 0x80000000;
    if (next === undefined || isFolder !== (level !== 'language')) return undefined;
    at = root + (next & 0x7fffffff);
  }
  return (await view(at, 16))?.getUint32(0, true);
}

/** The fixed part stands on four bytes behind the key `VS_VERSION_INFO`. */
function fixedVersion(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 40 + 16 || view.getUint16(2, true) < 16) return null;
  if (Buffer.from(bytes.subarray(6, 36)).toString('utf16le') !== 'VS_VERSION_INFO') return null;
  if (view.getUint32(40, true) !== FIXED_SIGNATURE) return null;
  const words = [50, 48, 54, 52].map((offset) => view.getUint16(offset, true));
  return words.join('.');
}
