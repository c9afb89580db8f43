import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CliError } from '../cli/cli-error.ts';

const run = promisify(execFile);
/** Lists of 100,000 files. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;
const TIMEOUT_MS = 2 * 60 * 60_000;

/**
 * Runs one of the tools that look into archives, without a shell; killed at the time-out and when the command ends.
 * @param largestBytes no file that it writes may become larger
 * @throws {CliError} `driver-pack.tool` where it is not installed, `driver-pack.archive` where it fails
 */
export async function runTool(
  argv: readonly [string, ...string[]],
  { signal, largestBytes }: { readonly signal: AbortSignal; readonly largestBytes: number },
): Promise<string> {
  const [tool] = argv;
  try {
    const limited = [`--fsize=${largestBytes}`, ...argv];
    const { stdout } = await run('prlimit', limited, {
      signal,
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' },
    });
    return stdout;
  } catch (error) {
    if (signal.aborted) throw new CliError('cli.stopped', 'stopped while it was unpacked');
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    const told: unknown = error instanceof Error ? Reflect.get(error, 'stderr') : undefined;
    const text = (typeof told === 'string' ? told.trim() : '').slice(-400);
    if (code === 'ENOENT' || /failed to execute|No such file/.test(text))
      throw new CliError('driver-pack.tool', `${tool} is not installed`, {
        hint: 'Install the Debian packages 7zip, innoextract and util-linux.',
        cause: error,
      });
    throw new CliError('driver-pack.archive', `${tool} failed: ${text || String(code)}`, {
      hint: 'Is the file whole? Load it down again, or unpack it yourself and name the folder.',
      cause: error,
    });
  }
}
