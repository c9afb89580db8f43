import 'reflect-metadata';

import { createPrivateKey, webcrypto } from 'node:crypto';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import { readOrMake, writeSecret } from './key-file.ts';

/** The site's own certificate authority and this server's certificate, as PEM. */
export interface SiteCertificates {
  /** What boot images pin. */
  readonly caCertificate: string;
  readonly serverKey: string;
  readonly serverCertificate: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/**
 * Valid for machines whose clocks are years off: from 1970, and to the date that RFC 5280 (4.1.2.5) gives
 * to a certificate without an end. It is revoked by making a new CA.
 */
const notBefore = new Date('1970-01-01T00:00:00Z');
const notAfter = new Date('9999-12-31T23:59:59Z');

/**
 * Opens the site CA, making it at the first start, and issues this server's certificate for its names
 * and addresses of today.
 *
 * @param directory where keys and certificates are kept, mode 0700
 */
export async function openSiteCa(
  directory: string,
  addresses: readonly string[],
): Promise<SiteCertificates> {
  const caKeys = await importKeys(await readOrMake(join(directory, 'site-ca.key'), newKey));
  const caCertificate = await readOrMake(join(directory, 'site-ca.pem'), () => issueCa(caKeys));
  const serverKey = await readOrMake(join(directory, 'server.key'), newKey);
  const serverCertificate = await issueServer(
    { keys: caKeys, certificate: new x509.X509Certificate(caCertificate) },
    await importKeys(serverKey),
    addresses,
  );
  await writeSecret(join(directory, 'server.pem'), serverCertificate);
  return { caCertificate, serverKey, serverCertificate };
}

async function newKey(): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return x509.PemConverter.encode(pkcs8, 'PRIVATE KEY');
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

async function issueCa(keys: webcrypto.CryptoKeyPair): Promise<string> {
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

async function issueServer(
  ca: { readonly keys: webcrypto.CryptoKeyPair; readonly certificate: x509.X509Certificate },
  keys: webcrypto.CryptoKeyPair,
  addresses: readonly string[],
): Promise<string> {
  const names: x509.JsonGeneralNames = [
    { type: 'dns', value: SITE_SERVER_NAME },
    { type: 'dns', value: 'localhost' },
    ...[...new Set(['127.0.0.1', ...addresses])].map((value) => ({ type: 'ip', value }) as const),
  ];
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: newSerial(),
      subject: 'CN=Metalwright server',
      issuer: ca.certificate.subject,
      notBefore,
      notAfter,
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: ca.keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(ca.certificate.publicKey),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** 126 random bits, never negative, never with a leading zero byte (RFC 5280, 4.1.2.2). */
function newSerial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
