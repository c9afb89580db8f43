import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from './content.ts';
import { objectSeal, plainSizeOf, SEALED_PLAIN_BYTES, sealedChunkCount } from './sealed-object.ts';

const key = Buffer.alloc(32, 7);
const seal = objectSeal(key, 'secrets/unattend.xml');
const text = Buffer.from('<Password>correct-horse</Password>');

describe('M39 sealed files of a package', () => {
  it.each([
    0,
    1,
    77,
    SEALED_PLAIN_BYTES - 1,
    SEALED_PLAIN_BYTES,
    SEALED_PLAIN_BYTES + 1,
    2 * SEALED_PLAIN_BYTES,
    2 * SEALED_PLAIN_BYTES + 5,
  ])(
    'of %i bytes have a chunk of the manifest for each part, and their size again',
    (plainBytes) => {
      const count = sealedChunkCount(plainBytes);
      let sealedBytes = 0;
      for (let index = 0; index < count; index += 1) {
        const length = Math.min(SEALED_PLAIN_BYTES, plainBytes - index * SEALED_PLAIN_BYTES);
        const chunk = seal.seal(index, index === count - 1, new Uint8Array(length));
        if (index < count - 1) expect(chunk.length).toBe(CHUNK_BYTES);
        sealedBytes += chunk.length;
      }
      expect(Math.ceil(sealedBytes / CHUNK_BYTES)).toBe(count);
      expect(plainSizeOf(sealedBytes)).toBe(plainBytes);
    },
  );

  it('open with their key at their place, and hold nothing of the text', () => {
    const sealed = seal.seal(0, true, text);
    expect(Buffer.from(sealed).includes('correct')).toBe(false);
    expect(seal.open(0, true, sealed)).toEqual(text);
    // The same bytes again: what was written is known by it.
    expect(objectSeal(key, 'secrets/unattend.xml').seal(0, true, text)).toEqual(sealed);
  });

  it('open with no other key, under no other name, at no other place, and not when they were cut or changed', () => {
    const sealed = Buffer.from(seal.seal(1, true, text));
    const changed = Buffer.from(sealed);
    changed[3] = (changed[3] ?? 0) ^ 1;
    for (const open of [
      () => objectSeal(Buffer.alloc(32, 8), 'secrets/unattend.xml').open(1, true, sealed),
      () => objectSeal(key, 'other').open(1, true, sealed),
      () => seal.open(0, true, sealed),
      () => seal.open(1, false, sealed),
      () => seal.open(1, true, changed),
      () => seal.open(1, true, sealed.subarray(0, -1)),
      () => seal.open(1, true, new Uint8Array(3)),
    ])
      expect(open).toThrow();
  });
});
