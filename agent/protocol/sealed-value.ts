import { createCipheriv, createDecipheriv } from 'node:crypto';

const PREFIX = 'sealed:1:';
/** Bytes of a nonce: a new one, by chance, for each value that is sealed. */
export const SEAL_NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Where a sealed value of a variable belongs: it opens nowhere else. */
export interface SealedPlace {
  /** `run:<id>`, `device:<id>`, `collection:<id>`. */
  readonly owner: string;
  /** Name of the variable; has no case. */
  readonly name: string;
}

/**
 * A secret value as it may be kept anywhere: AES-256-GCM under a key that is kept elsewhere, bound to its
 * owner and name, so that a copy opens at no other place.
 */
export function sealValue(
  { key, nonce }: { readonly key: Uint8Array; readonly nonce: Uint8Array },
  place: SealedPlace,
  value: string,
): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bound(place));
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return PREFIX + Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
}

/** The value again. @throws {Error} another key or place, changed, or never sealed */
export function openValue(key: Uint8Array, place: SealedPlace, text: string): string {
  if (!text.startsWith(PREFIX)) throw new Error('it is not sealed');
  const bytes = Buffer.from(text.slice(PREFIX.length), 'base64');
  const nonce = bytes.subarray(0, SEAL_NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound(place));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const plain = decipher.update(bytes.subarray(SEAL_NONCE_BYTES, -TAG_BYTES));
  return Buffer.concat([plain, decipher.final()]).toString('utf8');
}

function bound({ owner, name }: SealedPlace): Buffer {
  return Buffer.from(`${owner}\0${name.trim().toLowerCase()}`);
}
