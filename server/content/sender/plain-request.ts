import { Sha256 } from '#agent/protocol/identity.ts';
import { parseRange } from '../range.ts';

/** A request for an object as clients of ours, and most others, write it. */
export interface PlainRequest {
  readonly sha256: Sha256;
  /** Its own length: where the next one begins. */
  readonly bytes: number;
  readonly range: string | undefined;
  /** The range is wanted only of the object with this tag. */
  readonly ifRange: string | undefined;
  readonly keepAlive: boolean;
}

/** What of a file is sent, `end` exclusive, and with which head. */
export interface PlainAnswer {
  readonly head: string;
  readonly start: number;
  readonly end: number;
}

/** Longest head that is read here. */
export const HEAD_BYTES = 4096;

const REQUEST = /^GET \/content\/([0-9a-f]{2})\/([0-9a-f]{64}) HTTP\/1\.1$/;
/** A name of RFC 9110, section 5.6.2, and a value without control characters. */
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e]*)$/;
/** Says something about the request that is not looked at here. */
const OTHERS = new Set([
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
]);

/**
 * Reads the head of a request (RFC 9112, sections 2 and 3), strictly: whatever is unusual, wrong or not whole
 * is left to Node's parser.
 *
 * @param text of the bytes that are there, Latin-1
 * @returns undefined for all but `GET /content/<ab>/<sha256>` without a body, in HTTP/1.1
 */
export function readPlainRequest(text: string): PlainRequest | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const [, prefix = '', hash = ''] = REQUEST.exec(first) ?? [];
  if (hash === '' || !hash.startsWith(prefix)) return undefined;
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ''] = FIELD.exec(line) ?? [];
    const key = name?.toLowerCase();
    if (key === undefined || fields.has(key) || OTHERS.has(key)) return undefined;
    fields.set(key, value.trimEnd());
  }
  if (!fields.has('host')) return undefined;
  const connection = (fields.get('connection') ?? 'keep-alive').toLowerCase();
  if (connection !== 'keep-alive' && connection !== 'close') return undefined;
  return {
    sha256: Sha256.parse(hash),
    bytes: end + 4,
    range: fields.get('range'),
    ifRange: fields.get('if-range'),
    keepAlive: connection === 'keep-alive',
  };
}

/**
 * Says how a request is answered, in the words of `sendFile`.
 *
 * @param date as in `Date` of RFC 9110
 * @returns undefined where that is no plain 200 or 206
 */
export function plainAnswer(
  { sha256, range: wanted, ifRange, keepAlive }: PlainRequest,
  sizeBytes: number,
  date: string,
  keepAliveSeconds: number,
): PlainAnswer | undefined {
  const tag = `"${sha256}"`;
  const range = parseRange(
    ifRange === undefined || ifRange === tag ? wanted : undefined,
    sizeBytes,
  );
  if (range.kind === 'outside') return undefined;
  const [start, end] = range.kind === 'part' ? [range.start, range.end + 1] : [0, sizeBytes];
  const head = [
    range.kind === 'part' ? 'HTTP/1.1 206 Partial Content' : 'HTTP/1.1 200 OK',
    'accept-ranges: bytes',
    'content-type: application/octet-stream',
    `etag: ${tag}`,
    'cache-control: public, max-age=31536000, immutable',
    `content-length: ${end - start}`,
    ...(range.kind === 'part' ? [`content-range: bytes ${start}-${end - 1}/${sizeBytes}`] : []),
    `date: ${date}`,
    ...(keepAlive
      ? ['connection: keep-alive', `keep-alive: timeout=${keepAliveSeconds}`]
      : ['connection: close']),
  ].join('\r\n');
  return { head: `${head}\r\n\r\n`, start, end };
}
