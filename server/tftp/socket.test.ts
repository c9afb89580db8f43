import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BootFile } from '../netboot/snapshot.ts';
import { BootFiles } from './boot-files.ts';
import { formatPacket, parsePacket, type TftpPacket } from './packet.ts';
import { openTftpServer, type TftpServer, type TransferReport } from './socket.ts';
import { openTransferPump } from './transfer-pump.ts';

/** A client's socket that hands out what arrives, one packet at a time. */
class Client {
  readonly #socket: Socket = createSocket('udp4');
  readonly #arrived: { packet: TftpPacket; port: number }[] = [];
  #wake: (() => void) | undefined;
  static async open(): Promise<Client> {
    const client = new Client();
    client.#socket.on('message', (bytes, { port }) => {
      client.#arrived.push({ packet: parsePacket(bytes), port });
      client.#wake?.();
    });
    client.#socket.bind(0, '127.0.0.1');
    await once(client.#socket, 'listening');
    return client;
  }
  send(packet: TftpPacket | Uint8Array, port: number): void {
    const bytes = packet instanceof Uint8Array ? packet : formatPacket(packet);
    this.#socket.send(bytes, port, '127.0.0.1');
  }
  async next(): Promise<{ packet: TftpPacket; port: number }> {
    for (;;) {
      const found = this.#arrived.shift();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
  close(): void {
    this.#socket.close();
  }
}

const text = Buffer.from('set timeout=0\nboot\n');
const content = Buffer.from(Uint8Array.from({ length: 525_001 }, (_, index) => (index * 7) % 253));
let folder: string;
let server: TftpServer;
let client: Client;
let files: BootFiles;
let reports: TransferReport[];

// Past dgram, as it is in use, and over dgram, as it is where there is no `node:ffi`.
describe.each([
  { way: 'by the batch', pump: openTransferPump() },
  { way: 'over dgram', pump: undefined },
])('$way', ({ pump }) => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tftp-'));
    await writeFile(join(folder, 'kernel'), content);
    const map = new Map<string, BootFile>([
      ['vmlinuz', { kind: 'file', path: join(folder, 'kernel'), sizeBytes: content.length }],
      ['grub/grub.cfg', { kind: 'bytes', bytes: text }],
      ['gone', { kind: 'file', path: join(folder, 'gone'), sizeBytes: 5 }],
    ]);
    files = new BootFiles(map);
    reports = [];
    server = await openTftpServer({
      interface: { address: '127.0.0.1', name: 'lo' },
      port: 0,
      files: () => files,
      onTransfer: (report) => reports.push(report),
      pump,
    });
    client = await Client.open();
  });
  afterEach(async () => {
    server.close();
    client.close();
    files.retire();
    await rm(folder, { recursive: true });
  });

  const readRequest = (file: string, options: Record<string, string> = {}, mode = 'octet') =>
    ({ op: 'rrq', file, mode, options: new Map(Object.entries(options)) }) as const;

  /** Fetches a file as a correct client does, and returns its bytes. */
  async function fetchFile(file: string, options: Record<string, string>): Promise<Buffer> {
    const windowSize = Number(options['windowsize'] ?? 1);
    const blockSize = Number(options['blksize'] ?? 512);
    client.send(readRequest(file, options), server.port);
    const parts: Uint8Array[] = [];
    if (Object.keys(options).length > 0) {
      const oack = await client.next();
      expect(oack.packet.op).toBe('oack');
      client.send({ op: 'ack', block: 0 }, oack.port);
    }
    for (;;) {
      const { packet, port } = await client.next();
      if (packet.op !== 'data') throw new Error(JSON.stringify(packet));
      expect(packet.block).toBe((parts.length + 1) & 0xffff);
      parts.push(packet.payload);
      const last = packet.payload.length < blockSize;
      if (last || parts.length % windowSize === 0)
        client.send({ op: 'ack', block: packet.block }, port);
      if (last) return Buffer.concat(parts);
    }
  }

  describe('M51 transfers over real sockets', () => {
    it.each([
      { options: {} },
      { options: { blksize: '1468', windowsize: '4' } },
      { options: { blksize: '1468', windowsize: '64', tsize: '0' } },
      { options: { blksize: '65464' } },
      { options: { blksize: '8192', windowsize: '8', timeout: '3' } },
      { options: { blksize: '8', windowsize: '64' } },
    ])('sends a file from the disk with $options', async ({ options }) => {
      // 525,001 bytes in blocks of 8 are 65,626 blocks: past the rollover.
      expect((await fetchFile('vmlinuz', options)).equals(content)).toBe(true);
    });

    it('sends bytes from memory under any spelling of the name', async () => {
      expect((await fetchFile('\\grub\\grub.cfg', {})).equals(text)).toBe(true);
      expect((await fetchFile('/grub/grub.cfg', { tsize: '0' })).equals(text)).toBe(true);
    });

    it('serves many clients at once from one socket', async () => {
      const others = await Promise.all(Array.from({ length: 20 }, () => Client.open()));
      for (const other of others) other.send(readRequest('grub/grub.cfg'), server.port);
      const answers = await Promise.all(others.map((other) => other.next()));
      expect(new Set(answers.map(({ port }) => port)).size).toBe(1);
      for (const { packet } of answers) expect(packet).toMatchObject({ op: 'data', payload: text });
      for (const other of others) other.close();
    });

    it('a packet from another port gets ERROR 5 and disturbs nothing', async () => {
      const stranger = await Client.open();
      client.send(readRequest('vmlinuz'), server.port);
      const first = await client.next();
      stranger.send({ op: 'ack', block: 1 }, first.port);
      expect((await stranger.next()).packet).toMatchObject({ op: 'error', code: 5 });
      stranger.send(Buffer.from([0]), first.port);
      client.send({ op: 'ack', block: 1 }, first.port);
      expect((await client.next()).packet).toMatchObject({ op: 'data', block: 2 });
      stranger.close();
    });

    it('a late duplicate of the last ACK gets no ERROR, which would spoil the next request', async () => {
      client.send(readRequest('grub/grub.cfg'), server.port);
      const { port } = await client.next();
      client.send({ op: 'ack', block: 1 }, port);
      client.send({ op: 'ack', block: 1 }, port);
      client.send(readRequest('grub/grub.cfg'), server.port);
      const second = await client.next();
      expect(second.packet).toMatchObject({ op: 'data', block: 1 });
      expect(second.port).not.toBe(port);
    });

    it('a request that is repeated does not start a second transfer', async () => {
      const request = readRequest('vmlinuz', { tsize: '0' });
      client.send(request, server.port);
      client.send(request, server.port);
      const first = await client.next();
      client.send(request, server.port);
      const again = await client.next();
      expect(again).toEqual(first);
      expect(reports.filter(({ outcome }) => outcome === 'started')).toHaveLength(1);
    });

    it('reports what was asked, sent and finished', async () => {
      await fetchFile('vmlinuz', { blksize: '1468', windowsize: '4' });
      await expect.poll(() => reports).toHaveLength(2);
      expect(reports).toEqual([
        expect.objectContaining({
          outcome: 'started',
          reason: 'Blocks of 1468 bytes, 4 at a time.',
        }),
        {
          client: '127.0.0.1',
          file: 'vmlinuz',
          outcome: 'finished',
          bytes: content.length,
          reason: 'The client has the whole file.',
        },
      ]);
    });
  });

  describe('what is refused, with a TFTP error', () => {
    it.each([
      { name: 'an unknown file', packet: readRequest('nothing'), code: 1 },
      { name: 'a folder', packet: readRequest('grub'), code: 1 },
      { name: '..', packet: readRequest('../../etc/passwd'), code: 2 },
      { name: 'an absolute path', packet: readRequest('/etc/passwd'), code: 1 },
      { name: '500 bytes of name', packet: readRequest('x'.repeat(500)), code: 2 },
      { name: 'netascii', packet: readRequest('vmlinuz', {}, 'netascii'), code: 4 },
      { name: 'writing', packet: { ...readRequest('vmlinuz'), op: 'wrq' as const }, code: 2 },
      { name: 'NUL inside', packet: Buffer.from('\0\u0001a\0b\0octet\0', 'latin1'), code: 4 },
      { name: 'a cut request', packet: Buffer.from('\0\u0001vmlinuz', 'latin1'), code: 4 },
    ])('$name', async ({ packet, code }) => {
      client.send(packet, server.port);
      expect((await client.next()).packet).toMatchObject({ op: 'error', code });
      expect(reports).toHaveLength(1);
    });

    it('a file that vanished from the disk', async () => {
      client.send(readRequest('gone'), server.port);
      expect((await client.next()).packet).toMatchObject({ op: 'error', code: 0 });
      await expect.poll(() => reports.at(-1)?.reason).toContain('ENOENT');
    });

    it('a file that is shorter than it was', async () => {
      await truncate(join(folder, 'kernel'), 1000);
      client.send(readRequest('vmlinuz'), server.port);
      expect((await client.next()).packet).toMatchObject({ op: 'error', code: 0 });
      await expect.poll(() => reports.at(-1)?.reason).toContain('ends at byte 1000 of 525001');
    });

    it('the 2049th transfer of one client', async () => {
      const clients = await Promise.all(Array.from({ length: 2049 }, () => Client.open()));
      const answers: Awaited<ReturnType<Client['next']>>[] = [];
      for (let at = 0; at < clients.length; at += 100)
        answers.push(
          ...(await Promise.all(
            clients.slice(at, at + 100).map((one) => {
              one.send(readRequest('vmlinuz'), server.port);
              return one.next();
            }),
          )),
        );
      const refused = answers.filter(({ packet }) => packet.op === 'error');
      expect(refused).toHaveLength(1);
      for (const one of clients) one.close();
    });

    it('noise without an opcode, silently', async () => {
      client.send(Buffer.from([7]), server.port);
      client.send(Buffer.alloc(600, 0xff), server.port);
      client.send(readRequest('grub/grub.cfg'), server.port);
      expect((await client.next()).packet.op).toBe('data');
    });
  });

  it('M51 steps a client that refuses the options down, request by request, until it gets none', async () => {
    const options = new Map([
      ['blksize', '8192'],
      ['windowsize', '16'],
    ]);
    const seen: string[] = [];
    for (let step = 0; step < 5; step += 1) {
      // A port of its own for each, as firmware has.
      const firmware = await Client.open();
      firmware.send({ op: 'rrq', file: 'vmlinuz', mode: 'octet', options }, server.port);
      const { packet, port } = await firmware.next();
      seen.push(packet.op === 'oack' ? [...packet.options.values()].join(' ') : packet.op);
      const refusal = { op: 'error', code: 8, message: 'option refused' } as const;
      firmware.send(refusal, port);
      if (packet.op === 'oack')
        await expect
          .poll(() => reports.filter(({ outcome }) => outcome === 'failed').length)
          .toBe(step + 1);
      firmware.close();
    }
    expect(seen).toEqual(['8192 16', '1428 4', '1024 1', '512 1', 'data']);
  });
});
