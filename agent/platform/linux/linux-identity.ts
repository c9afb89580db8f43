/**
 * What makes an installed Linux this one machine, as files below its root: for what prepares it, and for a capture,
 * which refuses a system that still has it. (machine-id(5), sshd(8); systemd, "Safely Building Images".)
 */
import { lstat, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineArchitecture } from '../../protocol/identity.ts';

const SSH_FOLDER = '/etc/ssh';
const SSH_HOST_KEY = /^ssh_host_\w+_key(\.pub)?$/;
/** A new one is made at the next start where it is empty; `uninitialized` is systemd's word for the same. */
const MACHINE_ID = '/etc/machine-id';
/** D-Bus has one of its own where it is no link to the first. */
const DBUS_ID = '/var/lib/dbus/machine-id';

/** Other traces, which the system may write again until it is down: removed, and left out of an image too. */
export const traceFolders: readonly string[] = [
  '/var/lib/dhcp',
  '/var/lib/dhclient',
  '/var/lib/dhcpcd',
  '/var/lib/NetworkManager',
  '/var/log/journal',
  '/var/lib/cloud',
];
export const traceFiles: readonly string[] = [
  '/var/lib/systemd/random-seed',
  '/var/lib/systemd/credential.secret',
  '/var/lib/NetworkManager/secret_key',
];

/** Paths of the files that name this machine, from its root; none of a system that was prepared. */
export async function identityFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const path of [MACHINE_ID, DBUS_ID]) if (await hasId(join(root, path))) found.push(path);
  const names = await readdir(join(root, SSH_FOLDER)).catch(() => []);
  for (const name of names.toSorted((one, other) => one.localeCompare(other, 'en')))
    if (SSH_HOST_KEY.test(name)) found.push(`${SSH_FOLDER}/${name}`);
  return found;
}

/** Of files alone: a link in the system points below its own root. */
async function hasId(path: string): Promise<boolean> {
  const isFile = (await lstat(path).catch(() => undefined))?.isFile() === true;
  const text = isFile ? (await readFile(path, 'utf8')).trim() : '';
  return text !== '' && text !== 'uninitialized';
}

/** `e_machine` of ELF (elf(5)): EM_386, EM_X86_64, EM_AARCH64. */
const machines: ReadonlyMap<number, MachineArchitecture> = new Map([
  [3, 'x86'],
  [62, 'x64'],
  [183, 'arm64'],
]);
const PROGRAMS = ['usr/lib/systemd/systemd', 'lib/systemd/systemd', 'usr/bin/env', 'bin/busybox'];

/** Architecture that a Linux was built for, by one of its programs; null where none tells. */
export async function linuxArchitecture(root: string): Promise<MachineArchitecture | null> {
  for (const program of PROGRAMS) {
    const file = await open(join(root, program), 'r').catch(() => undefined);
    if (file === undefined) continue;
    await using _closing = file;
    const head = Buffer.alloc(20);
    await file.read(head, 0, head.length, 0);
    const isElf = head.toString('latin1', 0, 4) === '\x7fELF';
    const found = isElf ? machines.get(head.readUInt16LE(18)) : undefined;
    if (found !== undefined) return found;
  }
  return null;
}

/** Files that its fstab uses for swap. */
export async function swapFiles(root: string): Promise<string[]> {
  const text = await readFile(join(root, 'etc/fstab'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([what = '', , type]) => (type === 'swap' && what.startsWith('/') ? [what] : []))
    .filter((path) => !path.startsWith('/dev/'));
}
