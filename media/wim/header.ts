import { WimError } from './wim-error.ts';

/** A file that can be read anywhere. `read` returns exactly the bytes asked for, inside the file. */
export interface WimSource {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Where something is in the file. */
interface WimResource {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly originalBytes: number;
  readonly compressed: boolean;
}

/** Header of a WIM file, 208 bytes, little-endian (Windows Imaging File Format, 2007, section "Header"). */
export interface WimHeader {
  readonly pipable: boolean;
  /** 0x10d00, or 0xe00 for solid ones (ESD). */
  readonly version: number;
  readonly compression: 'none' | 'xpress' | 'lzx' | 'lzms';
  /** Uncompressed bytes in a chunk of a compressed resource; 0 when nothing is compressed. */
  readonly chunkBytes: number;
  readonly guid: string;
  readonly imageCount: number;
  readonly bootIndex: number;
  readonly blobTable: WimResource;
  readonly xml: WimResource;
  readonly integrityTable: WimResource | undefined;
}

export const WIM_HEADER_BYTES = 208;
const MAGIC = 'MSWIM\0\0\0';
/** wimlib's pipable WIM: the header that counts is a second one, at the end of the file. */
const PIPABLE_MAGIC = 'WLPWM\0\0\0';
const VERSION = 0x10d00;
const SOLID_VERSION = 0xe00;
const flag = {
  compressed: 0x2,
  spanned: 0x8,
  resourceOnly: 0x10,
  writeInProgress: 0x40,
  xpress: 0x2_0000,
  lzx: 0x4_0000,
  lzms: 0x8_0000,
  xpress2: 0x20_0000,
} as const;
/** Flag in the high byte of a resource's size. */
const RESOURCE_COMPRESSED = 0x04;
const MAX_IMAGES = 0xffff;

/**
 * Reads the header that counts and checks that all it points at lies inside the file, so that a
 * truncated WIM is found at once: its tables are at the end.
 * @throws {WimError} `wim.short`, `wim.magic`, `wim.header`, `wim.version`, `wim.split`,
 * `wim.incomplete`, `wim.truncated`
 */
export async function readWimHeader(source: WimSource): Promise<WimHeader> {
  const { sizeBytes } = source;
  if (sizeBytes < WIM_HEADER_BYTES)
    throw new WimError(
      'wim.short',
      `The file has ${sizeBytes} bytes, a WIM begins with a header of ${WIM_HEADER_BYTES}`,
      { hint: 'Copy it again: the copy or download broke off.' },
    );
  const first = await source.read(0, WIM_HEADER_BYTES);
  if (magicOf(first) !== PIPABLE_MAGIC) return parseWimHeader(first, sizeBytes);
  const at = sizeBytes - WIM_HEADER_BYTES;
  const last = await source.read(at, WIM_HEADER_BYTES);
  if (magicOf(last) !== PIPABLE_MAGIC)
    throw truncated(`a pipable WIM ends with a header, there is none at ${offset(at)}`, sizeBytes);
  return parseWimHeader(last, sizeBytes);
}

/** Reads 208 bytes of header. @param sizeBytes of the whole file. @throws {WimError} as `readWimHeader` */
export function parseWimHeader(bytes: Uint8Array, sizeBytes: number): WimHeader {
  if (bytes.length < WIM_HEADER_BYTES)
    throw new WimError('wim.short', `${bytes.length} bytes, a header has ${WIM_HEADER_BYTES}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, WIM_HEADER_BYTES);
  const magic = magicOf(bytes);
  if (magic !== MAGIC && magic !== PIPABLE_MAGIC)
    throw new WimError(
      'wim.magic',
      `The file is no WIM: it begins with ${hex(bytes.subarray(0, 8))}, not with "MSWIM"`,
      { hint: 'Give a .wim or .esd file; of an ISO, the file sources/install.wim in it.' },
    );
  const headerBytes = view.getUint32(0x08, true);
  if (headerBytes !== WIM_HEADER_BYTES)
    throw damaged(`the header's size at +0x08 is ${headerBytes}, not ${WIM_HEADER_BYTES}`);
  const version = view.getUint32(0x0c, true);
  if (version !== VERSION && version !== SOLID_VERSION)
    throw new WimError(
      'wim.version',
      `The version of the WIM at +0x0c is 0x${version.toString(16)}; 0x10d00 and 0xe00 are known`,
    );
  const flags = view.getUint32(0x10, true);
  refuseParts(view, flags);
  const imageCount = view.getUint32(0x2c, true);
  if (imageCount > MAX_IMAGES) throw damaged(`the image count at +0x2c is ${imageCount}`);
  const bootIndex = view.getUint32(0x78, true);
  if (bootIndex > imageCount)
    throw damaged(`the boot index at +0x78 is ${bootIndex}, of ${imageCount} images`);
  const inside = (at: number, name: string): WimResource => {
    const resource = parseResource(view, at);
    if (resource.offset + resource.sizeBytes > sizeBytes)
      throw truncated(
        `its ${name} is said (+0x${at.toString(16)}) to be ${resource.sizeBytes} bytes at ${offset(resource.offset)}`,
        sizeBytes,
      );
    return resource;
  };
  const blobTable = inside(0x30, 'blob table');
  const xml = inside(0x48, 'XML data');
  inside(0x60, 'boot metadata');
  const integrityTable = inside(0x7c, 'integrity table');
  if (blobTable.sizeBytes === 0) throw damaged('it has no blob table (+0x30)');
  if (xml.sizeBytes === 0) throw damaged('it has no XML data (+0x48)');
  return {
    pipable: magic === PIPABLE_MAGIC,
    version,
    compression: compressionOf(flags),
    chunkBytes: view.getUint32(0x14, true),
    guid: hex(bytes.subarray(0x18, 0x28)),
    imageCount,
    bootIndex,
    blobTable,
    xml,
    integrityTable: integrityTable.sizeBytes === 0 ? undefined : integrityTable,
  };
}

function refuseParts(view: DataView, flags: number): void {
  const part = view.getUint16(0x28, true);
  const parts = view.getUint16(0x2a, true);
  if (parts > 1 || part > 1 || (flags & flag.spanned) !== 0)
    throw new WimError('wim.split', `The file is part ${part} of ${parts} of a split WIM`, {
      hint: 'Join the parts first: wimlib-imagex join whole.wim part*.swm',
    });
  if ((flags & flag.writeInProgress) !== 0)
    throw new WimError('wim.incomplete', 'The WIM was being written when its writer stopped', {
      hint: 'Capture or export it again.',
    });
  if ((flags & flag.resourceOnly) !== 0)
    throw new WimError('wim.split', 'The file holds only data of a WIM, no images');
}

/** 24 bytes: 7 of size and 1 of flags, offset, size before compression. */
function parseResource(view: DataView, at: number): WimResource {
  const low = view.getUint32(at, true);
  const high = view.getUint32(at + 4, true);
  return {
    sizeBytes: (high & 0xff_ffff) * 2 ** 32 + low,
    compressed: ((high >>> 24) & RESOURCE_COMPRESSED) !== 0,
    offset: Number(view.getBigUint64(at + 8, true)),
    originalBytes: Number(view.getBigUint64(at + 16, true)),
  };
}

function compressionOf(flags: number): WimHeader['compression'] {
  if ((flags & flag.compressed) === 0) return 'none';
  if ((flags & (flag.xpress | flag.xpress2)) !== 0) return 'xpress';
  if ((flags & flag.lzx) !== 0) return 'lzx';
  if ((flags & flag.lzms) !== 0) return 'lzms';
  throw damaged(`its flags at +0x10 (0x${flags.toString(16)}) name no known compression`);
}

function magicOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 8));
}
function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
function offset(bytes: number): string {
  return `offset ${bytes} (0x${bytes.toString(16)})`;
}
function damaged(seen: string): WimError {
  return new WimError('wim.header', `The header of the WIM is damaged: ${seen}`, {
    hint: 'Copy the file again and compare its hash with the original.',
  });
}
function truncated(seen: string, sizeBytes: number): WimError {
  return new WimError(
    'wim.truncated',
    `The WIM is truncated: ${seen}, but the file ends at ${offset(sizeBytes)}`,
    {
      hint: 'Copy the file again: the copy or download broke off.',
    },
  );
}
