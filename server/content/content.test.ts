import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHUNK_BYTES } from '#agent/protocol/content.ts';
import { Sha256 } from '#agent/protocol/identity.ts';
import { sendFile } from './send-file.ts';
import { type ContentStore, openContentStore } from './store.ts';

let directory: string;
let content: ContentStore;
const bytes = randomBytes(2 * CHUNK_BYTES + 12_345);
const sha256 = (part: Uint8Array) => createHash('sha256').update(part).digest('hex');

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-content-'));
  content = await openContentStore(directory);
});
afterAll(async () => {
  await content.close();
  await rm(directory, { recursive: true, force: true });
});

/** Pieces of odd sizes, as a socket gives them. */
function* pieces(of: Uint8Array): Generator<Uint8Array> {
  for (let at = 0, size = 1; at < of.length; at += size, size = (size * 7) % 65_521)
    yield of.subarray(at, at + size);
}

it('M52 hashes whole and by chunk in one pass, and keeps equal objects once', async () => {
  const object = await content.ingest(Readable.from(pieces(bytes)), 'install.wim');
  expect(object).toEqual({
    path: 'install.wim',
    sizeBytes: bytes.length,
    sha256: sha256(bytes),
    chunks: [0, 1, 2].map((n) => sha256(bytes.subarray(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES))),
  });
  const { path } = await content.file(object.sha256);
  expect(path).toBe(join(directory, object.sha256.slice(0, 2), object.sha256));
  expect(sha256(await readFile(path))).toBe(object.sha256);
  await content.ingest(Readable.from(pieces(bytes)), 'again.wim');
  expect(await readdir(join(directory, 'incoming'))).toEqual([]);
});

it('an empty object is one too', async () => {
  const object = await content.ingest(Readable.from([]), 'empty');
  expect(object).toMatchObject({ sizeBytes: 0, chunks: [], sha256: sha256(Buffer.alloc(0)) });
});

it('keeps nothing of an upload that breaks off', async () => {
  async function* broken() {
    yield bytes.subarray(0, CHUNK_BYTES + 5);
    await Promise.resolve();
    throw new Error('connection reset');
  }
  await expect(content.ingest(Readable.from(broken()), 'x')).rejects.toMatchObject({
    code: 'content.cut',
  });
  // The next answer of the worker comes after it has thrown the rest away.
  await content.ingest(Readable.from([Buffer.from('next')]), 'next');
  expect(await readdir(join(directory, 'incoming'))).toEqual([]);
});

it('M52 serves ranges, HEAD and validators', async () => {
  const object = await content.ingest(Readable.from(pieces(bytes)), 'install.wim');
  const file = { ...(await content.file(object.sha256)), etag: object.sha256 };
  const server = createServer((request, response) => {
    sendFile(request, response, file).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const ask = (headers: Record<string, string>, method = 'GET') =>
    fetch(`http://127.0.0.1:${port}/`, { method, headers });
  try {
    const whole = await ask({});
    expect(whole.headers.get('content-length')).toBe(String(bytes.length));
    expect(sha256(await whole.bytes())).toBe(object.sha256);
    const etag = whole.headers.get('etag') ?? '';

    const part = await ask({ range: `bytes=${CHUNK_BYTES}-${2 * CHUNK_BYTES - 1}` });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe(
      `bytes ${CHUNK_BYTES}-${2 * CHUNK_BYTES - 1}/${bytes.length}`,
    );
    expect(sha256(await part.bytes())).toBe(object.chunks[1]);

    const outside = await ask({ range: `bytes=${bytes.length}-` });
    expect(outside.status).toBe(416);
    expect(outside.headers.get('content-range')).toBe(`bytes */${bytes.length}`);
    expect((await ask({ 'if-none-match': etag })).status).toBe(304);
    expect((await ask({ range: 'bytes=0-1', 'if-range': '"other"' })).status).toBe(200);
    const head = await ask({}, 'HEAD');
    expect(head.headers.get('accept-ranges')).toBe('bytes');
    expect((await head.bytes()).length).toBe(0);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it('has no object that was never brought in', async () => {
  await expect(content.file(Sha256.parse('0'.repeat(64)))).rejects.toMatchObject({
    code: 'content.not-found',
  });
});
