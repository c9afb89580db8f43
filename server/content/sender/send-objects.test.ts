import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { Agent, createServer, type IncomingHttpHeaders, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { sendFile } from '../send-file.ts';
import { sendObjects } from './send-objects.ts';

/** More than the system keeps of a connection that nobody reads. */
const BIG = 24_000_000;

/** A server with one object, and what its sending thread told. */
async function startServer(size = 100_000) {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-objects-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const bytes = randomBytes(size);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = join(directory, sha256.slice(0, 2), sha256);
  await mkdir(join(directory, sha256.slice(0, 2)));
  await writeFile(file, bytes);
  const path = `/content/${sha256.slice(0, 2)}/${sha256}`;
  const told: string[] = [];
  const here: string[] = [];
  let worker: Worker | undefined;
  const server = createServer((asked, answer) => {
    here.push(`${asked.method} ${asked.url}`);
    if (asked.url !== path) return void answer.writeHead(404).end('not here');
    void sendFile(asked, answer, { path: file, sizeBytes: size, etag: sha256 });
  });
  server.keepAliveTimeout = 72_000;
  const sending = sendObjects(server, {
    directory,
    onSent: (answers, sent) => told.push(`sent ${answers} ${sent}`),
    onShort: () => told.push('short'),
    onEnd: () => told.push('ended'),
    onWorker: (thread) => {
      worker = thread;
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  onTestFinished(async () => {
    await sending[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
  });
  return { bytes, sha256, path, file, told, here, port, server, sending, worker: () => worker };
}
type Server = Awaited<ReturnType<typeof startServer>>;

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function ask(
  { port, path }: Server,
  options: {
    readonly path?: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly agent?: Agent;
  } = {},
): Promise<Answer> {
  const asked = request({ host: '127.0.0.1', port, path, ...options });
  asked.end();
  const [answer] = await once(asked, 'response');
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) };
}

/** All that comes on a connection until it ends. */
async function readAll(socket: Socket): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of socket) parts.push(part);
  return Buffer.concat(parts);
}

async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await done()) return;
    await delay(25);
  }
  throw new Error(`never: ${what}`);
}

/** Connections of a port that the other side has closed and this process has not (`CLOSE_WAIT`). */
async function leftOpen(port: number): Promise<number> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = (await readFile('/proc/self/net/tcp', 'utf8')).split('\n');
  return lines.filter((line) => new RegExp(`^ *\\d+: [0-9A-F]{8}:${hex} \\S+ 08 `).test(line))
    .length;
}

it.each([
  { headers: {}, status: 200 },
  { headers: { range: 'bytes=10-19' }, status: 206 },
  { headers: { range: 'bytes=-5' }, status: 206 },
  { headers: { range: 'bytes=99999-' }, status: 206 },
  { headers: { range: 'bytes=0-1,5-6' }, status: 200 },
])('M52 the thread answers $headers as the server itself does', async ({ headers, status }) => {
  const server = await startServer();
  const { bytes, here } = server;
  const agent = new Agent({ keepAlive: true });
  const answer = await ask(server, { headers, agent });
  expect(here, 'the server has seen nothing of it').toEqual([]);
  // A method that the thread leaves alone brings the connection to the server, which keeps it.
  await ask(server, { method: 'HEAD', agent });
  const own = await ask(server, { headers, agent });
  expect(here).toHaveLength(2);
  agent.destroy();
  expect(answer.status).toBe(status);
  expect(answer.body.equals(own.body), 'the same bytes').toBe(true);
  if (status === 200) expect(answer.body.equals(bytes)).toBe(true);
  const { date: _, ...told } = answer.headers;
  const { date: __, ...ownHeaders } = own.headers;
  expect(told).toEqual(ownHeaders);
});

it.each([
  { what: 'another path', options: { path: '/boot/vmlinuz' }, status: 404 },
  {
    what: 'an object that is not there',
    options: { path: `/content/00/${'0'.repeat(64)}` },
    status: 404,
  },
  { what: 'a range outside', options: { headers: { range: 'bytes=100000-' } }, status: 416 },
  { what: 'a head alone', options: { method: 'HEAD' }, status: 200 },
])('M52 $what is answered by the server', async ({ options, status }) => {
  const server = await startServer();
  const answer = await ask(server, options);
  expect(answer.status).toBe(status);
  expect(server.here).toHaveLength(1);
});

