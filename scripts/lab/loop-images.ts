import { join } from 'node:path';
import { formatHive } from '#boot/bcd/format-hive.ts';
import { fileTimeOf } from '#boot/bcd/hive.ts';
import { shell } from './sequences.ts';
import { captureWim, writeTree } from './wim.ts';

/** Bytes that no codec makes smaller, the same each time. */
export function noise(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let state = 1;
  for (let at = 0; at < sizeBytes; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // a linear congruential generator
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/**
 * Files that make a tree a Linux with a kernel and systemd in the eyes of the agent. Nothing in it can
 * start: machines of loop devices have no firmware. 9 MiB, so that it has several chunks.
 */
const LINUX_FILES = {
  'boot/vmlinuz-6.1.0-lab': noise(200_000),
  'boot/initrd.img-6.1.0-lab': noise(300_000),
  'usr/lib/systemd/systemd': 'no program',
  'usr/lib/systemd/boot/efi/systemd-bootx64.efi': 'no loader',
  'usr/bin/true': '#!/bin/sh\nexit 0\n',
  'etc/hostname': 'lab\n',
  'var/lib/noise': noise(9 * 1024 * 1024),
};
const WINDOWS_FILES = {
  'Windows/System32/kernel32.dll': noise(100_000),
  'Windows/System32/config/SYSTEM': formatHive({
    fileName: 'SYSTEM',
    lastWritten: fileTimeOf(0),
    root: { name: 'ROOT', values: [], keys: [] },
  }),
  'Windows/Boot/EFI/bootmgfw.efi': noise(60_000),
  'Users/Public/Documents/Grüße.txt': 'Umlauts in names and text: äöü\n',
  'Program Files/Lab/empty.txt': '',
  'Windows/noise.bin': noise(9 * 1024 * 1024),
};

/** A WIM for loop machines; returns its path and the folder it was captured from. */
export async function loopImage(
  directory: string,
  kind: 'linux' | 'windows',
  architecture: 'x64' | 'arm64' = 'x64',
  /** Files beside those. */
  more: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<{ wim: string; folder: string }> {
  const name = `${kind}-${architecture}`;
  const folder = join(directory, name);
  const wim = join(directory, `${name}.wim`);
  await writeTree(folder, { ...(kind === 'linux' ? LINUX_FILES : WINDOWS_FILES), ...more });
  // WINDOWS/ARCH: PROCESSOR_ARCHITECTURE_AMD64 is 9, _ARM64 is 12 (winnt.h)
  const properties =
    kind === 'linux'
      ? { 'METALWRIGHT/KIND': 'linux', 'METALWRIGHT/ARCHITECTURE': architecture }
      : { 'WINDOWS/ARCH': architecture === 'x64' ? '9' : '12' };
  await captureWim(folder, wim, { name, properties, unixData: kind === 'linux' });
  return { wim, folder };
}

/** Appends the step's name to a file of the host: how often a step really ran. */
export function countIn(step: string, file: string): Record<string, unknown> {
  return shell(step, `echo ${step} >> ${file}`);
}
