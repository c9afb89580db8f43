import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StepError } from '../sequence/step-error.ts';
import { readNtfsState } from './ntfs-volume.ts';

/** A volume with a boot sector and the record of $Volume, laid out as NTFS has them. */
function volume({
  name = 'NTFS    ',
  perCluster = 8,
  perRecord = -10,
  flags = 0,
  signature = 'FILE',
  mftCluster = 2n,
  attribute = 0x70,
} = {}): Buffer {
  const bytes = Buffer.alloc(64 * 1024);
  bytes.write(name, 3, 'latin1');
  bytes.writeUInt16LE(512, 0x0b);
  bytes[0x0d] = perCluster;
  bytes.writeBigUInt64LE(mftCluster, 0x30);
  bytes.writeInt8(perRecord, 0x40);
  const sectors = perCluster > 0x80 ? 2 ** (256 - perCluster) : perCluster;
  const record = perRecord > 0 ? perRecord * sectors * 512 : 2 ** -perRecord;
  const at = Number(mftCluster) * sectors * 512 + 3 * record;
  if (at + record > bytes.length) return bytes;
  bytes.write(signature, at, 'latin1');
  bytes.writeUInt16LE(0x38, at + 0x14);
  // $STANDARD_INFORMATION, then $VOLUME_INFORMATION.
  bytes.writeUInt32LE(0x10, at + 0x38);
  bytes.writeUInt32LE(0x48, at + 0x3c);
  bytes.writeUInt32LE(attribute, at + 0x80);
  bytes.writeUInt32LE(0x28, at + 0x84);
  bytes.writeUInt16LE(0x18, at + 0x94);
  bytes.writeUInt16LE(flags, at + 0x98 + 0x0a);
  bytes.writeUInt32LE(0xffff_ffff, at + 0xa8);
  return bytes;
}
const reader = (bytes: Uint8Array) => async (offset: number, length: number) =>
  bytes.subarray(offset, offset + length);
const stateOf = async (bytes: Uint8Array) => readNtfsState(reader(bytes));

describe('M44 what an NTFS volume says of itself', () => {
  it('tells the dirty flag among others, for clusters and records of each size', async () => {
    expect(await stateOf(volume())).toBe('clean');
    expect(await stateOf(volume({ flags: 0x4080 }))).toBe('clean');
    expect(await stateOf(volume({ flags: 0x4081 }))).toBe('dirty');
    expect(await stateOf(volume({ flags: 1, perRecord: 1, perCluster: 2 }))).toBe('dirty');
    expect(await stateOf(volume({ flags: 1, perCluster: 252, mftCluster: 1n }))).toBe('dirty');
  });

  it('knows BitLocker by its boot sector', async () => {
    expect(await stateOf(volume({ name: '-FVE-FS-' }))).toBe('bitlocker');
  });

  it.each([
    ['another file system', volume({ name: 'MSDOS5.0' })],
    ['records of no size', volume({ perRecord: 0 })],
    ['records of 4 GB', volume({ perRecord: -32 })],
    ['no MFT', volume({ mftCluster: 0n })],
    ['an MFT behind the end', volume({ mftCluster: 1_000_000n })],
    ['no record', volume({ signature: 'BAAD' })],
    ['no information', volume({ attribute: 0x60 })],
    ['nothing', Buffer.alloc(0)],
  ])('refuses %s', async (_what, bytes) => {
    await expect(stateOf(bytes)).rejects.toMatchObject({ code: 'disk.unreadable' });
  });

  it('reads any bytes to a state or an error with a code', async () => {
    const change = fc.array(fc.tuple(fc.nat(12 * 1024), fc.nat(255)), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(change, async (changes) => {
        const bytes = volume();
        for (const [at, value] of changes) bytes[at] = value;
        const result = await stateOf(bytes).catch((error: unknown) => error);
        if (result instanceof StepError) expect(result.code).toBe('disk.unreadable');
        else expect(['clean', 'dirty', 'bitlocker']).toContain(result);
      }),
    );
  });
});
