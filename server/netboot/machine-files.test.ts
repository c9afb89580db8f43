import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SmbiosGuid } from '#agent/protocol/identity.ts';
import { formatBcd } from '#boot/bcd/format-bcd.ts';
import { parseStore } from '#boot/bcd/store.ts';
import { testBootImageFacts } from '#boot/boot-image-facts.testing.ts';
import { PLAIN_WISH } from '#boot/chain.ts';
import { BootFiles } from '../tftp/boot-files.ts';
import { openTftpServer, type TftpServer, type TransferReport } from '../tftp/socket.ts';
import { fetchByTftp } from '../tftp/tftp-client.testing.ts';
import { type MachineFiles, makeMachineFiles } from './machine-files.ts';
import type { BootFile, NetbootSnapshot } from './snapshot.ts';
import type { LoaderReport } from './windows-clients.ts';

const WIM_BYTES = 3_000_017;
const ids = ['MW100002', 'MW100003'] as const;
let folder: string;
let files: BootFiles;
let machines: MachineFiles;
let server: TftpServer;
let reports: TransferReport[];
let loaders: LoaderReport[];
let now: number;
const contents = new Map<string, Buffer>();

/** Bytes that repeat with a period of 251, which divides no size of a block. */
function bytesOf(size: number, first: number): Buffer {
  return Buffer.alloc(
    size,
    Uint8Array.from({ length: 251 }, (_, at) => (at * 7 + first) % 251),
  );
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-files-'));
  const facts = testBootImageFacts();
  const map = new Map<string, BootFile>([
    ['shimx64.efi', { kind: 'bytes', bytes: Buffer.from('MZ') }],
  ]);
  for (const [number, id] of ids.entries())
    for (const path of [
      'boot.wim',
      'boot.sdi',
      'efi/2011/bootmgfw.efi',
      'efi/boot.stl',
      'fonts/wgl4_boot.ttf',
    ]) {
      const size = path === 'boot.wim' ? WIM_BYTES + number : 3000 + path.length;
      const bytes = bytesOf(size, number * 31 + path.length);
      const file = join(folder, `${id}-${path.replaceAll('/', '-')}`);
      await writeFile(file, bytes);
      contents.set(`${id} ${path}`, bytes);
      map.set(`windows-pe/${id}/${path}`, { kind: 'file', path: file, sizeBytes: size });
    }
  const snapshot: NetbootSnapshot = {
    revision: 1,
    answerOn: [],
    byMac: new Map(),
    byGuid: new Map(),
    unknown: { kind: 'boot', reason: '', wish: PLAIN_WISH },
    excludedMacs: new Set(),
    sharedMacs: new Set(),
    bootImages: new Set(),
    windows: {
      images: ids.map((id, number) => ({ id, name: `PE ${number}`, version: 1, facts })),
      wimboot: false,
      signers: new Map(),
    },
    ports: { bootHttp: 1 },
  };
  files = new BootFiles(map);
  [reports, loaders, now] = [[], [], 0];
  machines = makeMachineFiles({ files: () => files, snapshot: () => snapshot, now: () => now });
  server = await openTftpServer({
    interface: { address: '0.0.0.0', name: undefined },
    port: 0,
    files: () => files,
    find: machines.find,
    onTransfer: (report) => {
      reports.push(report);
      const loader = machines.noteTransfer(report);
      if (loader !== undefined) loaders.push(loader);
    },
  });
});
afterEach(async () => {
  server.close();
  files.retire();
  await rm(folder, { recursive: true });
});

const fetchFrom = async (from: string, file: string, blockSize = 1456, windowSize = 4) =>
  await fetchByTftp({ address: '127.0.0.1', port: server.port }, file, {
    blockSize,
    windowSize,
    from,
  });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const contentOf = (id: string, path: string) => contents.get(`${id} ${path}`) ?? Buffer.alloc(0);
/** The path of a file as the boot configuration data names it. */
function pathIn(bcd: Uint8Array, file: string): string {
  const text = formatBcd(parseStore(bcd));
  const found = new RegExp(`\\\\windows-pe\\\\[^\\s,]*${file}`).exec(text)?.[0];
  if (found === undefined) throw new Error(text);
  return found;
}

describe('M50 two machines at once with an image each', () => {
  it('each gets boot configuration data, fonts and image of its own', async () => {
    const [one, other] = ['127.0.0.11', '127.0.0.12'];
    await Promise.all([
      fetchFrom(one, 'windows-pe\\MW100002\\efi\\2011\\bootmgfw.efi'),
      fetchFrom(other, 'windows-pe/MW100003/efi/2011/bootmgfw.efi'),
    ]);
    const answers = await Promise.all(
      [
        { from: one, id: 'MW100002' },
        { from: other, id: 'MW100003' },
      ].map(async ({ from, id }) => {
        const bcd = (await fetchFrom(from, '\\Boot\\BCD')).bytes;
        expect(pathIn(bcd, 'boot.wim')).toBe(`\\windows-pe\\${id}\\boot.wim`);
        const font = await fetchFrom(from, '\\EFI\\Microsoft\\Boot\\Fonts\\wgl4_boot.ttf');
        expect(font.bytes.equals(contentOf(id, 'fonts/wgl4_boot.ttf'))).toBe(true);
        const stl = await fetchFrom(from, '\\EFI\\Microsoft\\Boot\\boot.stl');
        expect(stl.bytes.equals(contentOf(id, 'efi/boot.stl'))).toBe(true);
        const wim = await fetchFrom(from, pathIn(bcd, 'boot.wim'));
        return { id, hash: sha256(wim.bytes) };
      }),
    );
    for (const { id, hash } of answers) expect(hash).toBe(sha256(contentOf(id, 'boot.wim')));
    expect(new Set(answers.map(({ hash }) => hash)).size).toBe(2);
  });

  it('a machine that nobody sent anywhere gets none of it', async () => {
    await expect(fetchFrom('127.0.0.13', '\\Boot\\BCD')).rejects.toThrow('TFTP error 1');
    expect(reports.at(-1)).toMatchObject({ outcome: 'absent' });
  });

  it('an address that starts Linux PE gets no BCD any more', async () => {
    await fetchFrom('127.0.0.11', 'windows-pe/MW100002/efi/2011/bootmgfw.efi');
    await fetchFrom('127.0.0.11', 'shimx64.efi');
    await expect(fetchFrom('127.0.0.11', '\\Boot\\BCD')).rejects.toThrow('TFTP error 1');
  });
});

