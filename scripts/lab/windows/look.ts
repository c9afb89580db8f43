import { access, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { isIso, listIso } from '#media/iso/iso-file.ts';
import { findWindowsImage } from '#media/iso/windows-media.ts';
import type { WindowsLabFacts } from './needs.ts';

/** Looks at the ISO and at this machine. @param folder where the lab keeps its files */
export async function lookForWindows(
  iso: string | undefined,
  folder: string,
  signal: AbortSignal,
): Promise<WindowsLabFacts> {
  const { bavail, bsize } = await statfs(folder);
  const hasKvm = await access('/dev/kvm').then(
    () => true,
    () => false,
  );
  return {
    iso: iso === undefined ? undefined : await lookAtIso(iso, signal),
    hasKvm,
    accelerator: process.env['METALWRIGHT_LAB_ACCELERATOR'],
    memoryBytes: totalmem(),
    diskBytes: bavail * bsize,
    isRoot: process.getuid?.() === 0,
  };
}

async function lookAtIso(path: string, signal: AbortSignal): Promise<WindowsLabFacts['iso']> {
  let isDisc: boolean;
  try {
    isDisc = await isIso(path);
  } catch (error) {
    return { kind: 'unreadable', path, reason: messageOf(error) };
  }
  if (!isDisc) return { kind: 'other', path, reason: 'it is no disc image' };
  try {
    const entries = await listIso(path, signal);
    findWindowsImage(entries, 'boot');
    findWindowsImage(entries, 'install');
    return { kind: 'windows', path };
  } catch (error) {
    return { kind: 'other', path, reason: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
