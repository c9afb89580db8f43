import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SITE_SERVER_NAME } from '#agent/protocol/bootstrap.ts';
import type { CertificateFiles } from '../trust/console-certificate.ts';
import type { Finding } from './finding.ts';

/** Renewing takes people: this long before the end they are told. */
const SOON_MS = 30 * 86_400_000;
const code = 'doctor.certificate';

/** A pair of certificate and key, and what it is to be good for. */
interface Wanted {
  /** `the site CA`, as findings begin. */
  readonly what: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Names and addresses that clients reach it by; one that is missing is told. */
  readonly names: readonly string[];
  readonly hint: string;
}

/**
 * Looks at the certificates: the site CA, which boot images pin, this server's for agents, which it signs,
 * and the console's own, where the settings name one. Each has to be good now, by this machine's clock, to
 * belong to its key, and to carry the names that clients use.
 *
 * @param consoleCertificate files of the settings; null for the site's
 * @param names of this machine that people write into a browser, with its addresses
 */
export async function checkCertificates(settings: {
  readonly dataDirectory: string;
  readonly consoleCertificate: CertificateFiles | null;
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly nowMs: number;
}): Promise<Finding[]> {
  const { dataDirectory, consoleCertificate, nowMs } = settings;
  const file = (name: string) => join(dataDirectory, name);
  const ca = await readPem(file('site-ca.pem'));
  const own: readonly Wanted[] =
    ca === undefined
      ? []
      : [
          {
            what: 'the site CA',
            certificateFile: file('site-ca.pem'),
            keyFile: file('site-ca.key'),
            names: [],
            hint: 'bring both files back from a backup: machines trust the CA that their boot image has',
          },
          {
            what: "the server's certificate for agents",
            certificateFile: file('server.pem'),
            keyFile: file('server.key'),
            names: [SITE_SERVER_NAME, ...settings.addresses],
            hint: 'restart the server: it issues it anew at each start, for the addresses of that moment',
          },
        ];
  const consoles: readonly Wanted[] =
    consoleCertificate === null
      ? []
      : [
          {
            what: 'the certificate of the console',
            ...consoleCertificate,
            names: settings.names,
            hint: 'renew it; the server takes it within half a minute after its files have changed',
          },
        ];
  const found = await Promise.all([...own, ...consoles].map((wanted) => checkPair(wanted, nowMs)));
  const signed = ca === undefined ? [] : await checkSigned(file('server.pem'), ca);
  return [...found.flat(), ...signed];
}

async function checkPair(wanted: Wanted, nowMs: number): Promise<Finding[]> {
  const { what, certificateFile, keyFile, hint } = wanted;
  const problem = (message: string): Finding => ({ level: 'problem', code, message, hint });
  let certificate: X509Certificate;
  let key: ReturnType<typeof createPrivateKey>;
  try {
    certificate = new X509Certificate(await readFile(certificateFile));
    key = createPrivateKey(await readFile(keyFile));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [problem(`${what} cannot be read: ${reason}`)];
  }
  if (!certificate.checkPrivateKey(key))
    return [problem(`${what} does not belong to its key ${keyFile}`)];
  const { validFromDate, validToDate } = certificate;
  const end = validToDate.toISOString().slice(0, 10);
  if (validFromDate.getTime() > nowMs)
    return [
      problem(
        `${what} is good from ${validFromDate.toISOString()} on, and the clock shows ${new Date(nowMs).toISOString()}: one of them is wrong`,
      ),
    ];
  if (validToDate.getTime() < nowMs) return [problem(`${what} ended on ${end}`)];
  const missing = wanted.names.filter((name) => !carries(certificate, name));
  const named: Finding[] =
    missing.length === 0
      ? []
      : [
          {
            level: 'warning',
            code,
            message: `${what} does not carry ${missing.join(', ')}: who reaches the server by that is refused or warned`,
            hint,
          },
        ];
  if (validToDate.getTime() - nowMs < SOON_MS)
    return [{ level: 'warning', code, message: `${what} ends on ${end}`, hint }, ...named];
  return [{ level: 'ok', code, message: `${what} is good until ${end}` }, ...named];
}

/** Another CA than the one that signed it is one that was copied here after the last start. */
async function checkSigned(serverFile: string, ca: string): Promise<Finding[]> {
  const text = await readPem(serverFile);
  if (text === undefined) return [];
  const server = parse(text);
  const issuer = parse(ca);
  if (server === undefined || issuer === undefined || server.verify(issuer.publicKey)) return [];
  return [
    {
      level: 'problem',
      code,
      message: "the server's certificate for agents is signed by another CA than site-ca.pem",
      hint: 'restart the server; machines that were started before trust the CA they started with',
    },
  ];
}

function carries(certificate: X509Certificate, name: string): boolean {
  return /^[\d.]+$|:/.test(name)
    ? certificate.checkIP(name) !== undefined
    : certificate.checkHost(name) !== undefined;
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

async function readPem(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}
