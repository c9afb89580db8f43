import 'reflect-metadata';

import { createPrivateKey, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate authority, as PEM. */
interface Authority {
  readonly key: string;
  readonly certificate: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/**
 * Valid for machines whose clocks are years off: from 1970, and to the date that RFC 5280 (4.1.2.5) gives
 * to a certificate without an end. It is revoked by making a new CA.
 */
const notBefore = new Date('1970-01-01T00:00:00Z');
const notAfter = new Date('9999-12-31T23:59:59Z');

/** Makes the site CA's own certificate. @param key PEM */
export async function issueCa(key: string): Promise<string> {
  const keys = await importKeys(key);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: newSerial(),
      name: 'CN=Metalwright site CA',
      notBefore,
      notAfter,
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** Makes the certificate of a server. @param key PEM of the server's own */
export async function issueServer(
  ca: Authority,
  key: string,
  {
    hosts,
    addresses,
  }: { readonly hosts: readonly string[]; readonly addresses: readonly string[] },
): Promise<string> {
  const caCertificate = new x509.X509Certificate(ca.certificate);
  const [caKeys, keys] = [await importKeys(ca.key), await importKeys(key)];
  const names: x509.JsonGeneralNames = [
    ...hosts.map((value) => ({ type: 'dns', value }) as const),
    ...addresses.map((value) => ({ type: 'ip', value }) as const),
  ];
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject: 'CN=Metalwright server',
      issuer: caCertificate.subject,
      notBefore,
      notAfter,
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(caCertificate.publicKey),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** The key pair of a PEM private key. */
async function importKeys(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const key = createPrivateKey(pem);
  const jwk = key.export({ format: 'jwk' });
  const { d: _secret, ...publicJwk } = jwk;
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey('jwk', jwk, algorithm, true, ['sign']),
    publicKey: await subtle.importKey('jwk', publicJwk, algorithm, true, ['verify']),
  };
}

/** 126 random bits, never negative, never with a leading zero byte (RFC 5280, 4.1.2.2). */
function newSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
