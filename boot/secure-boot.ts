import { createHash, X509Certificate } from 'node:crypto';
import { isIssuedBy, type SignedProgram, signedPart } from './authenticode.ts';
import type { SignatureDatabase } from './efi-signatures.ts';

/** What a firmware's Secure Boot says of a program. */
export type FirmwareVerdict =
  | { readonly kind: 'trusted'; readonly by: string }
  | { readonly kind: 'revoked'; readonly what: string }
  | { readonly kind: 'unsigned' }
  /** Signed, by nobody that the firmware trusts. */
  | { readonly kind: 'unknown'; readonly signers: readonly string[] };

/**
 * Whether a firmware with these databases starts that program (UEFI 2.10, 32.5.3.3). What is revoked is refused
 * whoever else is trusted; certificates do not expire for a firmware. That the signature fits the program is
 * taken as given. Further lists that a program keeps of itself (SBAT, the version numbers of Windows' boot
 * manager) are not seen.
 */
export function judgeProgram(
  { signatures, sha256 }: SignedProgram,
  { db, dbx }: { readonly db: SignatureDatabase; readonly dbx: SignatureDatabase },
): FirmwareVerdict {
  if (dbx.programs.has(sha256)) return { kind: 'revoked', what: `the program ${sha256}` };
  if (db.programs.has(sha256)) return { kind: 'trusted', by: `SHA-256 ${sha256}` };
  if (signatures.length === 0) return { kind: 'unsigned' };
  const refused = readable(dbx.certificates);
  const trusted = readable(db.certificates);
  for (const { chain } of signatures) {
    const top = chain.at(-1);
    const bad =
      chain.find((certificate) => isListed(certificate, refused, dbx)) ??
      refused.find((ca) => top && isIssuedBy(top, ca));
    // One revoked signature is enough, however many others there are.
    if (bad) return { kind: 'revoked', what: nameOf(bad) };
  }
  for (const { chain } of signatures) {
    const top = chain.at(-1);
    const anchor = trusted.find(
      (ca) => chain.some(({ raw }) => raw.equals(ca.raw)) || (top && isIssuedBy(top, ca)),
    );
    if (anchor) return { kind: 'trusted', by: nameOf(anchor) };
  }
  return { kind: 'unknown', signers: signatures.map(({ chain }) => nameOf(chain.at(-1))) };
}

/** Certificates that Node can read; firmware passes over others as well. */
function readable(certificates: readonly Uint8Array[]): X509Certificate[] {
  return certificates.flatMap((bytes) => {
    try {
      return [new X509Certificate(bytes)];
    } catch {
      return [];
    }
  });
}

function isListed(
  certificate: X509Certificate,
  certificates: readonly X509Certificate[],
  { certificateHashes }: SignatureDatabase,
): boolean {
  if (certificates.some(({ raw }) => raw.equals(certificate.raw))) return true;
  const signed = signedPart(certificate);
  return certificateHashes.some(
    ({ algorithm, hash }) => createHash(algorithm).update(signed).digest('hex') === hash,
  );
}

/** `Microsoft Windows Production PCA 2011` of `CN=…`; the whole subject where it has no common name. */
function nameOf(certificate: X509Certificate | undefined): string {
  const subject = certificate?.subject ?? '';
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');
}
