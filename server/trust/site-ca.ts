import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import { readOrMake, writeSecret } from './key-file.ts';

/** The site's own certificate authority and this server's certificate, as PEM. */
export interface SiteCertificates {
  /** What boot images pin. */
  readonly caCertificate: string;
  readonly serverKey: string;
  readonly serverCertificate: string;
}

/** What this server's certificate names. */
interface Names {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
}

/**
 * Opens the site CA, making it at the first start, and this server's certificate, which is issued anew when its
 * names and addresses are others today. What issues them is loaded when it is needed.
 *
 * @param directory where keys and certificates are kept, mode 0700
 */
export async function openSiteCa(
  directory: string,
  addresses: readonly string[],
): Promise<SiteCertificates> {
  const key = await readOrMake(join(directory, 'site-ca.key'), newKey);
  const caCertificate = await readOrMake(join(directory, 'site-ca.pem'), async () => {
    const { issueCa } = await import('./issue-certificate.ts');
    return await issueCa(key);
  });
  const serverKey = await readOrMake(join(directory, 'server.key'), newKey);
  const names = {
    hosts: [SITE_SERVER_NAME, 'localhost'],
    addresses: [...new Set(['127.0.0.1', ...addresses])],
  };
  const path = join(directory, 'server.pem');
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept !== undefined && isGood(kept, { caCertificate, serverKey, names }))
    return { caCertificate, serverKey, serverCertificate: kept };
  const { issueServer } = await import('./issue-certificate.ts');
  const ca = { key, certificate: caCertificate };
  const serverCertificate = await issueServer(ca, serverKey, names);
  await writeSecret(path, serverCertificate);
  return { caCertificate, serverKey, serverCertificate };
}

/** Whether a certificate is this CA's, for this key, and names these and no others. */
function isGood(
  pem: string,
  {
    caCertificate,
    serverKey,
    names,
  }: { readonly caCertificate: string; readonly serverKey: string; readonly names: Names },
): boolean {
  try {
    const certificate = new X509Certificate(pem);
    const ca = new X509Certificate(caCertificate);
    const named = certificate.subjectAltName?.split(', ').length ?? 0;
    return (
      certificate.checkIssued(ca) &&
      certificate.verify(ca.publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(serverKey)) &&
      named === names.hosts.length + names.addresses.length &&
      names.hosts.every((host) => certificate.checkHost(host) !== undefined) &&
      names.addresses.every((address) => certificate.checkIP(address) !== undefined)
    );
  } catch {
    return false;
  }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ format: 'pem', type: 'pkcs8' });
}
