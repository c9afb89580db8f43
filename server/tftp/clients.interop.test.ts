import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BootFile } from '../netboot/snapshot.ts';
import { BootFiles } from './boot-files.ts';
import { openTftpServer, type TftpServer, type TransferReport } from './socket.ts';

/** Clients written by others, on loopback with a port of our own. */
const run = promisify(execFile);
const required = process.env['REQUIRE_PEERS'] === '1';
const content = Buffer.from(
  Uint8Array.from({ length: 1_500_001 }, (_, index) => (index * 31) % 241),
);
let folder: string;
let server: TftpServer;
let files: BootFiles;
const reports: TransferReport[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tftp-interop-'));
  await writeFile(join(folder, 'kernel'), content);
  const map = new Map<string, BootFile>([
    ['vmlinuz', { kind: 'file', path: join(folder, 'kernel'), sizeBytes: content.length }],
  ]);
  files = new BootFiles(map);
  server = await openTftpServer({
    interface: { address: '127.0.0.1', name: 'lo' },
    port: 0,
    files: () => files,
    onTransfer: (report) => reports.push(report),
  });
});
afterAll(async () => {
  server.close();
  files.retire();
  await rm(folder, { recursive: true });
});

async function isThere(program: string): Promise<boolean> {
  return access(program).then(
    () => true,
    () => required,
  );
}

const atftp = (options: readonly string[]) => (port: string, out: string) => [
  ...options.flatMap((option) => ['--option', option]),
  '--get',
  '--remote-file',
  'vmlinuz',
  '--local-file',
  out,
  '127.0.0.1',
  port,
];
const peers = [
  { name: 'atftp', program: '/usr/bin/atftp', argv: atftp([]), says: 'Blocks of 512 bytes, 1 ' },
  {
    name: 'atftp, windows',
    program: '/usr/bin/atftp',
    argv: atftp(['blksize 1428', 'windowsize 16', 'tsize 0', 'timeout 2']),
    says: 'Blocks of 1428 bytes, 16 ',
  },
  {
    name: 'atftp, large blocks',
    program: '/usr/bin/atftp',
    argv: atftp(['blksize 65464']),
    says: 'Blocks of 65464 bytes, 1 ',
  },
  {
    name: 'tftp-hpa',
    program: '/usr/bin/tftp',
    argv: (port: string, out: string) => [
      '-m',
      'binary',
      '127.0.0.1',
      port,
      '-c',
      'get',
      '/vmlinuz',
      out,
    ],
    says: 'Blocks of 512 bytes, 1 ',
  },
  {
    name: 'curl',
    program: '/usr/bin/curl',
    argv: (port: string, out: string) => [
      '--silent',
      '--show-error',
      '--tftp-blksize',
      '1428',
      '--output',
      out,
      `tftp://127.0.0.1:${port}/vmlinuz`,
    ],
    says: 'Blocks of 1428 bytes, 1 ',
  },
  {
    name: 'busybox',
    program: '/usr/bin/busybox',
    argv: (port: string, out: string) => [
      'tftp',
      '-g',
      '-b',
      '1468',
      '-r',
      'vmlinuz',
      '-l',
      out,
      '127.0.0.1',
      port,
    ],
    says: 'Blocks of 1468 bytes, 1 ',
  },
] as const;

describe.each(peers)('M51 $name', ({ name, program, argv, says }) => {
  it('fetches a file whole', async (context) => {
    if (!(await isThere(program))) context.skip(`${program} is not installed`);
    const out = join(folder, name.replaceAll(/\W/g, '-'));
    await run(program, [...argv(String(server.port), out)], { timeout: 15_000 });
    expect((await readFile(out)).equals(content)).toBe(true);
    await expect.poll(() => reports.at(-1)?.outcome).toBe('finished');
    expect(reports.findLast(({ outcome }) => outcome === 'started')?.reason).toContain(says);
  });
});
