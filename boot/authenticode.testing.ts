import 'reflect-metadata'; // x509 needs it, before anything else
import { createHash, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { smallProgram } from './pe-header.testing.ts';

/** A certificate of a test, with the key that signs further ones. */
export interface TestCertificate {
  readonly certificate: x509.X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly der: Uint8Array;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const notBefore = new Date('2020-01-01');
/** Long over: firmware does not look at it. */
const notAfter = new Date('2021-01-01');
let serial = 1;

/** A certificate of that name, its own issuer where none is given. */
export async function testCertificate(
  name: string,
  issuer?: TestCertificate,
): Promise<TestCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const subject = `CN=${name}`;
  const serialNumber = (serial++).toString(16).padStart(4, '0');
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber,
      subject,
      issuer: issuer?.certificate.subject ?? subject,
      notBefore,
      notAfter,
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: (issuer?.keys ?? keys).privateKey,
    },
    webcrypto,
  );
  return { certificate, keys, der: new Uint8Array(certificate.rawData) };
}

/** One element of DER. */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from([tag, ...size]), content]);
}

/** SignedData with these certificates, signed by the first: the form of a signature, without its proof. */
export function signedData(certificates: readonly TestCertificate[]): Uint8Array {
  const [signer] = certificates;
  const oid = (hex: string): Uint8Array => der(0x06, Buffer.from(hex, 'hex'));
  const version = der(0x02, Uint8Array.of(1));
  const issuerAndSerial =
    signer === undefined
      ? der(0x30)
      : der(
          0x30,
          new Uint8Array(signer.certificate.issuerName.toArrayBuffer()),
          der(0x02, Buffer.from(signer.certificate.serialNumber, 'hex')),
        );
  return der(
    0x30,
    oid('2a864886f70d010702'),
    der(
      0xa0,
      der(
        0x30,
        version,
        der(0x31),
        der(0x30, oid('2b060104018237020104')),
        der(0xa0, ...certificates.map((one) => one.der)),
        der(0x31, der(0x30, version, issuerAndSerial)),
      ),
    ),
  );
}

/** A program with that table of signatures behind it. */
export function signedProgram(...signatures: readonly Uint8Array[]): Uint8Array {
  const entries = signatures.map((data) => {
    const length = 8 + data.length;
    const entry = Buffer.alloc(Math.ceil(length / 8) * 8);
    entry.writeUInt32LE(length, 0);
    entry.writeUInt16LE(0x0200, 4);
    entry.writeUInt16LE(2, 6);
    entry.set(data, 8);
    return entry;
  });
  const table = Buffer.concat(entries);
  const program = Buffer.from(smallProgram({ signature: { size: table.length } }));
  program.set(table, program.length - table.length);
  return program;
}

/** EFI_SIGNATURE_LIST of one type, with one signature. */
export function signatureList(type: string, data: Uint8Array): Uint8Array {
  const [a = '', b = '', c = '', ...rest] = type.split('-');
  const field = (text: string): Buffer => Buffer.from(text, 'hex').reverse();
  const guid = [field(a), field(b), field(c), Buffer.from(rest.join(''), 'hex')];
  const sizes = Buffer.alloc(12);
  sizes.writeUInt32LE(28 + 16 + data.length, 0);
  sizes.writeUInt32LE(16 + data.length, 8);
  return Buffer.concat([...guid, sizes, Buffer.alloc(16, 0x77), data]);
}

export const listType = {
  x509: 'a5c059a1-94e4-4aa7-87b5-ab155c2bf072',
  sha256: 'c1c41626-504c-4092-aca9-41f936934328',
  x509Sha256: '3bd2a492-96c0-4079-b420-fcf98ef103ed',
} as const;

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
