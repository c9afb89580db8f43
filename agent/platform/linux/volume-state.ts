import { open } from 'node:fs/promises';
import type { CaptureProblem } from '../../sequence/capture-capability.ts';
import { readNtfsState } from '../ntfs-volume.ts';

/** s_magic, s_state and s_feature_incompat of ext4's superblock, which begins at 1024 (kernel, ext4/super.rst). */
const EXT_SUPERBLOCK = 1024;
const EXT_MAGIC_AT = 0x38;
const EXT_MAGIC = 0xef53;
const EXT_STATE_AT = 0x3a;
const EXT_ERRORS = 0x2;
const EXT_INCOMPAT_AT = 0x60;
/** The journal holds what is not in its place yet: it was not unmounted. */
const EXT_NEEDS_RECOVERY = 0x4;
/** First entry but one of the FAT: its two highest bits are cleared while it is mounted, and by errors (fatgen103). */
const FAT_CLEAN = 0x0c00_0000;

/**
 * What keeps a volume from being captured, read from its device; of BitLocker and LUKS `fileSystem` tells. @param device not
 * mounted for writing
 */
export async function volumeProblem(
  device: string,
  fileSystem: string,
): Promise<Exclude<CaptureProblem, 'hibernated'> | null> {
  if (fileSystem.toLowerCase() === 'bitlocker') return 'bitlocker';
  if (fileSystem === 'crypto_LUKS') return 'luks';
  await using file = await open(device, 'r');
  const read = async (offset: number, length: number): Promise<Buffer> => {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await file.read(bytes, 0, length, offset);
    return bytes.subarray(0, bytesRead);
  };
  if (fileSystem === 'ntfs') {
    const state = await readNtfsState(read);
    return state === 'clean' ? null : state;
  }
  if (fileSystem === 'ext4') {
    const block = await read(EXT_SUPERBLOCK, 1024);
    if (block.length < 1024 || block.readUInt16LE(EXT_MAGIC_AT) !== EXT_MAGIC) return 'dirty';
    const hasErrors = (block.readUInt16LE(EXT_STATE_AT) & EXT_ERRORS) !== 0;
    const isOpen = (block.readUInt32LE(EXT_INCOMPAT_AT) & EXT_NEEDS_RECOVERY) !== 0;
    return hasErrors || isOpen ? 'dirty' : null;
  }
  if (fileSystem === 'fat32') {
    const boot = await read(0, 512);
    const fatAt = boot.readUInt16LE(0x0e) * boot.readUInt16LE(0x0b);
    const fat = await read(fatAt, 8);
    const isClean = fat.length === 8 && (fat.readUInt32LE(4) & FAT_CLEAN) === FAT_CLEAN;
    return isClean ? null : 'dirty';
  }
  return null;
}
