import { execFile } from 'node:child_process';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { hostname, networkInterfaces, totalmem } from 'node:os';
import { QueryError } from '../../../sequence/query-error.ts';
import type { WindowsParts } from './parts.ts';

/** `reg /s` over what is installed prints some megabytes. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The machine that the agent runs on. @param view `32` where paths and keys are those of 32-bit programs */
export function nodeParts(view: WindowsParts['view']): WindowsParts {
  return {
    run,
    withFile,
    networkInterfaces,
    environment: process.env,
    hostName: hostname(),
    memoryBytes: totalmem(),
    view,
  };
}

const run: WindowsParts['run'] = async ({ argv, input, timeoutMs }, signal) => {
  const [program, ...args] = argv;
  return new Promise((resolve, reject) => {
    const options = {
      encoding: 'buffer',
      maxBuffer: MAX_OUTPUT_BYTES,
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
      signal,
      windowsHide: true,
    } as const;
    const child = execFile(program, args, options, (error, stdout) => {
      // A text instead of an exit code: not started, cancelled, or it printed without end.
      if (typeof error?.code === 'string') {
        const cause = { cause: error };
        if (signal.aborted) reject(error);
        else reject(new QueryError('query.tool', `${program}: ${error.message}`, cause));
      } else resolve({ code: child.exitCode ?? -1, stdout, timedOut: error?.killed === true });
    });
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
};

const withFile: WindowsParts['withFile'] = async (path, use) => {
  const facts = await stat(path).catch(() => undefined);
  if (!facts?.isFile() && !facts?.isDirectory()) return use(null);
  let file: FileHandle | undefined;
  try {
    return await use({
      kind: facts.isFile() ? 'file' : 'folder',
      modifiedMs: Math.floor(facts.mtimeMs),
      async read(offset, length) {
        // One that another program keeps for itself is there all the same.
        file ??= await open(path, 'r').catch(() => undefined);
        const bytes = new Uint8Array(length);
        const read = await file?.read(bytes, 0, length, offset);
        return bytes.subarray(0, read?.bytesRead ?? 0);
      },
    });
  } finally {
    await file?.close();
  }
};
