import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StepError } from '../../../sequence/step.ts';
import { findFile, findPath } from '../../offline-windows/folders.ts';
import { lastLines, runCommand } from '../process.ts';
import { wimlibExit } from '../wimlib-output.ts';

const EXTRACT_TIMEOUT_MS = 3600_000;

/** Some files of an image, taken out of its WIM into a folder. */
export interface WimFiles {
  /** Undefined where the image has no such file. */
  file(path: string): Promise<Uint8Array | undefined>;
  /** The files directly in a folder, by their paths. */
  filesOf(
    folder: string,
  ): Promise<readonly { readonly path: string; readonly bytes: Uint8Array }[]>;
}

/**
 * Takes files out of one image of a WIM. Patterns as `\Windows\INF\*.inf`, without regard to case; what is not
 * there is left out. @throws {StepError} `image.*`
 */
export async function extractFiles(
  { wim, index }: { readonly wim: string; readonly index: number },
  patterns: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<WimFiles> {
  const flags = ['--nullglob', '--no-acls', '--no-attributes', '--preserve-dir-structure'];
  const environment = { ...process.env, WIMLIB_IMAGEX_IGNORE_CASE: '1' };
  const { code, output, timedOut } = await runCommand(
    {
      argv: [
        'wimlib-imagex',
        'extract',
        wim,
        String(index),
        ...patterns.map((path) => path.replaceAll('\\', '/')),
        `--dest-dir=${folder}`,
        ...flags,
      ],
      environment: Object.fromEntries(
        Object.entries(environment).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value]],
        ),
      ),
      timeoutMs: EXTRACT_TIMEOUT_MS,
    },
    signal,
  );
  if (timedOut || code !== 0) {
    const { meaning, error, hint } = wimlibExit(code);
    throw new StepError(
      error,
      `Files cannot be read from the image: wimlib-imagex ended with exit code ${code} (${meaning}): ${lastLines(output)}`,
      { exitCode: code, ...(hint === undefined ? {} : { hint }) },
    );
  }
  return {
    async file(path) {
      const found = await findFile(folder, path);
      return found === undefined ? undefined : readFile(found);
    },
    async filesOf(path) {
      const found = await findPath(folder, path);
      const names = found === undefined ? [] : await readdir(found, { withFileTypes: true });
      return Promise.all(
        names
          .filter((entry) => entry.isFile())
          .map(async ({ name }) => ({
            path: `${path}\\${name}`,
            bytes: await readFile(join(found ?? '', name)),
          })),
      );
    },
  };
}
