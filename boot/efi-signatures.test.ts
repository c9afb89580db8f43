import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listType, signatureList } from './authenticode.testing.ts';
import { parseSignatureLists } from './efi-signatures.ts';
import { FirmwareTrustError } from './firmware-trust-error.ts';

const certificate = Buffer.from('3003020105', 'hex');
const hash = Buffer.alloc(32, 0xab);

describe('M55 parseSignatureLists', () => {
  it('reads certificates, programs and hashes of certificates from lists one behind the other', () => {
    const revokedAt = Buffer.alloc(16, 9);
    const parsed = parseSignatureLists(
      Buffer.concat([
        signatureList(listType.x509, certificate),
        signatureList(listType.sha256, hash),
        signatureList(listType.x509Sha256, Buffer.concat([hash, revokedAt])),
        signatureList('00112233-4455-6677-8899-aabbccddeeff', Buffer.alloc(5)),
      ]),
    );
    expect(parsed.certificates.map((bytes) => Buffer.from(bytes))).toEqual([certificate]);
    expect([...parsed.programs]).toEqual(['ab'.repeat(32)]);
    expect(parsed.certificateHashes).toEqual([{ algorithm: 'sha256', hash: 'ab'.repeat(32) }]);
  });

  it('reads several signatures of one list', () => {
    const one = Buffer.from(signatureList(listType.sha256, hash));
    const two = Buffer.concat([one, Buffer.alloc(16), Buffer.alloc(32, 1)]);
    two.writeUInt32LE(two.length, 16);
    expect([...parseSignatureLists(two).programs]).toEqual(['ab'.repeat(32), '01'.repeat(32)]);
  });

  it('has nothing in a variable without data', () => {
    expect(parseSignatureLists(new Uint8Array()).certificates).toEqual([]);
  });

  it('refuses sizes that do not fit, and comes to an end with any bytes', () => {
    const list = Buffer.from(signatureList(listType.sha256, hash));
    const shorter = list.subarray(0, -1);
    expect(() => parseSignatureLists(shorter)).toThrow(FirmwareTrustError);
    const noSize = Buffer.from(list);
    noSize.writeUInt32LE(0, 24);
    expect(() => parseSignatureLists(noSize)).toThrow(/signatures at 0/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          parseSignatureLists(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FirmwareTrustError);
        }
      }),
    );
  });
});
