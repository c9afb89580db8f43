import { BcdError } from './bcd-error.ts';
import { formatGuid, GUID_BYTES, guidOf, NO_GUID, parseGuid } from './guid.ts';
import { utf16Bytes, utf16Text } from './utf16.ts';

/** A device that something else can lie on: the one the machine started from, or a partition. */
export type BcdVolume =
  /** Where the boot manager itself came from: disk, disc or network. */
  | { readonly kind: 'boot' }
  /** A partition of a GPT disk; both are the unique GUIDs, not the type. */
  | { readonly kind: 'gpt-partition'; readonly partition: string; readonly disk: string }
  /** A partition of an MBR disk, by its first byte and the disk's signature. */
  | {
      readonly kind: 'mbr-partition';
      readonly offsetBytes: bigint;
      readonly diskSignature: number;
    };

/** The value of a device element. */
export type BcdDevice =
  | BcdVolume
  /** A RAM disk filled from an image file. `options` is the object that names its boot.sdi. */
  | {
      readonly kind: 'ramdisk';
      readonly source: BcdVolume;
      readonly path: string;
      readonly options: string;
    }
  /** What is not known here (files, VHDs, `locate`): kept byte by byte. */
  | { readonly kind: 'other'; readonly bytes: Uint8Array };

/** Descriptor types at +0x00 of a descriptor. */
const type = { local: 0, boot: 5, partition: 6 } as const;
/** A boot or partition descriptor, always. */
const VOLUME_BYTES = 0x48;
const SCHEME_MBR = 1;
/** Local device kinds: RAM disk at +0x10, and what its file lies on at +0x30. */
const LOCAL_RAMDISK = 3;
const FILE_ON_DEVICE = 5;
const RAMDISK_FLAGS = 1;
/** Where the path of the image file begins: 12 bytes of file description, then the parent. */
const FILE_AT = 0x28;
const FILE_HEADER_BYTES = 12;
const PARENT_AT = FILE_AT + FILE_HEADER_BYTES;
const PATH_AT = PARENT_AT + VOLUME_BYTES;

/** The bytes of a device element: 16 of the options' GUID, then one descriptor. @throws {BcdError} `bcd.guid`, `bcd.path` */
export function formatDevice(device: BcdDevice): Uint8Array {
  switch (device.kind) {
    case 'other':
      return device.bytes;
    case 'ramdisk':
      return withOptions(device.options, formatRamdisk(device.source, device.path));
    case 'boot':
    case 'gpt-partition':
    case 'mbr-partition':
      return withOptions(NO_GUID, formatVolume(device));
  }
}

/**
 * Reads a device element. What would not be written the same way is `other`, so nothing is lost:
 * `formatDevice(parseDevice(bytes))` equals `bytes` for any bytes.
 */
export function parseDevice(bytes: Uint8Array): BcdDevice {
  const known = readKnown(bytes);
  if (known !== undefined && equal(formatDevice(known), bytes)) return known;
  return { kind: 'other', bytes };
}

/**
 * A path as the boot manager reads it: from the root of the device, with backslashes.
 * @throws {BcdError} `bcd.path`
 */
export function bootPath(path: string): string {
  if (!/^\\[^/\0]+$/.test(path))
    throw new BcdError('bcd.path', `"${path}" is no path of the boot manager`, {
      hint: 'It begins with a backslash, and has no slash: \\Boot\\boot.wim',
    });
  return path;
}

function withOptions(options: string, descriptor: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(GUID_BYTES + descriptor.length);
  bytes.set(formatGuid(options));
  bytes.set(descriptor, GUID_BYTES);
  return bytes;
}

function formatVolume(volume: BcdVolume): Uint8Array {
  const { bytes, view } = descriptor(
    VOLUME_BYTES,
    volume.kind === 'boot' ? type.boot : type.partition,
  );
  if (volume.kind === 'gpt-partition') {
    bytes.set(formatGuid(volume.partition), 0x10);
    bytes.set(formatGuid(volume.disk), 0x28);
  }
  if (volume.kind === 'mbr-partition') {
    view.setBigUint64(0x10, volume.offsetBytes, true);
    view.setUint32(0x24, SCHEME_MBR, true);
    view.setUint32(0x28, volume.diskSignature, true);
  }
  return bytes;
}

function formatRamdisk(source: BcdVolume, path: string): Uint8Array {
  const text = utf16Bytes(`${path}\0`);
  const { bytes, view } = descriptor(PATH_AT + text.length, type.local);
  view.setUint32(0x04, RAMDISK_FLAGS, true);
  view.setUint32(0x10, LOCAL_RAMDISK, true);
  view.setUint32(FILE_AT, 1, true);
  view.setUint32(FILE_AT + 4, bytes.length - FILE_AT, true);
  view.setUint32(FILE_AT + 8, FILE_ON_DEVICE, true);
  bytes.set(formatVolume(source), PARENT_AT);
  bytes.set(text, PATH_AT);
  return bytes;
}

function descriptor(length: number, kind: number): { bytes: Uint8Array; view: DataView } {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0x00, kind, true);
  view.setUint32(0x08, length, true);
  return { bytes, view };
}

function readKnown(bytes: Uint8Array): BcdDevice | undefined {
  const descriptor = bytes.subarray(GUID_BYTES);
  if (descriptor.length < VOLUME_BYTES) return undefined;
  const view = viewOf(descriptor);
  if (view.getUint32(0, true) !== type.local) return readVolume(descriptor);
  if (view.getUint32(0x10, true) !== LOCAL_RAMDISK || descriptor.length <= PATH_AT)
    return undefined;
  const source = readVolume(descriptor.subarray(PARENT_AT, PATH_AT));
  if (source === undefined) return undefined;
  const path = utf16Text(descriptor.subarray(PATH_AT)).replace(/\0$/, '');
  const options = parseGuid(bytes.subarray(0, GUID_BYTES));
  return { kind: 'ramdisk', source, path, options };
}

function readVolume(bytes: Uint8Array): BcdVolume | undefined {
  const view = viewOf(bytes);
  const kind = view.getUint32(0, true);
  if (kind === type.boot) return { kind: 'boot' };
  if (kind !== type.partition) return undefined;
  if (view.getUint32(0x24, true) === SCHEME_MBR)
    return {
      kind: 'mbr-partition',
      offsetBytes: view.getBigUint64(0x10, true),
      diskSignature: view.getUint32(0x28, true),
    };
  return {
    kind: 'gpt-partition',
    partition: parseGuid(bytes.subarray(0x10, 0x20)),
    disk: parseGuid(bytes.subarray(0x28, 0x38)),
  };
}

/** A GPT partition by its two unique GUIDs, in whatever case and with or without braces. @throws {BcdError} `bcd.guid` */
export function gptPartition(partition: string, disk: string): BcdVolume {
  return { kind: 'gpt-partition', partition: guidOf(partition), disk: guidOf(disk) };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
