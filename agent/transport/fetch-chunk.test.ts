import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentConnections } from './content-trust.ts';
import { httpChunks } from './fetch-chunk.ts';

const file = Buffer.from('0123456789'.repeat(10));
type Answer = (request: IncomingMessage, response: ServerResponse) => void;
/** Answers by the path that is asked for. */
const answers: Readonly<Record<string, Answer>> = {
  good: (request, response) => {
    const [, first = 0, last = 0] = /(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    const range = `bytes ${first}-${last}/100`;
    response.writeHead(206, { 'content-range': range, 'content-type': 'text/html' });
    response.end(file.subarray(Number(first), Number(last) + 1));
  },
  whole: (_request, response) => response.writeHead(200).end(file),
  big: (_request, response) => response.writeHead(200).end(file),
  moved: (_request, response) => response.writeHead(301, { location: '/good' }).end('moved'),
  loop: (_request, response) => response.writeHead(302, { location: '/loop' }).end(),
  away: (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  gone: (_request, response) => response.writeHead(404).end('<html>not found</html>'),
  forbidden: (_request, response) => response.writeHead(403).end(),
  busy: (_request, response) => response.writeHead(503).end(),
  short: (_request, response) => response.writeHead(416, { 'content-range': 'bytes */5' }).end(),
  truncated: (_request, response) =>
    response.writeHead(206, { 'content-range': 'bytes 10-14/15' }).end('56789'),
  cut: (_request, response) => {
    response.writeHead(206, { 'content-range': 'bytes 10-19/100', 'content-length': '10' });
    response.write('012');
    setTimeout(() => response.destroy(), 5);
  },
  wrong: (_request, response) =>
    response.writeHead(206, { 'content-range': 'bytes 0-9/100' }).end('0123456789'),
  zipped: (request, response) => {
    if (request.headers['accept-encoding'] !== 'identity') throw new Error('identity is asked for');
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(file));
  },
  portal: (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>'),
  slow: (_request, response) => {
    response.writeHead(206, { 'content-range': 'bytes 10-19/100' });
    response.write('0');
  },
};
const server = createServer((request, response) => {
  const answer = answers[(request.url ?? '').slice(1)];
  if (answer === undefined) response.writeHead(404).end();
  else answer(request, response);
});
/** New ones each time: servers that answer otherwise are remembered. */
const opened: AsyncDisposable[] = [];
const connections = () => {
  const made = contentConnections({ cas: () => [], nowMs: () => Date.now() });
  opened.push(made);
  return made;
};
let base = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(async () => {
  for (const one of opened) await one[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});
const { signal } = new AbortController();
const fetch = async (path: string, more: { first?: number; deadlineMs?: number } = {}) => {
  const { first = 10, ...rest } = more;
  const chunk = { url: `${base}/${path}`, first, last: first + 9, ...rest };
  return Buffer.from(await httpChunks(connections())(chunk, signal)).toString();
};

describe('M52 a chunk from a web server', () => {
  it.each(['good', 'moved', 'whole'])('comes from one that is %s', async (path) => {
    expect(await fetch(path)).toBe('0123456789');
    expect(await fetch(path, { first: 0 })).toBe('0123456789');
  });

  it.each([
    ['gone', 'content.missing', /was answered 404/],
    ['forbidden', 'content.answer', /was answered 403/],
    ['busy', 'content.unreachable', /was answered 503/],
    ['short', 'content.damaged', /too short/],
    ['truncated', 'content.damaged', /ends at byte 14/],
    ['cut', 'content.unreachable', /\/cut: /],
    ['wrong', 'content.answer', /from byte 0 on, asked for 10/],
    ['zipped', 'content.answer', /sent as gzip: no compression/],
    ['portal', 'content.answer', /sent 9 of 10 bytes, as text\/html/],
    ['loop', 'content.answer', /redirected more than 3 times/],
    ['away', 'content.answer', /leads to file:/],
  ])('from one that is %s is %s', async (path, code, message) => {
    await expect(fetch(path)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('is not waited for longer than said, and not read over a whole image', async () => {
    await expect(fetch('slow', { deadlineMs: 50 })).rejects.toMatchObject({
      code: 'content.unreachable',
      message: expect.stringContaining('took over 50 ms'),
    });
    await expect(fetch('big', { first: 100 * 1024 * 1024 })).rejects.toMatchObject({
      code: 'content.answer',
      message: expect.stringContaining('it must take ranges'),
    });
  });

  it('is unreachable where nothing listens, and an abort stays one', async () => {
    const chunk = { url: 'http://127.0.0.1:1/x', first: 0, last: 9 };
    const refused = httpChunks(connections())(chunk, signal);
    await expect(refused).rejects.toMatchObject({ code: 'content.unreachable' });
    const aborted = httpChunks(connections())(chunk, AbortSignal.abort(new Error('stop')));
    await expect(aborted).rejects.toThrow('stop');
  });
});
