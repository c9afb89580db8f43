import { chmod, chown, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ScratchFolder } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import type { Account } from './run-as.ts';

/**
 * Makes folders for scripts and answers, below one that is the agent's own. What a start that was cut off
 * left there is removed before the first is made. Only root reads them, or the group of `reader` too.
 */
export function scratchFolders(parent: string) {
  let ready: Promise<void> | undefined;
  const prepare = async (): Promise<void> => {
    await rm(parent, { recursive: true, force: true });
    // A reader passes through it, but cannot list it.
    await mkdir(parent, { recursive: true, mode: 0o711 });
    await chmod(parent, 0o711);
  };
  /** @throws {StepError} `process.scratch` */
  return async (
    files: Readonly<Record<string, Uint8Array>>,
    signal: AbortSignal,
    reader?: Account,
  ): Promise<ScratchFolder> => {
    signal.throwIfAborted();
    for (const name of Object.keys(files))
      if (name === '' || basename(name) !== name || /^\.\.?$|\0/.test(name))
        throw new StepError('process.scratch', `${name} is no name of a file`);
    try {
      ready ??= prepare();
      await ready;
    } catch (error) {
      ready = undefined;
      throw failure(parent, error);
    }
    let path: string | undefined;
    try {
      path = await mkdtemp(join(parent, 'files-'));
      for (const [name, bytes] of Object.entries(files))
        await write(join(path, name), bytes, reader);
      if (reader) await give(path, 0o750, reader);
      const made = path;
      return {
        path: made,
        file: (name) => join(made, name),
        [Symbol.asyncDispose]: async () => rm(made, { recursive: true, force: true }),
      };
    } catch (error) {
      if (path !== undefined) await rm(path, { recursive: true, force: true }).catch(() => {});
      throw failure(parent, error);
    }
  };
}

async function write(path: string, bytes: Uint8Array, reader: Account | undefined): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
  if (reader) await give(path, 0o640, reader);
}

async function give(path: string, mode: number, { gid }: Account): Promise<void> {
  await chown(path, 0, gid);
  await chmod(path, mode);
}

function failure(parent: string, error: unknown): StepError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StepError('process.scratch', `Cannot write files to ${parent}: ${reason}`, {
    cause: error,
    hint: 'Is there room left on it?',
  });
}
