/**
 * Which HTTPS servers content is fetched from. Every byte is held against the manifest whatever the server;
 * its certificate says that the machine speaks with the server that was meant, and that nobody reads along.
 *
 * A bare machine's clock may be years off, and OpenSSL reads it. So a certificate that OpenSSL refuses for
 * its dates is looked at again by the time that the server has told: all of the chain, because of several
 * faults OpenSSL tells one.
 */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type DetailedPeerCertificate,
  getCACertificates,
  type SecureContext,
  TLSSocket,
} from 'node:tls';
import { Agent, buildConnector } from 'undici';
import { StepError } from '../sequence/step.ts';
import { type RangeConnections, rangeConnections } from './range-connections.ts';

const DATE_FAULTS: ReadonlySet<string> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);
const LONGEST_CHAIN = 10;
const CONNECT_MS = 10_000;
/** Extended key usage of TLS servers (RFC 5280, 4.2.1.12). */
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

/** Whom content is fetched from. */
export interface ContentTrust {
  /** PEM; the site's, as it was last told. */
  readonly cas: () => readonly string[];
  /** Milliseconds since 1970, as the server has told. */
  readonly nowMs: () => number;
}

/** Connections for content, to ask in any way and to ask for ranges. */
export interface ContentConnections extends AsyncDisposable {
  readonly dispatcher: Agent;
  readonly ranges: RangeConnections;
}

/**
 * Connections for content: HTTPS servers have a certificate of a CA of this system, of Node's own list, or of
 * one that the site has given a distribution point. Others fail with `content.certificate`.
 */
export function contentConnections(trust: ContentTrust): ContentConnections {
  const roots = trustedRoots(trust.cas);
  const dispatcher = new Agent({
    connect(options, callback) {
      const connect = buildConnector({
        secureContext: roots.context(),
        // Looked at below, before anything is sent.
        rejectUnauthorized: false,
        // A resumed session shows no chain.
        maxCachedSessions: 0,
      });
      connect(options, (...answer) => {
        const [error, socket] = answer;
        if (error !== null || !(socket instanceof TLSSocket)) return callback(...answer);
        const host = options.servername ?? options.hostname;
        const why = faultOf(socket, { host, roots, nowMs: trust.nowMs() });
        if (why === undefined) return callback(...answer);
        socket.destroy();
        callback(refused(options.hostname, why), null);
      });
    },
  });
  const ranges = rangeConnections(async (url, onread) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const isTls = url.protocol === 'https:';
    const port = Number(url.port || (isTls ? 443 : 80));
    const to = { host, port, onread, noDelay: true };
    if (!isTls) return await made(connectPlain(to), 'connect');
    const socket = connectTls({
      ...to,
      servername: isIP(host) === 0 ? host : '',
      secureContext: roots.context(),
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    });
    await made(socket, 'secureConnect');
    const why = faultOf(socket, { host, roots, nowMs: trust.nowMs() });
    if (why === undefined) return socket;
    socket.destroy();
    throw refused(host, why);
  });
  return {
    dispatcher,
    ranges,
    async [Symbol.asyncDispose]() {
      ranges.destroy();
      await dispatcher.destroy();
    },
  };
}

/** A socket that is connected, or destroyed. */
async function made<Made extends Socket>(socket: Made, event: string): Promise<Made> {
  try {
    await once(socket, event, { signal: AbortSignal.timeout(CONNECT_MS) });
    return socket;
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
}

function refused(host: string, why: string): StepError {
  return new StepError('content.certificate', `https://${host}: ${why}`, {
    exitCode: 0x80072f0d,
    hint: 'Give the distribution point a certificate for its name, or say whose it is: metalwright dp set --ca file.',
  });
}

interface Roots {
  context(): SecureContext;
  list(): readonly X509Certificate[];
}

/** CAs of the system, of Node and of the site, read again when the site's are others. */
function trustedRoots(cas: () => readonly string[]): Roots {
  let own: readonly string[] | undefined;
  let known: { key: string; context: SecureContext; list?: readonly X509Certificate[] } | undefined;
  const now = () => {
    // Read when the first HTTPS server is met: most sites have none.
    own ??= [...new Set([...getCACertificates('default'), ...systemCas()])];
    const all = [...own, ...cas().flatMap(certificatesIn)];
    const key = all.slice(own.length).join('');
    if (known?.key !== key) known = { key, context: createSecureContext({ ca: all }) };
    return { known, all };
  };
  return {
    context: () => now().known.context,
    list() {
      const { known: current, all } = now();
      current.list ??= all.map((pem) => new X509Certificate(pem));
      return current.list;
    },
  };
}

/** A PE may have no store of certificates: then there are those of Node and of the site. */
function systemCas(): readonly string[] {
  try {
    return getCACertificates('system');
  } catch {
    return [];
  }
}

/** The certificates of a PEM file, one text each. */
function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** Why a server is not trusted; undefined where it is. */
function faultOf(
  socket: TLSSocket,
  at: { readonly host: string; readonly roots: Roots; readonly nowMs: number },
): string | undefined {
  if (socket.authorized) return undefined;
  const fault: unknown = socket.authorizationError;
  const code = fault instanceof Error && 'code' in fault ? String(fault.code) : String(fault);
  if (!DATE_FAULTS.has(code)) return `its certificate is refused (${code})`;
  const leaf = socket.getPeerCertificate(true);
  const identity = checkServerIdentity(at.host, leaf);
  return identity?.message ?? chainFault(leaf, at);
}

/** Why a chain does not end at a CA that is trusted, or is not valid at a time. */
function chainFault(
  leaf: DetailedPeerCertificate,
  { roots, nowMs }: { readonly roots: Roots; readonly nowMs: number },
): string | undefined {
  const usage = new X509Certificate(leaf.raw).keyUsage;
  if (usage !== undefined && !usage.includes(SERVER_AUTH))
    return 'its certificate is not one of a server';
  let current = leaf;
  for (let length = 1; length <= LONGEST_CHAIN; length += 1) {
    const certificate = new X509Certificate(current.raw);
    const dated = dateFault(certificate, nowMs);
    if (dated !== undefined) return dated;
    const root = roots
      .list()
      .find(
        (one) => one.fingerprint256 === certificate.fingerprint256 || isIssuedBy(certificate, one),
      );
    if (root !== undefined) return dateFault(root, nowMs);
    const issuer: DetailedPeerCertificate | undefined = current.issuerCertificate;
    if (issuer?.raw === undefined || issuer.fingerprint256 === certificate.fingerprint256) break;
    if (!isIssuedBy(certificate, new X509Certificate(issuer.raw))) break;
    current = issuer;
  }
  return 'its certificate is of no CA that is trusted';
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function dateFault({ validFrom, validTo, subject }: X509Certificate, nowMs: number) {
  return nowMs < Date.parse(validFrom) || nowMs > Date.parse(validTo)
    ? `the certificate of ${subject.replaceAll('\n', ', ')} is valid from ${validFrom} to ${validTo}`
    : undefined;
}
