/**
 * A registry hive of a Windows that does not run, as a file on its NTFS volume. It is rewritten in place: so it
 * stays the file that the image had, with its security descriptor, times and hard links. A whole copy lies beside it
 * as long as that takes, and an attempt that was cut off is put back from it.
 */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { BcdError } from '#boot/bcd/bcd-error.ts';
import type { Hive } from '#boot/bcd/hive.ts';
import { parseHive } from '#boot/bcd/parse-hive.ts';
import { StepError } from '../../sequence/step.ts';
import type { OfflineHive } from '../../sequence/windows-capability.ts';
import { findFile } from './folders.ts';

const CONFIG = '\\Windows\\System32\\config';
/** The copy has a name that no part of Windows looks at. */
const COPY_ENDING = '.metalwright';

export interface HiveFile {
  readonly path: string;
  readonly bytes: Buffer;
  readonly hive: Hive;
}

/**
 * Opens a hive of the Windows below `root`, after putting back what an attempt that was cut off left half.
 * @throws {StepError} `windows.none`, `windows.hive`, `windows.hive-dirty`
 */
export async function openHive(root: string, name: OfflineHive): Promise<HiveFile> {
  const path = await findFile(root, `${CONFIG}\\${name}`);
  if (path === undefined)
    throw new StepError('windows.none', `The volume has no ${CONFIG}\\${name}`, {
      hint: 'Apply an image of Windows first.',
    });
  await putBack(path);
  const bytes = await readFile(path);
  return { path, bytes, hive: readHive(bytes, name) };
}

/** Writes other bytes into the file and reads them back. @throws {StepError} `windows.hive` */
export async function writeHive({ path, bytes: old }: HiveFile, bytes: Uint8Array): Promise<void> {
  const copy = `${path}${COPY_ENDING}`;
  try {
    await writeNew(copy, old);
    await writeInPlace(path, bytes);
  } catch (error) {
    // What is half is put back at the next try; a copy that is not whole is no copy.
    await putBack(path).catch(() => {});
    const reason = error instanceof Error ? error.message : String(error);
    throw new StepError('windows.hive', `${path} cannot be written: ${reason}`, {
      cause: error,
      hint: 'Is there room left on the volume?',
    });
  }
  if (!(await readFile(path)).equals(bytes))
    throw new StepError('windows.hive', `${path} reads back other bytes than were written`, {
      exitCode: 0x8007001d,
      hint: 'The disk may be failing; see its SMART data.',
    });
  await rm(copy);
  await syncVolume(path);
}

/** The copy is there only from when it was whole to when the hive was: so with one, the hive may be half. */
async function putBack(path: string): Promise<void> {
  await rm(`${path}${COPY_ENDING}.new`, { force: true });
  const copy = `${path}${COPY_ENDING}`;
  const bytes = await readFile(copy).catch(() => undefined);
  if (bytes === undefined) return;
  if (isWhole(bytes)) await writeInPlace(path, bytes);
  await rm(copy);
  await syncVolume(path);
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(`${path}.new`, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncVolume(path);
}

async function writeInPlace(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.writeFile(bytes);
    await file.truncate(bytes.length);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Syncing any file writes the whole volume out, names too (NTFS-3G). */
async function syncVolume(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function isWhole(bytes: Uint8Array): boolean {
  try {
    parseHive(bytes);
    return true;
  } catch {
    return false;
  }
}

/** @throws {StepError} `windows.hive`, `windows.hive-dirty` */
export function readHive(bytes: Uint8Array, name: string): Hive {
  try {
    return parseHive(bytes);
  } catch (error) {
    if (!(error instanceof BcdError)) throw error;
    if (error.code === 'hive.dirty')
      throw new StepError(
        'windows.hive-dirty',
        `The hive ${name} was not closed: ${error.message}`,
        {
          cause: error,
          hint: 'Its newest changes are in log files that only Windows reads. Use an image of a Windows that was shut down.',
        },
      );
    throw new StepError('windows.hive', `The hive ${name} cannot be read: ${error.message}`, {
      cause: error,
      hint: 'Add the image again from a good copy.',
    });
  }
}
