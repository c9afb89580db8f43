import { execFile } from 'node:child_process';
import { BootImageError, run } from '../linux-pe/command.ts';

/** wimlib is case-sensitive on Linux: `/windows` would be a second folder beside `/Windows`. */
const environment = { WIMLIB_IMAGEX_IGNORE_CASE: '1' } as const;
/** WIMLIB_ERR_PATH_DOES_NOT_EXIST: `extract` and `dir` of what is not there. */
const PATH_MISSING = 49;

/** One image of a WIM file. */
export interface WimImageRef {
  readonly wim: string;
  readonly index: number;
}

/** Paths below a folder of the image, `/Windows/Boot/Fonts/wgl4_boot.ttf`; none where it is not there. */
export async function listPaths(
  { wim, index }: WimImageRef,
  folder: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const argv = ['dir', wim, String(index), `--path=${folder}`];
  const text = await runUnlessMissing(argv, signal);
  return (text ?? '').split('\n').filter((line) => line.startsWith('/') && line !== folder);
}

/** Extracts one file into a folder under its own name; false where the image does not have it. */
export async function extractFile(
  { wim, index }: WimImageRef,
  path: string,
  folder: string,
  signal: AbortSignal,
): Promise<boolean> {
  const options = ['--no-acls', '--no-attributes', '--nullglob', `--dest-dir=${folder}`];
  const argv = ['extract', wim, String(index), path, ...options];
  return (await runUnlessMissing(argv, signal)) !== undefined;
}

/**
 * Changes an image in place by wimlib's update commands, and makes it the one that is started. The file is
 * written anew, so that what was replaced takes no room.
 * @throws {BootImageError} `boot-image.tool-failed`
 */
export async function updateImage(
  { wim, index }: WimImageRef,
  commands: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const argv = ['update', wim, String(index), '--rebuild', '--check'];
  await new Promise<void>((resolve, reject) => {
    const child = execFile(
      'wimlib-imagex',
      argv,
      { signal, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, ...environment } },
      (error, _stdout, stderr) => {
        if (error === null) resolve();
        else if (signal.aborted) reject(error);
        else
          reject(
            new BootImageError(
              'boot-image.tool-failed',
              `wimlib-imagex update failed: ${stderr.trim().slice(-1000)}`,
              'Is the disk full, or the WIM damaged? `wimlib-imagex verify` tells.',
              { cause: error },
            ),
          );
      },
    );
    child.stdin?.on('error', () => {}); // it ended before it had read all: its exit code says why
    child.stdin?.end(`${commands.join('\n')}\n`);
  });
  await run('wimlib-imagex', ['info', wim, String(index), '--boot', '--check'], {
    signal,
    env: environment,
  });
}

/** Reads all of a WIM back and compares its hashes. @throws {BootImageError} `boot-image.tool-failed` */
export async function verifyWim(wim: string, signal: AbortSignal): Promise<void> {
  await run('wimlib-imagex', ['verify', wim], { signal, env: environment });
}

/** A word of an update command. @throws {BootImageError} `boot-image.file-name` */
export function quoteWord(word: string): string {
  if (!/["\n\r]/.test(word)) return `"${word}"`;
  if (!/['\n\r]/.test(word)) return `'${word}'`;
  throw new BootImageError('boot-image.file-name', `a file is called ${JSON.stringify(word)}`);
}

async function runUnlessMissing(
  argv: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await run('wimlib-imagex', argv, { signal, env: environment });
  } catch (error) {
    const { cause } = error instanceof Error ? error : {};
    if (cause instanceof Error && 'code' in cause && cause.code === PATH_MISSING) return undefined;
    throw error;
  }
}
