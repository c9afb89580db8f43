import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HiveKey, HiveValue } from '#boot/bcd/hive.ts';
import { readWim } from '#media/wim/metadata.ts';
import type { CaptureCapability, ImageToCapture } from '../../sequence/capture-capability.ts';
import type { FileSystem, StepProgress, VolumeId } from '../../sequence/platform.ts';
import { linuxCapture } from './capture.ts';
import { type LinuxDisk, linuxDisk } from './disk.ts';
import { type LoopDisk, loopDisk, missingPeers } from './loop-disk.testing.ts';
import { Mounts } from './mounts.ts';
import { linuxWindows } from './windows/windows.ts';
import { key } from './windows/windows-disk.testing.ts';

export const missing = missingPeers(
  'wimlib-imagex',
  'mkntfs',
  'ntfs-3g',
  'ntfsfix',
  'debugfs',
  'sfdisk',
);
export const MIB = 1024 * 1024;
export const { signal } = new AbortController();

export interface Fixture extends AsyncDisposable {
  readonly capture: CaptureCapability;
  readonly disk: LinuxDisk;
  readonly volumes: readonly { readonly volume: VolumeId; readonly device: string }[];
  readonly folder: string;
  /** Works on a volume's files. */
  readonly inside: (index: number, work: (root: string) => void | Promise<void>) => Promise<void>;
}

export async function fixture(...fileSystems: readonly FileSystem[]): Promise<Fixture> {
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

export function put(root: string, path: string, content: string | Uint8Array = 'x'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** A small Linux that has run: with an identity, traces, swap, and the agent. */
export function putLinux(root: string): void {
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
export function nested(path: string, values: readonly HiveValue[]): HiveKey {
  const [name = '', ...inner] = path.split('\\');
  return inner.length === 0 ? key(name, [], values) : key(name, [nested(inner.join('\\'), values)]);
}

export function image(volume: VolumeId, more: Partial<ImageToCapture> = {}): ImageToCapture {
  return { volume, system: null, name: 'a', description: '', properties: {}, exclude: [], ...more };
}

export async function captured(
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

export async function imagesOf(file: string) {
  const bytes = readFileSync(file);
  const read = async (offset: number, length: number) => bytes.subarray(offset, offset + length);
  return (await readWim({ sizeBytes: bytes.length, read })).images;
}

/** Every path with its kind, mode, owner and content. */
export function tree(root: string): Record<string, string> {
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
