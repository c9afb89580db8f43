import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessCapability, RunAs } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import type { RunWindowsTool } from './run-tool.ts';

/** Local System, the administrators, and who made it: well-known ids, the same in every language. */
const OWN_ACCOUNTS = ['*S-1-5-18:(OI)(CI)F', '*S-1-5-32-544:(OI)(CI)F'];

/**
 * Makes folders for scripts and answers, below one that is the agent's own: only Local System and
 * administrators read it, and the account of a command that gets files there. In Windows PE there is but
 * Local System. What a start that was cut off left there is removed before the first is made.
 */
export function scratchFolders(options: {
  readonly parent: string;
  /** Whether this Windows has accounts beside Local System: then rights are set. */
  readonly hasAccounts: boolean;
  readonly runTool: RunWindowsTool;
}): ProcessCapability['scratch'] {
  const { parent, hasAccounts, runTool } = options;
  let ready: Promise<void> | undefined;
  const prepare = async (signal: AbortSignal): Promise<void> => {
    await rm(parent, { recursive: true, force: true });
    await mkdir(parent, { recursive: true });
    if (!hasAccounts) return;
    // Nothing is inherited from above; what is made in it later inherits this.
    const argv = ['icacls.exe', parent, '/inheritance:r', '/grant:r', ...OWN_ACCOUNTS] as const;
    await runTool({ argv: [...argv] }, signal);
  };
  const give = async (path: string, { user }: RunAs, signal: AbortSignal): Promise<void> => {
    await runTool({ argv: ['icacls.exe', path, '/grant', `${user}:(OI)(CI)RX`] }, signal);
  };
  return async (files, signal, reader) => {
    signal.throwIfAborted();
    for (const name of Object.keys(files))
      if (!/^[\w .~()-]+$/.test(name) || /^[. ]+$/.test(name))
        throw new StepError('process.scratch', `${name} is no name of a file`);
    let path: string | undefined;
    try {
      ready ??= prepare(signal);
      await ready;
      path = await mkdtemp(join(parent, 'files-'));
      for (const [name, bytes] of Object.entries(files)) await write(join(path, name), bytes);
      if (reader && hasAccounts) await give(path, reader, signal);
    } catch (error) {
      if (path === undefined) ready = undefined;
      else await rm(path, { recursive: true, force: true }).catch(() => {});
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      throw new StepError('process.scratch', `Cannot write files to ${parent}: ${reason}`, {
        cause: error,
        hint: 'Is there room left on it?',
      });
    }
    const made = path;
    return {
      path: made,
      file: (name) => join(made, name),
      [Symbol.asyncDispose]: async () => removeFolder(made),
    };
  };
}

/** What a program still holds open is tried for a while: virus scanners look at new files. */
async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}
