import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { InventoryError } from '../inventory/error.ts';

const PREFIX = 'sealed:1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Where a sealed value belongs: it opens nowhere else. */
export interface SealedPlace {
  /** `device:<id>`, `collection:<id>` or `run:<id>`. */
  readonly owner: string;
  /** Name of the variable; has no case. */
  readonly name: string;
}

/**
 * The value as the database keeps it: AES-256-GCM under a key that is not in the database, bound to its
 * owner and name, so that a copied row opens nowhere else.
 */
export function sealValue(key: Uint8Array, place: SealedPlace, value: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(bound(place));
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return PREFIX + Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
}

/** The value again. @throws {InventoryError} `variable.sealed` */
export function openValue(key: Uint8Array, place: SealedPlace, text: string): string {
  try {
    if (!text.startsWith(PREFIX)) throw new Error('it is not sealed');
    const bytes = Buffer.from(text.slice(PREFIX.length), 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(bound(place));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  } catch (error) {
    throw new InventoryError(
      'variable.sealed',
      `The secret variable ${place.name} of ${place.owner} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: 'The file site-secret is another one than when it was set: bring it back from the backup, or set the variable again.',
      },
    );
  }
}

function bound({ owner, name }: SealedPlace): Buffer {
  return Buffer.from(`${owner}\0${name.trim().toLowerCase()}`);
}
