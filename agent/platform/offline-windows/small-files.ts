import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StepError } from '../../sequence/step.ts';
import type { FileChange } from '../../sequence/windows-capability.ts';
import { findPath, placeFor } from './folders.ts';

/** A file of the volume mounted at `root`; null where there is none. @throws {StepError} `windows.files` */
export async function readSmallFile(root: string, path: string): Promise<Uint8Array | null> {
  const found = await findPath(root, path);
  if (found === undefined) return null;
  try {
    return await readFile(found);
  } catch (error) {
    throw failure(path, 'read', error);
  }
}

/** Makes one change and reads it back. Made again, it comes to the same. @throws {StepError} `windows.files` */
export async function changeSmallFile(root: string, change: FileChange): Promise<void> {
  try {
    switch (change.kind) {
      case 'write':
        return await write(await placeFor(root, change.path), change.bytes);
      case 'remove': {
        const found = await findPath(root, change.path);
        if (found !== undefined) await rm(found, { recursive: true, force: true });
        return await expectGone(root, change.path);
      }
      case 'move': {
        const from = await findPath(root, change.from);
        if (from === undefined) return undefined;
        const to = await placeFor(root, change.to);
        await mkdir(dirname(to), { recursive: true });
        await rm(to, { recursive: true, force: true });
        await rename(from, to);
        return await expectGone(root, change.from);
      }
    }
  } catch (error) {
    if (error instanceof StepError) throw error;
    throw failure(change.kind === 'move' ? change.from : change.path, change.kind, error);
  }
}

/** Under another name first: a file that is there is whole. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.metalwright-new`;
  await writeFile(part, bytes, { flush: true });
  // A folder in its place would be moved into, not replaced.
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true)
    await rm(path, { recursive: true });
  await rename(part, path);
  if (!(await readFile(path)).equals(bytes))
    throw new Error('it reads back other bytes than were written');
}

async function expectGone(root: string, path: string): Promise<void> {
  if ((await findPath(root, path)) !== undefined) throw new Error('it is still there');
}

function failure(path: string, what: string, error: unknown): StepError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StepError('windows.files', `${path} (${what}): ${reason}`, {
    cause: error,
    hint: 'Is there room left on the volume, and is its disk in order?',
  });
}
