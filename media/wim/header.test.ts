import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWimHeader, readWimHeader, WIM_HEADER_BYTES, type WimSource } from './header.ts';
import { WimError } from './wim-error.ts';

/** A header of an LZX WIM with one image: blob table at 1000 (100 bytes), XML at 1100 (200 bytes). */
function header(change: (view: DataView) => void = () => {}): Uint8Array {
  const bytes = new Uint8Array(WIM_HEADER_BYTES);
  bytes.set(new TextEncoder().encode('MSWIM'));
  const view = new DataView(bytes.buffer);
  view.setUint32(0x08, WIM_HEADER_BYTES, true);
  view.setUint32(0x0c, 0x10d00, true);
  view.setUint32(0x10, 0x4_0002, true);
  view.setUint32(0x14, 32768, true);
  view.setUint16(0x28, 1, true);
  view.setUint16(0x2a, 1, true);
  view.setUint32(0x2c, 1, true);
  for (const [at, size, offset] of [
    [0x30, 100, 1000],
    [0x48, 200, 1100],
  ] as const) {
    view.setUint32(at, size, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, BigInt(size), true);
  }
  change(view);
  return bytes;
}
const whole = 1300;

function sourceOf(bytes: Uint8Array): WimSource {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
}
const withCode = (code: string) => expect.objectContaining({ name: 'WimError', code });

describe('the header of a WIM', () => {
  it('is read with its tables', () => {
    expect(parseWimHeader(header(), whole)).toMatchObject({
      pipable: false,
      compression: 'lzx',
      chunkBytes: 32768,
      imageCount: 1,
      blobTable: { offset: 1000, sizeBytes: 100, compressed: false },
      xml: { offset: 1100, sizeBytes: 200 },
      integrityTable: undefined,
    });
  });

  it('splits the flags from the size of a resource', () => {
    const bytes = header((view) => view.setUint32(0x34, 0x0400_0001, true));
    const { blobTable } = parseWimHeader(bytes, 2 ** 40);
    expect(blobTable).toMatchObject({ sizeBytes: 2 ** 32 + 100, compressed: true });
  });

  it.each([
    { name: 'no WIM at all', code: 'wim.magic', set: [0x00, 0x504b0304] },
    { name: 'a wrong header size', code: 'wim.header', set: [0x08, 212] },
    { name: 'an unknown version', code: 'wim.version', set: [0x0c, 0x20000] },
    { name: 'part 2 of 3', code: 'wim.split', set: [0x28, 0x0003_0002] },
    { name: 'the spanned flag', code: 'wim.split', set: [0x10, 0x4_000a] },
    { name: 'a write in progress', code: 'wim.incomplete', set: [0x10, 0x4_0042] },
    { name: 'no known compression', code: 'wim.header', set: [0x10, 0x2] },
    { name: 'a billion images', code: 'wim.header', set: [0x2c, 1_000_000_000] },
    { name: 'a boot index past the images', code: 'wim.header', set: [0x78, 2] },
    { name: 'no blob table', code: 'wim.header', set: [0x30, 0] },
    { name: 'a blob table past the end', code: 'wim.truncated', set: [0x38, 1201] },
    { name: 'XML data far past the end', code: 'wim.truncated', set: [0x54, 0x7fff_ffff] },
    { name: 'boot metadata past the end', code: 'wim.truncated', set: [0x60, 1301] },
    { name: 'an integrity table past the end', code: 'wim.truncated', set: [0x7c, 1301] },
  ] as const)('refuses $name with $code', ({ code, set: [at, value] }) => {
    const bytes = header((view) => view.setUint32(at, value, true));
    expect(() => parseWimHeader(bytes, whole)).toThrow(withCode(code));
  });

  it('M43 names the offsets when the file is cut', () => {
    expect(() => parseWimHeader(header(), 1250)).toThrow(
      'XML data is said (+0x48) to be 200 bytes at offset 1100 (0x44c), but the file ends at offset 1250 (0x4e2)',
    );
  });

  it('of a pipable WIM is the one at the end', async () => {
    const bytes = new Uint8Array(whole + WIM_HEADER_BYTES);
    const last = header();
    last.set(new TextEncoder().encode('WLPWM'));
    bytes.set(last.subarray(0, 0x30));
    bytes.set(last, whole);
    await expect(readWimHeader(sourceOf(bytes))).resolves.toMatchObject({
      pipable: true,
      xml: { offset: 1100 },
    });
    const cut = sourceOf(bytes.subarray(0, bytes.length - 1));
    await expect(readWimHeader(cut)).rejects.toThrow(withCode('wim.truncated'));
  });

  it('is refused when the file is shorter than it', async () => {
    await expect(readWimHeader(sourceOf(new Uint8Array(207)))).rejects.toThrow(
      withCode('wim.short'),
    );
  });

  it('made of any bytes is a value or a WimError', () => {
    const damage = fc.array(fc.tuple(fc.nat(WIM_HEADER_BYTES - 1), fc.nat(255)), { maxLength: 12 });
    fc.assert(
      fc.property(damage, fc.nat(3000), (changes, sizeBytes) => {
        const bytes = header();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          const { blobTable, xml } = parseWimHeader(bytes, sizeBytes);
          for (const { offset, sizeBytes: size } of [blobTable, xml])
            expect(offset + size).toBeLessThanOrEqual(sizeBytes);
        } catch (error) {
          expect(error).toBeInstanceOf(WimError);
        }
      }),
    );
  });
});
