import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { type ConnectRange, rangeConnections } from './range-connections.ts';

const FILE = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
const connectTo: ConnectRange = async (url, onread) => {
  const socket = connect({ host: url.hostname, port: Number(url.port), onread });
  await once(socket, 'connect');
  return socket;
};

/** What a server says to the request of a range. */
type Answer = (
  socket: Socket,
  range: { readonly first: number; readonly last: number },
  count: number,
) => void;

/** The answer of a server of content. */
function plain(first: number, last: number, more: readonly string[] = []): Buffer {
  const head = [
    'HTTP/1.1 206 Partial Content',
    `Content-Range: bytes ${first}-${last}/${FILE.length}`,
    `content-length: ${last - first + 1}`,
    ...more,
    '',
    '',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head), FILE.subarray(first, last + 1)]);
}

/** A server that answers each request by hand. */
async function startServer(answer: Answer, silenceMs = 20_000) {
  const sockets = new Set<Socket>();
  let asked = 0;
  let connected = 0;
  const server = createServer({ noDelay: true }, (socket) => {
    connected += 1;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const [, first, last] = /^range: bytes=(\d+)-(\d+)$/m.exec(text) ?? [];
        text = text.slice(end + 4);
        asked += 1;
        answer(socket, { first: Number(first), last: Number(last) }, asked);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const connections = rangeConnections(connectTo, { silenceMs });
  onTestFinished(() => {
    connections.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { signal: never } = new AbortController();
  return {
    sockets,
    asked: () => asked,
    connected: () => connected,
    /** The bytes; undefined where they are to be had in another way. */
    async fetch(first: number, last: number, signal = never): Promise<Buffer | undefined> {
      const into = new Uint8Array(last - first + 1);
      const url = `http://127.0.0.1:${port}/content/x`;
      return (await connections.fetch({ url, first, last, into }, signal))
        ? Buffer.from(into)
        : undefined;
    },
  };
}

it('M52 ranges come one after the other on one connection, beside each other on several', async () => {
  const server = await startServer((socket, { first, last }) => socket.write(plain(first, last)));
  for (const at of [0, 300, 600])
    expect(await server.fetch(at, at + 99)).toEqual(FILE.subarray(at, at + 100));
  expect(server.connected()).toBe(1);
  const parts = await Promise.all([0, 100, 200].map((at) => server.fetch(at, at + 99)));
  expect(Buffer.concat(parts.map((part) => part ?? Buffer.alloc(0)))).toEqual(
    FILE.subarray(0, 300),
  );
  expect(server.connected()).toBe(3);
});

it('M52 an answer may come in any pieces', async () => {
  const whole = plain(17, 516);
  const server = await startServer((socket) => {
    void (async () => {
      let at = 0;
      for (const cut of [...cuts, whole.length]) {
        socket.write(whole.subarray(at, cut));
        await new Promise((resolve) => setImmediate(resolve));
        at = cut;
      }
    })();
  });
  let cuts: readonly number[] = [];
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(whole.length), { maxLength: 8 }), async (places) => {
      cuts = places.toSorted((one, other) => one - other);
      expect(await server.fetch(17, 516)).toEqual(FILE.subarray(17, 517));
    }),
    { numRuns: 50 },
  );
  expect(server.connected()).toBe(1);
});

it('M52 a connection that the server closes, or says too much on, is not used again', async () => {
  const more = ['Connection: close'];
  const server = await startServer((socket, { first, last }, count) => {
    if (count === 1) socket.end(plain(first, last, more));
    else if (count === 2) socket.write(Buffer.concat([plain(first, last), Buffer.from('more')]));
    else socket.write(plain(first, last));
  });
  for (const _ of [1, 2, 3]) expect(await server.fetch(0, 9)).toEqual(FILE.subarray(0, 10));
  expect(server.connected()).toBe(3);
});

it('M52 a connection that was closed while it waited is made anew', async () => {
  const server = await startServer((socket, { first, last }, count) => {
    if (count === 2) socket.resetAndDestroy();
    else socket.write(plain(first, last));
  });
  expect(await server.fetch(0, 9)).toEqual(FILE.subarray(0, 10));
  expect(await server.fetch(10, 19)).toEqual(FILE.subarray(10, 20));
  expect(server.asked()).toBe(3);
});

it.each([
  ['the whole file', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfile', false],
  ['another place', 'HTTP/1.1 302 Found\r\nlocation: /x\r\n\r\n', false],
  ['a question for an account', 'HTTP/1.1 401 Unauthorized\r\n\r\n', false],
  ['pieces of unknown length', `HTTP/1.1 206 Some\r\ntransfer-encoding: chunked\r\n\r\n`, false],
  ['two lengths', 'HTTP/1.1 206 Some\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\n', false],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', false],
  ['a head without end', 'x'.repeat(20_000), false],
  ['that it is busy', 'HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n', true],
  ['that it is not there', 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n', true],
  [
    'another range',
    'HTTP/1.1 206 Some\r\ncontent-range: bytes 1-10/1000\r\ncontent-length: 10\r\n\r\n0123456789',
    true,
  ],
  [
    'a packed one',
    'HTTP/1.1 206 Some\r\ncontent-range: bytes 0-9/1000\r\ncontent-length: 10\r\ncontent-encoding: gzip\r\n\r\n0123456789',
    true,
  ],
])('M52 a server that answers with %s is left to others', async (_what, text, isAskedAgain) => {
  const server = await startServer((socket) => socket.write(text));
  expect(await server.fetch(0, 9)).toBeUndefined();
  expect(await server.fetch(0, 9)).toBeUndefined();
  expect(server.asked(), 'one that never answers so is asked once').toBe(isAskedAgain ? 2 : 1);
});

it('M52 an answer that breaks off is no answer', async () => {
  const server = await startServer((socket, { first, last }) => {
    socket.end(plain(first, last).subarray(0, -1));
  });
  expect(await server.fetch(0, 99)).toBeUndefined();
});

it('M52 silence ends, in the middle of an answer too', async () => {
  const server = await startServer((socket, { first, last }) => {
    socket.write(plain(first, last).subarray(0, -1));
  }, 100);
  await expect(server.fetch(0, 99)).rejects.toMatchObject({
    code: 'content.unreachable',
    message: expect.stringContaining('nothing came for 0.1 s'),
  });
});

it('M52 whoever is stopped gets nothing more into its buffer', async () => {
  const server = await startServer((socket, { first, last }) => {
    socket.write(plain(first, last).subarray(0, -1));
  });
  const stop = new AbortController();
  const fetching = server.fetch(0, 99, stop.signal);
  await delay(50);
  stop.abort(new Error('stop'));
  await expect(fetching).rejects.toThrow('stop');
  await delay(50);
  expect(server.sockets.size, 'its connection is closed').toBe(0);
});
