import { createHash } from 'node:crypto';

/** What a server asks for with a 401 (RFC 9110, section 11.6.1), as far as it can be answered. */
export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'digest';
      readonly realm: string;
      readonly nonce: string;
      readonly opaque: string | undefined;
      readonly algorithm: 'MD5' | 'SHA-256';
      readonly qop: boolean;
    };

/** The best challenge of the headers: Digest with SHA-256, with MD5, then Basic; undefined for none of them. */
export function parseChallenge(
  headers: string | readonly string[] | undefined,
): Challenge | undefined {
  const found = [headers ?? []].flat().flatMap(split).flatMap(toChallenge);
  const rank = (one: Challenge): number =>
    one.scheme === 'basic' ? 2 : one.algorithm === 'MD5' ? 1 : 0;
  return found.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** Several challenges may stand in one header, after commas as their parameters do. */
function split(header: string): string[] {
  return header.split(/,\s*(?=(?:basic|digest|negotiate|ntlm|bearer)\b)/i);
}

function toChallenge(text: string): Challenge[] {
  const scheme = /^\s*(\w+)/.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'basic') return [{ scheme }];
  if (scheme !== 'digest') return [];
  const values = new Map<string, string>();
  for (const [, name = '', quoted, plain] of text.matchAll(
    /(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g,
  ))
    values.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '');
  const algorithm = (values.get('algorithm') ?? 'MD5').toUpperCase();
  const nonce = values.get('nonce');
  const qops = values.get('qop')?.split(/,\s*/);
  if (nonce === undefined || (algorithm !== 'MD5' && algorithm !== 'SHA-256')) return [];
  if (qops !== undefined && !qops.includes('auth')) return [];
  const realm = values.get('realm') ?? '';
  return [
    { scheme, realm, nonce, opaque: values.get('opaque'), algorithm, qop: qops !== undefined },
  ];
}

/** The `authorization` header that answers a challenge (RFC 7617; RFC 7616, section 3.4). */
export function answerChallenge(
  challenge: Challenge,
  account: { readonly user: string; readonly password: string },
  about: {
    readonly method: string;
    readonly uri: string;
    readonly cnonce: string;
    readonly count: number;
  },
): string {
  const { user, password } = account;
  if (challenge.scheme === 'basic')
    return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
  const { realm, nonce, opaque, algorithm, qop } = challenge;
  const digest = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text, 'utf8')
      .digest('hex');
  const secret = digest(`${user}:${realm}:${password}`);
  const asked = digest(`${about.method}:${about.uri}`);
  const count = about.count.toString(16).padStart(8, '0');
  const response = digest(
    qop
      ? `${secret}:${nonce}:${count}:${about.cnonce}:auth:${asked}`
      : `${secret}:${nonce}:${asked}`,
  );
  const parts = [
    `username=${quote(user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(about.uri)}`,
    `algorithm=${algorithm}`,
    `response="${response}"`,
    ...(qop ? ['qop=auth', `nc=${count}`, `cnonce=${quote(about.cnonce)}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
  ];
  return `Digest ${parts.join(', ')}`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/(["\\])/g, '\\$1')}"`;
}
