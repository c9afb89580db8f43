import { spawn } from 'node:child_process';
import { MediaError } from '../media-error.ts';

/**
 * Runs a tool that makes media. `onLine` gets what it says on standard error, where xorriso tells how far it is.
 * @throws {MediaError} `media.tool-missing`, `media.tool-failed`; an AbortError
 */
export async function runTool(
  [command, ...args]: readonly [string, ...string[]],
  { signal, onLine }: { readonly signal: AbortSignal; readonly onLine?: (line: string) => void },
): Promise<void> {
  const said: string[] = [];
  const child = spawn(command, args, {
    signal,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8', MTOOLS_SKIP_CHECK: '1' },
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split(/[\r\n]+/)) {
      if (line === '') continue;
      onLine?.(line);
      said.push(line);
      if (said.length > 20) said.shift();
    }
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  let code: number | null;
  try {
    code = await promise;
  } catch (error) {
    signal.throwIfAborted();
    throw new MediaError('media.tool-missing', `${command} cannot be started: ${String(error)}`, {
      hint: `Install it: apt-get install ${packages[command] ?? command}`,
      cause: error,
    });
  }
  signal.throwIfAborted();
  if (code !== 0)
    throw new MediaError('media.tool-failed', `${command} ended with ${code}: ${said.join('; ')}`);
}

/** Debian's packages of tools that have another name. */
const packages: Readonly<Record<string, string>> = {
  mcopy: 'mtools',
  mmd: 'mtools',
  'mkfs.fat': 'dosfstools',
  'wimlib-imagex': 'wimtools',
};
