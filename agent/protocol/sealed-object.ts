/**
 * Files of a package that is secret, as every distribution point has them: AES-256-GCM, a chunk of the manifest each
 * (nonce, AEAD_AES_256_GCM of RFC 5116), so that one is checked by its hash, fetched again and opened by itself.
 *
 * A chunk of the sealed file is what it holds, at most `SEALED_PLAIN_BYTES`, and the tag of 16 bytes behind it. An empty
 * file has one chunk, its tag. The key of a file is derived from that of the package version (HKDF with SHA-256, RFC
 * 5869) by its path, the nonce is the number of the chunk: neither is ever used for other bytes, as each version has a
 * key of its own.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { CHUNK_BYTES } from './content.ts';

/** Bytes of the key of a package version. */
export const PACKAGE_KEY_BYTES = 32;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
/** Bytes of the file in each sealed chunk but the last. */
export const SEALED_PLAIN_BYTES = CHUNK_BYTES - TAG_BYTES;

/** Bytes of a file from those of the sealed one. */
export function plainSizeOf(sealedBytes: number): number {
  return sealedBytes - TAG_BYTES * Math.max(1, Math.ceil(sealedBytes / CHUNK_BYTES));
}

/** Chunks of a file of so many bytes, when it is sealed. */
export function sealedChunkCount(plainBytes: number): number {
  return Math.max(1, Math.ceil(plainBytes / SEALED_PLAIN_BYTES));
}

/** Seals and opens the chunks of one file. */
export interface ObjectSeal {
  /** @param index from 0; @param last whether it is the last chunk of the file */
  seal(index: number, last: boolean, plain: Uint8Array): Uint8Array;
  /** @throws {Error} another key, another place, or changed */
  open(index: number, last: boolean, sealed: Uint8Array): Uint8Array;
}

/** @param packageKey `PACKAGE_KEY_BYTES`; @param path inside the package */
export function objectSeal(packageKey: Uint8Array, path: string): ObjectSeal {
  const info = `metalwright package file\0${path}`;
  const key = new Uint8Array(hkdfSync('sha256', packageKey, '', info, PACKAGE_KEY_BYTES));
  const nonceOf = (index: number): Uint8Array => {
    const nonce = Buffer.alloc(NONCE_BYTES);
    nonce.writeUInt32BE(index, NONCE_BYTES - 4);
    return nonce;
  };
  // A file that was cut short at a chunk does not pass for a whole one.
  const boundTo = (last: boolean): Uint8Array => Uint8Array.of(last ? 1 : 0);
  return {
    seal(index, last, plain) {
      const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index));
      cipher.setAAD(boundTo(last));
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(index, last, sealed) {
      const opener = createDecipheriv('aes-256-gcm', key, nonceOf(index), {
        authTagLength: TAG_BYTES,
      });
      opener.setAAD(boundTo(last));
      opener.setAuthTag(sealed.subarray(-TAG_BYTES));
      return Buffer.concat([opener.update(sealed.subarray(0, -TAG_BYTES)), opener.final()]);
    },
  };
}
