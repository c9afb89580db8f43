import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainAnswer, readPlainRequest } from './plain-request.ts';

const HASH = 'ab'.repeat(32);
const FIRST = `GET /content/ab/${HASH} HTTP/1.1`;
const head = (...lines: readonly string[]) => [...lines, '', ''].join('\r\n');

it('M52 a request for an object is read, and where the next begins', () => {
  const text = head(FIRST, 'Host: 10.0.0.1:7480', 'RANGE:  bytes=5-9 ', 'Accept: */*');
  expect(readPlainRequest(`${text}GET /next`)).toEqual({
    sha256: HASH,
    bytes: text.length,
    range: 'bytes=5-9',
    ifRange: undefined,
    keepAlive: true,
  });
  expect(readPlainRequest(head(FIRST, 'Host: x', 'Connection: Close'))?.keepAlive).toBe(false);
});

it.each([
  ['half a head', FIRST],
  ['no host', head(FIRST)],
  ['HTTP/1.0', head(FIRST.replace('1.1', '1.0'), 'Host: x')],
  ['another method', head(FIRST.replace('GET', 'HEAD'), 'Host: x')],
  ['another path', head('GET /boot/vmlinuz HTTP/1.1', 'Host: x')],
  ['a query', head(FIRST.replace(' HTTP', '?a HTTP'), 'Host: x')],
  ['another folder than the hash begins with', head(FIRST.replace('/ab/', '/ac/'), 'Host: x')],
  ['a hash in capitals', head(FIRST.replace(HASH, HASH.toUpperCase()), 'Host: x')],
  ['a body', head(FIRST, 'Host: x', 'Content-Length: 3')],
  ['a body of unknown length', head(FIRST, 'Host: x', 'Transfer-Encoding: chunked')],
  ['two ranges of one name', head(FIRST, 'Host: x', 'Range: bytes=0-1', 'Range: bytes=2-3')],
  ['a tag that it has', head(FIRST, 'Host: x', `If-None-Match: "${HASH}"`)],
  ['a folded line', head(FIRST, 'Host: x', 'Range: bytes=0-1', ' ,3-4')],
  ['a space before the colon', head(FIRST, 'Host : x')],
  ['lines that end by LF alone', `${FIRST}\nHost: x\n\n`],
  ['a control character', head(FIRST, 'Host: x', 'Range: bytes=0-1\u0000')],
  ['another connection option', head(FIRST, 'Host: x', 'Connection: upgrade')],
])('M52 %s is left to others', (_what, text) => {
  expect(readPlainRequest(text)).toBeUndefined();
});

it('M52 whatever is put into a head, it is refused, or asks for the same object', () => {
  const text = head(FIRST, 'Host: x', 'Range: bytes=0-1');
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary-ascii', maxLength: 200 }),
      fc.nat(text.length),
      (junk, at) => {
        const read = readPlainRequest(text.slice(0, at) + junk + text.slice(at));
        if (read === undefined) return;
        expect(read.sha256).toBe(HASH);
        expect(read.bytes).toBeLessThanOrEqual(text.length + junk.length);
      },
    ),
    { numRuns: 2000 },
  );
});

it('M52 an answer of the whole, of a part, of a part that is of another version', () => {
  const read = (...lines: readonly string[]) => {
    const request = readPlainRequest(head(FIRST, 'Host: x', ...lines));
    return request && plainAnswer(request, 10, 'Sat, 28 Nov 2026 18:00:00 GMT', 72);
  };
  expect(read()).toMatchObject({ start: 0, end: 10, head: expect.stringContaining(' 200 OK\r\n') });
  const part = read('Range: bytes=4-', `If-Range: "${HASH}"`);
  expect(part).toMatchObject({ start: 4, end: 10 });
  expect(part?.head).toContain(' 206 Partial Content\r\n');
  expect(part?.head).toContain('\r\ncontent-range: bytes 4-9/10\r\n');
  expect(part?.head).toContain('\r\ncontent-length: 6\r\n');
  expect(read('Range: bytes=4-', 'If-Range: "older"')).toMatchObject({ start: 0, end: 10 });
  expect(read('Range: bytes=10-'), 'it is told by others').toBeUndefined();
  expect(read('Connection: close')?.head).toMatch(/\r\nconnection: close\r\n\r\n$/);
});
