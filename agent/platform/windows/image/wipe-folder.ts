import { readdir, rm } from 'node:fs/promises';
import { StepError } from '../../../sequence/step-error.ts';
import { below } from '../../below.ts';
import type { WindowsMachineParts } from '../parts.ts';

/** What Windows itself keeps at the root of a volume, and gives nobody. */
export const systemFolders = ['System Volume Information', '$RECYCLE.BIN'];

/** Administrators: a well-known id, the same in every language. */
const ADMINISTRATORS = '*S-1-5-32-544:F';
const RIGHTS_TIMEOUT_MS = 30 * 60_000;

/**
 * Deletes all below a folder but the paths to keep, in any case, and what leads to them. Files of an old Windows
 * belong to its installer and refuse even Local System: their owner is changed then.
 * @param keep paths below the folder, `UserState`, `Data\Users`
 * @throws {StepError} `image.wipe`
 */
export async function wipeFolder(
  folder: string,
  keep: readonly string[],
  { runTool }: Pick<WindowsMachineParts, 'runTool'>,
  signal: AbortSignal,
): Promise<void> {
  const kept = keep.map((path) => path.toLowerCase().split(/[\\/]/).filter(Boolean));
  for (const name of await readdir(folder)) {
    signal.throwIfAborted();
    const own = kept.filter(([first]) => first === name.toLowerCase());
    const path = below(folder, name);
    if (own.length === 0) await remove(path, runTool, signal);
    else if (own.every((parts) => parts.length > 1))
      await wipeFolder(
        path,
        own.map((parts) => parts.slice(1).join('\\')),
        { runTool },
        signal,
      );
  }
}

async function remove(
  path: string,
  runTool: WindowsMachineParts['runTool'],
  signal: AbortSignal,
): Promise<void> {
  try {
    return await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 200 });
  } catch {
    // Refused, or the disk fails: what follows tells.
  }
  const options = { timeoutMs: RIGHTS_TIMEOUT_MS, allowed: 'any' } as const;
  // Links are not followed: what they lead to may be to keep.
  await runTool({ argv: ['takeown.exe', '/F', path, '/A', '/R', '/SKIPSL'], ...options }, signal);
  const grant = ['/grant', ADMINISTRATORS, '/T', '/C', '/L', '/Q'];
  await runTool({ argv: ['icacls.exe', path, ...grant], ...options }, signal);
  await rm(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 200 }).catch(
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StepError('image.wipe', `${path} cannot be deleted: ${reason}`, {
        exitCode: 0x80070005,
        cause: error,
        hint: 'Format the volume by a format-disk step before, or look whether a program has it open.',
      });
    },
  );
}
