import { randomBytes } from 'node:crypto';
import {
  openValue as open,
  SEAL_NONCE_BYTES,
  type SealedPlace,
  sealValue as seal,
} from '#agent/protocol/sealed-value.ts';
import { InventoryError } from '../inventory/error.ts';

/** The value as the database keeps it, under a key that is not in the database. */
export function sealValue(key: Uint8Array, place: SealedPlace, value: string): string {
  return seal({ key, nonce: randomBytes(SEAL_NONCE_BYTES) }, place, value);
}

/** The value again. @throws {InventoryError} `variable.sealed` */
export function openValue(key: Uint8Array, place: SealedPlace, text: string): string {
  try {
    return open(key, place, text);
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
