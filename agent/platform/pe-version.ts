/**
 * The file version of a Windows program, from VS_FIXEDFILEINFO in its resources (PE format, "The .rsrc
 * Section"; VS_VERSIONINFO). Only headers and the resource's own path are read, never the whole file,
 * and each read is bounded: the file may lie, and may be an image of many gigabytes.
 */
import { type PeSection, peView, type ReadAt, readPeHeader } from '#boot/pe-header.ts';

const RT_VERSION = 16;
const MAX_ENTRIES = 4096;
const FIXED_SIGNATURE = 0xfeef04bd;
/** VS_VERSIONINFO up to the end of its fixed part: 6 bytes, the key, padding, 52 bytes. */
const VERSION_BYTES = 6 + 32 + 4 + 52;

/** `10.0.19041.1`, or null for what is no program or has no version. Throws only what `read` throws. */
export async function peFileVersion(read: ReadAt): Promise<string | null> {
  const header = await readPeHeader(read);
  if (header?.resources === undefined) return null;
  const root = fileOffset(header.sections, header.resources.at);
  if (root === undefined) return null;
  const resource = await findVersion(peView(read), root);
  const data = resource === undefined ? undefined : fileOffset(header.sections, resource);
  return data === undefined ? null : fixedVersion(await read(data, VERSION_BYTES));
}

function fileOffset(sections: readonly PeSection[], rva: number): number | undefined {
  const section = sections.find(
    ({ virtualAddress, rawSize }) => rva >= virtualAddress && rva < virtualAddress + rawSize,
  );
  return section && section.rawOffset + rva - section.virtualAddress;
}

/** Three levels, type, name and language: no deeper, whatever the tree says. Returns the data's RVA. */
async function findVersion(
  view: ReturnType<typeof peView>,
  root: number,
): Promise<number | undefined> {
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
