/**
 * Who signed a program of UEFI (Authenticode: "Windows Authenticode Portable Executable Signature Format"). The
 * signature is not verified here, which is the firmware's work: read are its certificates, so that it can be told
 * beforehand whether a firmware will start the program.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { type DerElement, derChildren, derElement, derTag } from './der.ts';
import { FirmwareTrustError } from './firmware-trust-error.ts';
import { type PeHeader, readPeHeader } from './pe-header.ts';

/** One signature of a program; there may be several, each by itself enough. */
interface ProgramSignature {
  /** From the signer up, as far as the certificates that are there lead. Never empty. */
  readonly chain: readonly X509Certificate[];
}
export interface SignedProgram {
  readonly signatures: readonly ProgramSignature[];
  /** SHA-256 of the program without what a signature changes, lower-case hex. */
  readonly sha256: string;
}

/** WIN_CERT_TYPE_PKCS_SIGNED_DATA. */
const PKCS_SIGNED_DATA = 2;
/** Length, revision, type: before each signature of the certificate table. */
const ENTRY_HEADER_BYTES = 8;
/** 1.2.840.113549.1.7.2, content of an object identifier. */
const SIGNED_DATA = '2a864886f70d010702';
/** Implicit [0]: certificates of SignedData, and the explicit content of ContentInfo. */
const CONTEXT_0 = 0xa0;
/** Deeper chains than any that is signed with. */
const MAX_CHAIN = 8;

/**
 * Reads the signatures of a program; none where it is not signed.
 * @throws {FirmwareTrustError} `program.headers` for what is no program, `program.signature`
 */
export async function readSignedProgram(bytes: Uint8Array): Promise<SignedProgram> {
  const header = await readPeHeader(async (offset, length) =>
    bytes.subarray(offset, offset + length),
  );
  if (header === null)
    throw new FirmwareTrustError(
      'program.headers',
      `It has ${bytes.length} bytes and is no program`,
    );
  const signatures = signatureEntries(bytes, header).map(parseSignature);
  return { signatures, sha256: authenticodeHash(bytes, header) };
}

/** The parts of the certificate table, each at a multiple of 8 bytes. */
function signatureEntries(bytes: Uint8Array, { signature }: PeHeader): Uint8Array[] {
  if (signature === undefined) return [];
  const end = signature.at + signature.size;
  if (end > bytes.length)
    throw unreadable(`its table of signatures ends at ${end}, the file at ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = signature.at; at + ENTRY_HEADER_BYTES <= end; ) {
    const length = view.getUint32(at, true);
    if (length < ENTRY_HEADER_BYTES || at + length > end)
      throw unreadable(`the signature at ${at} has a length of ${length}`);
    if (view.getUint16(at + 6, true) === PKCS_SIGNED_DATA)
      entries.push(bytes.subarray(at + ENTRY_HEADER_BYTES, at + length));
    at += Math.ceil(length / 8) * 8;
  }
  return entries;
}

/** PKCS #7 (RFC 2315): ContentInfo, SignedData, its certificates, and which one signed. */
function parseSignature(entry: Uint8Array): ProgramSignature {
  const info = derElement(entry);
  const [kind, explicit] = info === undefined ? [] : derChildren(info);
  const isSigned = kind?.tag === derTag.oid && hex(kind.content) === SIGNED_DATA;
  const [signed] = isSigned && explicit?.tag === CONTEXT_0 ? derChildren(explicit) : [];
  if (signed?.tag !== derTag.sequence) throw unreadable('it is not the signed data of PKCS #7');
  const parts = derChildren(signed);
  const list = parts.find(({ tag }) => tag === CONTEXT_0);
  const certificates = list === undefined ? [] : derChildren(list).map(certificateOf);
  const signer = signerOf(parts.at(-1), certificates);
  return { chain: chainOf(signer, certificates) };
}

function certificateOf({ bytes }: DerElement): X509Certificate {
  try {
    return new X509Certificate(bytes);
  } catch (error) {
    throw unreadable('one of its certificates cannot be read', error);
  }
}

/** By issuer and serial number, which the first SignerInfo names (RFC 2315, section 9.2). */
function signerOf(
  infos: DerElement | undefined,
  certificates: readonly X509Certificate[],
): X509Certificate {
  const [first] = infos?.tag === derTag.set ? derChildren(infos) : [];
  const [, named] = first === undefined ? [] : derChildren(first);
  const [issuer, serial] = named === undefined ? [] : derChildren(named);
  const found = certificates.find((certificate) => {
    const [tbs] = childrenOf(certificate.raw);
    // An explicit [0] before the serial number is the version, which version 1 leaves out.
    const fields = tbs === undefined ? [] : derChildren(tbs);
    const [number, , name] = fields[0]?.tag === CONTEXT_0 ? fields.slice(1) : fields;
    return same(number?.bytes, serial?.bytes) && same(name?.bytes, issuer?.bytes);
  });
  if (found === undefined) throw unreadable('the certificate of its signer is not in it');
  return found;
}

function chainOf(
  signer: X509Certificate,
  certificates: readonly X509Certificate[],
): X509Certificate[] {
  const chain = [signer];
  for (let current = signer; chain.length < MAX_CHAIN; ) {
    const issuer = certificates.find(
      (candidate) => !chain.includes(candidate) && isIssuedBy(current, candidate),
    );
    if (issuer === undefined) break;
    chain.push(issuer);
    current = issuer;
  }
  return chain;
}

/** Whether `issuer` signed the certificate. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.issuer === issuer.subject && certificate.verify(issuer.publicKey);
}

/** The part of a certificate that its issuer signed, DER. */
export function signedPart(certificate: X509Certificate): Uint8Array {
  return childrenOf(certificate.raw)[0]?.bytes ?? new Uint8Array();
}

/** Everything but the checksum, the directory entry of the signature, and the signature itself. */
function authenticodeHash(bytes: Uint8Array, header: PeHeader): string {
  const { checksumOffset, signatureEntryOffset, signature } = header;
  const hash = createHash('sha256').update(bytes.subarray(0, checksumOffset));
  if (signatureEntryOffset === undefined)
    return hash.update(bytes.subarray(checksumOffset + 4)).digest('hex');
  hash.update(bytes.subarray(checksumOffset + 4, signatureEntryOffset));
  const end = signature?.at ?? bytes.length;
  hash.update(bytes.subarray(signatureEntryOffset + 8, end));
  // An unsigned program is hashed as if it were filled up to a multiple of 8 bytes.
  if (signature === undefined) hash.update(new Uint8Array((8 - (bytes.length % 8)) % 8));
  else hash.update(bytes.subarray(signature.at + signature.size));
  return hash.digest('hex');
}

function childrenOf(bytes: Uint8Array): DerElement[] {
  const element = derElement(bytes);
  return element === undefined ? [] : derChildren(element);
}

function same(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined || one.length !== other.length) return false;
  return one.every((byte, index) => byte === other[index]);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function unreadable(why: string, cause?: unknown): FirmwareTrustError {
  return new FirmwareTrustError(
    'program.signature',
    `The program's signature is not understood: ${why}`,
    {
      cause,
    },
  );
}
