import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatHive } from '#boot/bcd/format-hive.ts';
import type { HiveKey, HiveValue } from '#boot/bcd/hive.ts';
import { dwordValue, textValue } from '#boot/bcd/registry-value.ts';
import { readWim } from '#media/wim/metadata.ts';
import type { CaptureCapability, ImageToCapture } from '../../sequence/capture-capability.ts';
import type { FileSystem, StepProgress, VolumeId } from '../../sequence/platform.ts';
import { exclusionsFor } from '../../steps/capture-exclusions.ts';
import { linuxCapture } from './capture.ts';
import { type LinuxDisk, linuxDisk } from './disk.ts';
import { linuxGeneralize } from './generalize.ts';
import { type LoopDisk, loopDisk, missingPeers } from './loop-disk.testing.ts';
import { Mounts } from './mounts.ts';
import { linuxWindows } from './windows/windows.ts';
import { key } from './windows/windows-disk.testing.ts';

const missing = missingPeers('wimlib-imagex', 'mkntfs', 'ntfs-3g', 'ntfsfix', 'debugfs', 'sfdisk');
const MIB = 1024 * 1024;
const { signal } = new AbortController();

interface Fixture extends AsyncDisposable {
  readonly capture: CaptureCapability;
  readonly disk: LinuxDisk;
  readonly volumes: readonly { readonly volume: VolumeId; readonly device: string }[];
  readonly folder: string;
  /** Works on a volume's files. */
  readonly inside: (index: number, work: (root: string) => void | Promise<void>) => Promise<void>;
}

