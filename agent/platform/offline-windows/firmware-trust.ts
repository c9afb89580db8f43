import { readFile } from 'node:fs/promises';
import {
  emptySignatures,
  IMAGE_SECURITY_GUID,
  parseSignatureLists,
  type SignatureDatabase,
} from '#boot/efi-signatures.ts';

/** What this machine's firmware starts. */
export interface FirmwareTrust {
  readonly secureBoot: boolean;
  readonly db: SignatureDatabase;
  readonly dbx: SignatureDatabase;
}

const VARIABLES = '/sys/firmware/efi/efivars';
/** Before the data of a variable in efivarfs (kernel, filesystems/efivarfs). */
const ATTRIBUTE_BYTES = 4;

/**
 * Reads `db` and `dbx` of the firmware; a firmware without keys has neither.
 * @throws {FirmwareTrustError} `firmware.signatures`
 */
export async function readFirmwareTrust(
  secureBoot: boolean,
  folder = VARIABLES,
): Promise<FirmwareTrust> {
  const read = async (name: string): Promise<SignatureDatabase> => {
    const path = `${folder}/${name}-${IMAGE_SECURITY_GUID}`;
    const bytes = await readFile(path).catch(() => undefined);
    return bytes === undefined
      ? emptySignatures
      : parseSignatureLists(bytes.subarray(ATTRIBUTE_BYTES));
  };
  return { secureBoot, db: await read('db'), dbx: await read('dbx') };
}