it('M52 requests that come at once are answered in their order, those of the thread and those of the server', async () => {
  const server = await startServer(1000);
  const socket = connect(server.port, '127.0.0.1');
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n`;
  socket.write(
    [server.path, server.path, '/other', server.path]
      .map((path) => `${get(path)}\r\n`)
      .join('')
      .concat(`${get('/last')}Connection: close\r\n\r\n`),
  );
  const all = (await readAll(socket)).toString('latin1');
  const statuses = [...all.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
  expect(statuses).toEqual(['200', '200', '404', '200', '404']);
  expect(all.split(server.bytes.toString('latin1')), 'three whole bodies').toHaveLength(4);
  expect(server.here).toEqual(['GET /other', `GET ${server.path}`, 'GET /last']);
});

it('M52 a head that comes in pieces is answered', async () => {
  const server = await startServer(1000);
  const socket = connect(server.port, '127.0.0.1');
  socket.setNoDelay(true);
  socket.write(`GET ${server.path.slice(0, 20)}`);
  await delay(50);
  socket.write(`${server.path.slice(20)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const all = await readAll(socket);
  expect(all.subarray(-1000).equals(server.bytes)).toBe(true);
});

it('M52 a client that reads slowly gets every byte, others meanwhile theirs', async () => {
  const server = await startServer(BIG);
  const slow = connect(server.port, '127.0.0.1');
  slow.write(`GET ${server.path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  slow.pause();
  await delay(50);
  const others = await Promise.all([1, 2, 3].map(() => ask(server)));
  for (const { body } of others) expect(body.equals(server.bytes)).toBe(true);
  const all = await readAll(slow);
  expect(all.subarray(-BIG).equals(server.bytes)).toBe(true);
  await until('what was sent is told', () => server.told.length > 0);
  expect(server.here).toEqual([]);
});

it('M52 a client that goes in the middle leaves nothing open', async () => {
  const server = await startServer(BIG);
  for (const _ of [1, 2, 3]) {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET ${server.path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    socket.destroy();
  }
  const idle = connect(server.port, '127.0.0.1');
  await once(idle, 'connect');
  idle.end();
  await until('all are closed', async () => (await leftOpen(server.port)) === 0);
  expect((await ask(server)).body.equals(server.bytes), 'the next is served').toBe(true);
});

it('M52 a file that becomes shorter breaks the answer off, and is told', async () => {
  const server = await startServer(BIG);
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`GET ${server.path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await once(socket, 'readable');
  await truncate(server.file, 1000);
  const all = await readAll(socket).catch(() => Buffer.alloc(0));
  expect(all.length).toBeLessThan(BIG);
  await until('it is told', () => server.told.includes('short'));
});

it('M52 a thread that ends takes its connections along; the server answers from then on', async () => {
  const server = await startServer();
  const agent = new Agent({ keepAlive: true });
  await ask(server, { agent });
  await server.worker()?.terminate();
  expect(server.told).toContain('ended');
  const answer = await ask(server, { agent }).catch(() => ask(server));
  expect(answer.body.equals(server.bytes)).toBe(true);
  expect(server.here).toHaveLength(1);
  agent.destroy();
});

it('M52 closing ends what is under way, and connections that wait', async () => {
  const server = await startServer(BIG);
  const sockets = [1, 2].map(() => connect(server.port, '127.0.0.1'));
  const [busy, waiting] = sockets;
  busy?.write(`GET ${server.path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  if (busy !== undefined) await once(busy, 'data');
  const ends = [busy, waiting].map(async (socket) => {
    socket?.on('error', () => {});
    socket?.resume();
    if (socket !== undefined) await once(socket, 'close');
  });
  await server.sending[Symbol.asyncDispose]();
  await Promise.all(ends);
  expect(server.told, 'it was meant to end').not.toContain('ended');
});