async function fixture(...fileSystems: readonly FileSystem[]): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), 'metalwright-capture-'));
  const loop: LoopDisk = loopDisk(8 + 64 * fileSystems.length);
  const mounts = new Mounts(join(folder, 'mounts'));
  const disk = linuxDisk({ source: async () => [loop.facts], mounts, beforeErase: async () => {} });
  const [found] = await disk.list(signal);
  if (found === undefined) throw new Error('no disk');
  const partitions = fileSystems.map((fileSystem, index) => ({
    type: 'primary' as const,
    label: `v${index}`,
    sizeBytes: 64 * MIB,
    active: false,
    format: { fileSystem, quick: true },
  }));
  const made = await disk.partition({ disk: found, style: 'gpt', partitions }, signal);
  const windows = linuxWindows({
    disk,
    mounts,
    devices: async () => [],
    machine: { architecture: 'x64', firmware: 'uefi', secureBoot: false },
    agent: {
      settings: () => ({ server: 'x:1', environment: 'full-os', drivers: [] }),
      siteCa: '',
      fetch: async () => {
        throw new Error('no server');
      },
    },
    folder: join(folder, 'windows'),
  });
  return {
    folder,
    disk,
    capture: linuxCapture({ disk, mounts, windows, folder: join(folder, 'capture') }),
    volumes: made.map(({ volume, number }) => ({ volume, device: `${loop.path}p${number}` })),
    inside: async (index, work) => {
      await using mounted = await disk.mount(made[index]?.volume ?? '', signal);
      await work(mounted.path);
    },
    async [Symbol.asyncDispose]() {
      await mounts[Symbol.asyncDispose]();
      loop[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function put(root: string, path: string, content: string | Uint8Array = 'x'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** A small Linux that has run: with an identity, traces, swap, and the agent. */
function putLinux(root: string): void {
  put(root, 'etc/os-release', 'ID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n');
  put(root, 'usr/lib/systemd/systemd', readFileSync(process.execPath).subarray(0, 64));
  put(root, 'etc/machine-id', '0123456789abcdef0123456789abcdef\n');
  put(root, 'etc/ssh/ssh_host_ed25519_key', 'secret');
  put(root, 'etc/ssh/ssh_host_ed25519_key.pub', 'public');
  put(root, 'etc/ssh/sshd_config', 'Port 22\n');
  put(root, 'etc/fstab', 'PARTUUID=x / ext4 defaults 0 1\n/data/swap none swap sw 0 0\n');
  put(root, 'data/swap', 'swapped out');
  put(root, 'data/kept.txt', 'Grüße\n');
  put(root, 'var/lib/dhcp/dhclient.leases', 'lease');
  put(root, 'var/lib/systemd/random-seed', 'seed');
  put(root, 'var/log/journal/0123/system.journal', 'journal');
  put(root, 'var/log/syslog', 'line\n');
  put(root, 'var/log/syslog.2.gz', 'old');
  put(root, 'var/cache/metalwright/MW100001/setup', 'package');
  put(root, 'opt/metalwright/agent', 'agent');
  put(root, 'etc/metalwright/agent.env', 'METALWRIGHT_SERVER=x');
  put(root, 'tmp/left', 'left');
  put(root, 'usr/bin/tool', '#!/bin/sh\n');
  chmodSync(join(root, 'usr/bin/tool'), 0o4755);
  linkSync(join(root, 'usr/bin/tool'), join(root, 'usr/bin/other-name'));
  symlinkSync('tool', join(root, 'usr/bin/link'));
}

/** Keys one in another, the values in the last. */
function nested(path: string, values: readonly HiveValue[]): HiveKey {
  const [name = '', ...inner] = path.split('\\');
  return inner.length === 0 ? key(name, [], values) : key(name, [nested(inner.join('\\'), values)]);
}

function image(volume: VolumeId, more: Partial<ImageToCapture> = {}): ImageToCapture {
  return { volume, system: null, name: 'a', description: '', properties: {}, exclude: [], ...more };
}

async function captured(
  { capture }: Pick<Fixture, 'capture'>,
  file: string,
  images: readonly ImageToCapture[],
  fileVolume: VolumeId | null = null,
) {
  const seen: StepProgress[] = [];
  const running = capture.capture({ file, fileVolume, images }, signal);
  for (;;) {
    const step = await running.next();
    if (step.done === true) return { seen, ...step.value };
    seen.push(step.value);
  }
}

async function imagesOf(file: string) {
  const bytes = readFileSync(file);
  const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return (await readWim({ sizeBytes: bytes.length, read })).images;
}

/** Every path with its kind, mode, owner and content. */
function tree(root: string): Record<string, string> {
  const all: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(root, entry);
    const { mode, uid, gid, nlink } = lstatSync(path);
    const kind = lstatSync(path);
    const content = kind.isFile()
      ? readFileSync(path, 'hex')
      : kind.isSymbolicLink()
        ? readlinkSync(path)
        : '';
    all[entry] = `${mode.toString(8)} ${uid}:${gid} ${kind.isDirectory() ? '' : nlink} ${content}`;
  }
  return all;
}

describe.skipIf(missing !== undefined)('M44 capturing in Linux PE', () => {
  let linux: Fixture;
  beforeAll(async () => {
    linux = await fixture('ext4', 'ntfs');
    await linux.inside(0, putLinux);
    await linux.inside(1, (root) => {
      put(root, 'Data/report.txt', 'data');
      put(root, 'pagefile.sys', 'page');
      put(root, 'System Volume Information/tracking.log', 'x');
    });
  }, 60_000);
  afterAll(async () => linux[Symbol.asyncDispose]());

  it('sees a Linux that is still one machine, and one that was prepared', async () => {
    const { capture, volumes, inside, disk } = linux;
    const [root] = volumes;
    const before = await capture.inspect(root?.volume ?? '', signal);
    expect(before).toMatchObject({
      problem: null,
      system: {
        kind: 'linux',
        architecture: 'x64',
        name: 'Debian GNU/Linux 12 (bookworm)',
        identity: [
          '/etc/machine-id',
          '/etc/ssh/ssh_host_ed25519_key',
          '/etc/ssh/ssh_host_ed25519_key.pub',
        ],
        swapFiles: ['/data/swap'],
      },
    });
    const generalize = linuxGeneralize(async (until) => disk.mount(root?.volume ?? '', until));
    for (let times = 0; times < 2; times += 1)
      for await (const _ of generalize.generalize({ keepActivation: false }, signal));
    await generalize.forgetClient({ uninstall: false }, signal);
    const after = await capture.inspect(root?.volume ?? '', signal);
    expect(after.system).toMatchObject({ identity: [] });
    await inside(0, (path) => {
      expect(readFileSync(join(path, 'etc/machine-id'), 'utf8')).toBe('');
      expect(readdirSync(join(path, 'etc/ssh'))).toEqual(['sshd_config']);
      // Debian makes none at a start: this does.
      expect(
        readFileSync(join(path, 'etc/systemd/system/metalwright-ssh-host-keys.service'), 'utf8'),
      ).toContain('ssh-keygen -A');
      expect(readdirSync(join(path, 'var/lib/dhcp'))).toEqual([]);
      expect(readdirSync(join(path, 'var/log')).sort()).toEqual(['journal', 'syslog']);
      expect(readFileSync(join(path, 'var/log/syslog'), 'utf8')).toBe('');
      expect(readdirSync(join(path, 'var/cache'))).toEqual([]);
      expect(readFileSync(join(path, 'data/kept.txt'), 'utf8')).toBe('Grüße\n');
    });
  });

  it('makes one image a volume, with all that ext4 keeps, and without what is no part of it', async () => {
    const { capture, volumes, folder, inside } = linux;
    const [root, data] = volumes;
    const { system } = await capture.inspect(root?.volume ?? '', signal);
    const file = join(folder, 'out', 'reference.wim');
    mkdirSync(dirname(file));
    writeFileSync(file, 'an older one');
    const exclude = exclusionsFor(system, []);
    const properties = {
      'METALWRIGHT/KIND': 'linux',
      'METALWRIGHT/ARCHITECTURE': 'x64',
      'METALWRIGHT/VERSION': '1 & <2>',
    };
    const { seen, sizeBytes } = await captured(linux, file, [
      image(root?.volume ?? '', {
        system,
        name: 'reference',
        description: 'of "tests"',
        properties,
        exclude,
      }),
      image(data?.volume ?? '', { name: 'data', exclude: exclusionsFor(null, []) }),
    ]);
    expect(seen.some(({ detail }) => detail === 'Capturing reference')).toBe(true);
    expect(readFileSync(file).length).toBe(sizeBytes);
    expect(readdirSync(dirname(file))).toEqual(['reference.wim']);
    expect(await imagesOf(file)).toMatchObject([
      { index: 1, name: 'reference', kind: 'linux', architecture: 'x64' },
      { index: 2, name: 'data', kind: 'data' },
    ]);
    const xml = execFileSync('wimlib-imagex', ['info', file, '--xml'], { encoding: 'utf16le' });
    expect(xml).toContain('<VERSION>1 &amp; &lt;2&gt;</VERSION>');

    const applied = join(folder, 'applied');
    execFileSync('wimlib-imagex', ['apply', file, '1', applied, '--unix-data'], {
      stdio: 'ignore',
    });
    const gone = [
      'data/swap',
      'etc/metalwright',
      'etc/metalwright/agent.env',
      'lost+found',
      'opt/metalwright',
      'opt/metalwright/agent',
      'tmp/left',
    ];
    await inside(0, (path) => {
      const wanted = tree(path);
      for (const name of gone) {
        expect(wanted, name).toHaveProperty([name]);
        delete wanted[name];
      }
      expect(tree(applied)).toEqual(wanted);
    });
    const files = execFileSync('wimlib-imagex', ['dir', file, '2'], { encoding: 'utf8' });
    expect(files.split('\n').filter(Boolean).sort()).toEqual(['/', '/Data', '/Data/report.txt']);
  });

  it('captures to the volume that it captures, where that is ext4', async () => {
    const { volumes, inside } = linux;
    const volume = volumes[0]?.volume ?? '';
    await inside(0, async (path) => {
      const file = join(path, 'images/own.wim');
      mkdirSync(dirname(file));
      await captured(
        linux,
        file,
        [image(volume, { exclude: ['/images/own.wim', '/images/own.wim.new'] })],
        volume,
      );
      const listed = execFileSync('wimlib-imagex', ['dir', file, '1'], { encoding: 'utf8' });
      expect(listed).toContain('/images\n');
      expect(listed).not.toContain('own.wim');
      rmSync(join(path, 'images'), { recursive: true });
    });
    const ntfs = volumes[1]?.volume ?? '';
    await inside(1, async (path) => {
      await expect(
        captured(linux, join(path, 'own.wim'), [image(ntfs)], ntfs),
      ).rejects.toMatchObject({
        code: 'capture.destination',
      });
    });
  });

  it('says that the disk is full, and leaves what was there', async () => {
    const { volumes, folder, inside } = linux;
    await inside(0, (path) => {
      const bytes = Buffer.alloc(6 * MIB);
      for (let at = 0, state = 1; at < bytes.length; at += 1)
        bytes[at] = (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24;
      put(path, 'noise', bytes);
    });
    const small = join(folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', small]);
    try {
      const file = join(small, 'a.wim');
      writeFileSync(file, 'an older one');
      await expect(captured(linux, file, [image(volumes[0]?.volume ?? '')])).rejects.toMatchObject({
        code: 'capture.no-space',
      });
      expect(readdirSync(small)).toEqual(['a.wim']);
      expect(readFileSync(file, 'utf8')).toBe('an older one');
    } finally {
      execFileSync('umount', [small]);
    }
  });
});

describe.skipIf(missing !== undefined)('M44 volumes that are not captured', () => {
  it('finds a hibernated Windows, a dirty volume, BitLocker and LUKS', async () => {
    await using made = await fixture('ntfs', 'ext4', 'fat32');
    const { capture, volumes, inside, folder } = made;
    const device = volumes[0]?.device ?? '';
    const place = join(folder, 'looked-at');
    mkdirSync(place);
    const problem = async (index: number) =>
      (await capture.inspect(volumes[index]?.volume ?? '', signal)).problem;
    const poke = (index: number, at: number, bytes: Uint8Array) => {
      const fd = openSync(volumes[index]?.device ?? '', 'r+');
      writeSync(fd, bytes, 0, bytes.length, at);
      closeSync(fd);
    };
    expect([await problem(0), await problem(1), await problem(2)]).toEqual([null, null, null]);
    await inside(0, (root) => put(root, 'hiberfil.sys', Buffer.alloc(8192)));
    expect(await problem(0)).toBeNull();
    for (const session of ['hibr', 'HIBR']) {
      await inside(0, (root) => put(root, 'hiberfil.sys', Buffer.from(session.padEnd(8192, '\0'))));
      expect(await problem(0)).toBe('hibernated');
      // It only looked: the session is there still.
      execFileSync('ntfs-3g', ['-o', 'ro', device, place]);
      expect(readFileSync(join(place, 'hiberfil.sys'), 'latin1').slice(0, 4)).toBe(session);
      execFileSync('umount', [place]);
      execFileSync('ntfs-3g', ['-o', 'remove_hiberfile', device, place]);
      execFileSync('umount', [place]);
    }
    expect(await problem(0)).toBeNull();
    execFileSync('ntfsfix', [volumes[0]?.device ?? ''], { stdio: 'ignore' });
    expect(await problem(0)).toBe('dirty');
    execFileSync('debugfs', ['-w', '-R', 'feature needs_recovery', volumes[1]?.device ?? ''], {
      stdio: 'ignore',
    });
    expect(await problem(1)).toBe('dirty');
    const fat = Buffer.from([0xff, 0xff, 0xff, 0x07]);
    poke(2, 32 * 512 + 4, fat);
    expect(await problem(2)).toBe('dirty');
    // Boot sector of BitLocker To Go's kin, as blkid and Windows know it.
    poke(0, 3, Buffer.from('-FVE-FS-'));
    expect(await problem(0)).toBe('bitlocker');
    const luks = Buffer.alloc(1024);
    luks.write('LUKS\xba\xbe\0\x01', 'latin1');
    luks.write('aes', 8, 'latin1');
    luks.write('12345678-1234-1234-1234-123456789abc', 168, 'latin1');
    execFileSync('wipefs', ['--all', volumes[1]?.device ?? ''], { stdio: 'ignore' });
    poke(1, 0, luks);
    expect(await problem(1)).toBe('luks');
  }, 60_000);

  it('tells a Windows that Sysprep has prepared, and captures it with what NTFS keeps', async () => {
    await using made = await fixture('ntfs');
    const { capture, volumes, inside, folder } = made;
    const volume = volumes[0]?.volume ?? '';
    const hives = (state: string) => {
      const registry = nested('Session Manager\\Environment', [
        textValue('PROCESSOR_ARCHITECTURE', 'AMD64'),
      ]);
      const said = [
        nested('Windows NT\\CurrentVersion', [
          textValue('CurrentBuildNumber', '26100'),
          dwordValue('CurrentMajorVersionNumber', 10),
          dwordValue('UBR', 5),
          textValue('EditionID', 'Professional'),
        ]),
        nested('Windows\\CurrentVersion\\Setup\\State', [textValue('ImageState', state)]),
      ];
      const root = (keys: readonly HiveKey[]) =>
        formatHive({ fileName: 'x', lastWritten: 0n, root: key('root', keys) });
      return {
        SYSTEM: root([key('ControlSet001', [key('Control', [registry])])]),
        SOFTWARE: root([key('Microsoft', said)]),
      };
    };
    expect(await capture.inspect(volume, signal)).toEqual({ problem: null, system: null });
    for (const imageState of ['IMAGE_STATE_COMPLETE', 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE']) {
      await inside(0, (root) => {
        for (const [name, bytes] of Object.entries(hives(imageState)))
          put(root, `Windows/System32/config/${name}`, bytes);
      });
      expect((await capture.inspect(volume, signal)).system).toMatchObject({
        kind: 'windows',
        architecture: 'x64',
        version: '10.0.26100.5',
        imageState,
      });
    }
    await inside(0, (root) => {
      put(root, 'Windows/note.txt', 'x');
      put(root, 'Windows/Metalwright/agent.json', '{}');
      execFileSync('setfattr', [
        '-n',
        'user.stream',
        '-v',
        'of two',
        join(root, 'Windows/note.txt'),
      ]);
    });
    const file = join(folder, 'w.wim');
    const { system } = await capture.inspect(volume, signal);
    await captured(made, file, [image(volume, { system, exclude: exclusionsFor(system, []) })]);
    expect(await imagesOf(file)).toMatchObject([
      {
        kind: 'windows',
        architecture: 'x64',
        windows: { version: '10.0.26100.5', edition: 'Professional' },
      },
    ]);
    const listed = execFileSync('wimlib-imagex', ['dir', file, '1'], { encoding: 'utf8' });
    expect(listed).not.toMatch(/Metalwright/);
    const detail = execFileSync(
      'wimlib-imagex',
      ['dir', file, '1', '--detailed', '--path=/Windows/note.txt'],
      { encoding: 'utf8' },
    );
    expect(detail).toMatch(/stream/);
  }, 60_000);
});
