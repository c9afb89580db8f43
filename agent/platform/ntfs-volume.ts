/**
 * What an NTFS volume says of itself outside its files: BitLocker, and the dirty flag. The first records of the
 * MFT are read where they always lie, at its beginning. Layout: NTFS of Windows XP and later. Pure.
 */
import { StepError } from '../sequence/step-error.ts';

/** Reads bytes of the volume. */
export type ReadVolume = (offset: number, length: number) => Promise<Uint8Array>;

/** Of what is read, at 0x03 of the boot sector. */
const NTFS_NAME = 'NTFS    ';
const BITLOCKER_NAME = '-FVE-FS-';
/** $Volume is the fourth record of the MFT. */
const VOLUME_RECORD = 3;
const VOLUME_INFORMATION = 0x70;
const ATTRIBUTES_END = 0xffff_ffff;
/** VOLUME_IS_DIRTY of the flags in $VOLUME_INFORMATION, which stand at 0x0a of it. */
const DIRTY = 0x0001;
const SECTOR_BYTES = 512;
const MAX_RECORD_BYTES = 64 * 1024;

/** @throws {StepError} `disk.unreadable` for what is no NTFS, or damaged */
export async function readNtfsState(read: ReadVolume): Promise<'clean' | 'dirty' | 'bitlocker'> {
  const boot = await bytesOf(read, 0, SECTOR_BYTES);
  const name = Buffer.from(boot.buffer, boot.byteOffset + 3, 8).toString('latin1');
  if (name === BITLOCKER_NAME) return 'bitlocker';
  if (name !== NTFS_NAME) throw unreadable(`its boot sector says "${name.trim()}"`);
  const bytesPerSector = boot.getUint16(0x0b, true);
  const perCluster = boot.getUint8(0x0d);
  // Above 128 it is a power of two with its sign turned: clusters of 128 KiB and more.
  const sectors = perCluster > 0x80 ? 2 ** (0x100 - perCluster) : perCluster;
  const clusterBytes = sectors * bytesPerSector;
  const perRecord = boot.getInt8(0x40);
  const recordBytes = perRecord > 0 ? perRecord * clusterBytes : 2 ** -perRecord;
  const mft = Number(boot.getBigUint64(0x30, true)) * clusterBytes;
  const isOdd = recordBytes < SECTOR_BYTES || recordBytes > MAX_RECORD_BYTES;
  if (isOdd || !Number.isSafeInteger(mft) || mft === 0)
    throw unreadable(`records of ${recordBytes} bytes at ${mft}`);
  const record = await bytesOf(read, mft + VOLUME_RECORD * recordBytes, recordBytes);
  return (flagsOf(record) & DIRTY) === 0 ? 'clean' : 'dirty';
}

function flagsOf(record: DataView): number {
  if (record.getUint32(0, true) !== 0x454c_4946) throw unreadable('$Volume is no record'); // FILE
  // The attribute lies in the first sector, in front of its last two bytes, which the update sequence replaces.
  for (let at = record.getUint16(0x14, true); at + 8 <= record.byteLength; ) {
    const type = record.getUint32(at, true);
    const length = record.getUint32(at + 4, true);
    if (type === ATTRIBUTES_END || length < 0x18) break;
    if (type === VOLUME_INFORMATION) {
      const content = at + record.getUint16(at + 0x14, true);
      if (content + 0x0c > record.byteLength) break;
      return record.getUint16(content + 0x0a, true);
    }
    at += length;
  }
  throw unreadable('$Volume has no information');
}

async function bytesOf(read: ReadVolume, offset: number, length: number): Promise<DataView> {
  const bytes = await read(offset, length);
  if (bytes.length !== length) throw unreadable(`it ends at ${offset + bytes.length}`);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function unreadable(why: string): StepError {
  return new StepError('disk.unreadable', `This is no NTFS that can be read: ${why}`, {
    exitCode: 0x80070570, // ERROR_FILE_CORRUPT
    hint: 'Check the volume in its Windows: chkdsk.',
  });
}