describe('M51 windows of the boot manager', () => {
  it.each([
    { blockSize: 1456, windowSize: 4 },
    { blockSize: 1456, windowSize: 16 },
    { blockSize: 4096, windowSize: 1 },
  ])(
    'the boot image that the BCD names comes whole with $blockSize by $windowSize',
    async (tftp) => {
      const { blockSize, windowSize } = tftp;
      const from = '127.0.0.11';
      const folderName =
        blockSize === 1456 && windowSize === 4 ? '' : `tftp-${blockSize}-${windowSize}/`;
      await fetchFrom(from, `windows-pe/MW100002/${folderName}efi/2011/bootmgfw.efi`);
      const bcd = (await fetchFrom(from, '\\Boot\\BCD')).bytes;
      const text = formatBcd(parseStore(bcd));
      expect(text).toMatch(new RegExp(`ramdisktftpblocksize\\s+${blockSize}\\b`));
      expect(text).toMatch(new RegExp(`ramdisktftpwindowsize\\s+${windowSize}\\b`));
      const wim = await fetchFrom(from, pathIn(bcd, 'boot.wim'), blockSize, windowSize);
      expect(wim).toMatchObject(tftp);
      expect(wim.mostAtOnce).toBe(windowSize);
      expect(sha256(wim.bytes)).toBe(sha256(contentOf('MW100002', 'boot.wim')));
    },
  );

  it('clamps a window that is larger than any that is sent', async () => {
    const path = 'windows-pe/MW100002/boot.wim';
    expect(await fetchFrom('127.0.0.11', path, 1456, 65_535)).toMatchObject({ windowSize: 64 });
  });
});

describe('M50 what is no fault', () => {
  it.each([
    '\\EFI\\Microsoft\\Boot\\SiPolicy.p7b',
    '\\EFI\\Microsoft\\Boot\\CIPolicies\\Active\\{x}.cip',
    '\\Boot\\Fonts\\jpn_boot.ttf',
    '\\hiberfil.sys',
    '/revocations_sku.efi',
  ])('%s is told to be absent and is no failure', async (name) => {
    await expect(fetchFrom('127.0.0.11', name)).rejects.toThrow('TFTP error 1: there is no file');
    expect(reports).toEqual([
      expect.objectContaining({
        outcome: 'absent',
        reason: 'Boot loaders ask for it and do without.',
      }),
    ]);
  });

  it('any other name that is not there is one', async () => {
    await expect(fetchFrom('127.0.0.11', 'pxelinux.0')).rejects.toThrow('TFTP error 1');
    expect(reports).toMatchObject([{ outcome: 'failed' }]);
  });
});

describe('M50 what came of a boot manager', () => {
  const client = {
    mac: null,
    guid: null,
    vendorClass: 'PXEClient',
    fullClass: 'PXEClient',
    architectures: [],
    architecture: 'uefi-x64',
    isIpxe: false,
  } as const;
  const boot = {
    image: 'MW100002',
    firmware: 'uefi',
    signer: '2011',
    tftp: { blockSize: 1456, windowSize: 4 },
  } as const;
  const choice = {
    kind: 'nbp',
    chain: 'windows-pe',
    file: 'windows-pe/MW100002/efi/2011/bootmgfw.efi',
    transport: 'tftp',
    image: 'PE 0',
    boot,
    reason: '',
  } as const;
  const send = () => machines.noteSent('127.0.0.11', { client: { ...client, guid: GUID }, choice });
  const GUID = SmbiosGuid.parse('4c4c4544-0042-3510-8051-b4c04f4e4d31');

  it('is refused when nothing follows within a minute', async () => {
    send();
    await fetchFrom('127.0.0.11', choice.file);
    await expect.poll(() => reports.some(({ outcome }) => outcome === 'finished')).toBe(true);
    now = 59_000;
    expect(machines.silent()).toEqual([]);
    now = 60_000;
    expect(machines.silent()).toEqual([
      { machine: GUID, mac: null, image: 'MW100002', signer: '2011', outcome: 'refused' },
    ]);
  });

  it('has loaded when the boot image came over whole', async () => {
    send();
    await fetchFrom('127.0.0.11', choice.file);
    await fetchFrom('127.0.0.11', '\\Boot\\BCD');
    await fetchFrom('127.0.0.11', '\\windows-pe\\MW100002\\boot.wim');
    await expect
      .poll(() => loaders)
      .toEqual([
        { machine: GUID, mac: null, image: 'MW100002', signer: '2011', outcome: 'loaded' },
      ]);
    now = 600_000;
    expect(machines.silent()).toEqual([]);
  });
});
