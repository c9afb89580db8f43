import { parseGuid } from './bcd/guid.ts';
import { FirmwareTrustError } from './firmware-trust-error.ts';

/** What one of the firmware's signature databases holds: `db`, whom it trusts, or `dbx`, whom no more. */
export interface SignatureDatabase {
  /** X.509 certificates, DER. Views of the variable, not copies. */
  readonly certificates: readonly Uint8Array[];
  /** SHA-256 of programs (Authenticode), lower-case hex. */
  readonly programs: ReadonlySet<string>;
  /** Hashes of the signed part of certificates (TBSCertificate), lower-case hex, by Node's name of the hash. */
  readonly certificateHashes: readonly { readonly algorithm: string; readonly hash: string }[];
}

export const emptySignatures: SignatureDatabase = {
  certificates: [],
  programs: new Set(),
  certificateHashes: [],
};

/** Vendor GUID of the variables `db` and `dbx` (UEFI 2.10, 32.3.1). */
export const IMAGE_SECURITY_GUID = 'd719b2cb-3d3a-4596-a3bc-dad00e67656f';

/** Types of lists (UEFI 2.10, 32.4.1); what is of another type is passed over, as firmware does. */
const type = {
  x509: 'a5c059a1-94e4-4aa7-87b5-ab155c2bf072',
  sha256: 'c1c41626-504c-4092-aca9-41f936934328',
} as const;
const certificateHash: Readonly<Record<string, { algorithm: string; bytes: number }>> = {
  '3bd2a492-96c0-4079-b420-fcf98ef103ed': { algorithm: 'sha256', bytes: 32 },
  '7076876e-80c2-4ee6-aad2-28b349a6865b': { algorithm: 'sha384', bytes: 48 },
  '446dbf63-2502-4cda-bcfa-2465d2b0fe9d': { algorithm: 'sha512', bytes: 64 },
};
/** Type, then the sizes of list, header and one signature: EFI_SIGNATURE_LIST. */
const HEADER_BYTES = 28;
const OWNER_BYTES = 16;

/**
 * Reads the data of `db` or `dbx`: lists of signatures, one behind the other (EFI_SIGNATURE_LIST). A variable as
 * efivarfs shows it has four bytes of attributes before that.
 * @throws {FirmwareTrustError} `firmware.signatures`
 */
export function parseSignatureLists(bytes: Uint8Array): SignatureDatabase {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const certificates: Uint8Array[] = [];
  const programs = new Set<string>();
  const certificateHashes: { algorithm: string; hash: string }[] = [];
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.length - at;
    const size = rest < HEADER_BYTES ? 0 : view.getUint32(at + 16, true);
    const header = size === 0 ? 0 : view.getUint32(at + 20, true);
    const each = size === 0 ? 0 : view.getUint32(at + 24, true);
    const body = size - HEADER_BYTES - header;
    if (size < HEADER_BYTES || size > rest || body < 0 || each <= OWNER_BYTES || body % each !== 0)
      throw new FirmwareTrustError(
        'firmware.signatures',
        `The list of signatures at ${at} of ${bytes.length} bytes has the sizes ${size}, ${header}, ${each}`,
      );
    const kind = parseGuid(bytes.subarray(at, at + 16));
    const hashed = certificateHash[kind];
    for (let entry = at + HEADER_BYTES + header; entry < at + size; entry += each) {
      const data = bytes.subarray(entry + OWNER_BYTES, entry + each);
      if (kind === type.x509) certificates.push(data);
      if (kind === type.sha256) programs.add(hex(data));
      // After the hash stands when it was revoked; that time is not looked at.
      if (hashed) {
        const hash = hex(data.subarray(0, hashed.bytes));
        certificateHashes.push({ algorithm: hashed.algorithm, hash });
      }
    }
    at += size;
  }
  return { certificates, programs, certificateHashes };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
