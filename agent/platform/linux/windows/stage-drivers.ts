/**
 * Drivers for a Windows that does not run. Linux cannot fill its driver store, so they wait in a folder of the volume
 * until specialize adds them with pnputil.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StepProgress } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step.ts';
import type { DriverOutcome } from '../../../sequence/windows-capability.ts';
import { placeFor } from '../../offline-windows/folders.ts';

/** As the installed Windows names it, below the root of its volume. */
const FOLDER = '\\Windows\\Metalwright\\Drivers';
/** NTFS-3G may hold a file for a moment after it was closed, and its folder with it. */
const WHOLE = { recursive: true, force: true, maxRetries: 5 } as const;

interface DriverFile {
  /** Below the folder of the package, with slashes. */
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Copies a folder with driver packages to the next number below `\Windows\Metalwright\Drivers`. It gets its name when
 * all of it is there, so one that was cut off is not taken for whole.
 * @throws {StepError} `drivers.no-inf`, `drivers.stage`
 */
export async function* stageDrivers(
  root: string,
  { folder, recurse }: { readonly folder: string; readonly recurse: boolean },
  signal: AbortSignal,
): AsyncGenerator<StepProgress, DriverOutcome> {
  const files = await driverFiles(folder, recurse);
  const infs = files.filter(({ path }) => isInf(path)).length;
  if (infs === 0)
    throw new StepError(
      'drivers.no-inf',
      `${folder} has no INF file${recurse ? '' : ' of its own'}`,
      {
        hint: recurse ? 'Is it a package of drivers?' : 'Look below it too: recurse.',
      },
    );
  const all = await placeFor(root, FOLDER);
  const part = join(all, 'part');
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  try {
    await rm(part, WHOLE);
    await mkdir(part, { recursive: true });
    let doneBytes = 0;
    for (const { path, sizeBytes } of files) {
      signal.throwIfAborted();
      yield { detail: `Copying drivers: ${path}`, doneBytes, totalBytes };
      const target = join(part, path);
      await mkdir(dirname(target), { recursive: true });
      // Not copyFile: it sets modes, and would take away what the file inherits of its folder.
      await pipeline(createReadStream(join(folder, path)), createWriteStream(target), { signal });
      if ((await stat(target)).size !== sizeBytes)
        throw new Error(`${path} does not have the ${sizeBytes} bytes that were copied`);
      doneBytes += sizeBytes;
    }
    const number = await nextNumber(all);
    await rename(part, join(all, String(number)));
    return { kind: 'staged', folder: `${FOLDER}\\${number}`, infs };
  } catch (error) {
    const left = await rm(part, WHOLE).then(
      () => '',
      (reason: unknown) => ` (what was copied stays there: ${String(reason)})`,
    );
    signal.throwIfAborted();
    const reason = `${error instanceof Error ? error.message : String(error)}${left}`;
    throw new StepError('drivers.stage', `Drivers cannot be copied to ${FOLDER}: ${reason}`, {
      cause: error,
      hint: 'Is there room left on the volume, and do all names suit Windows?',
    });
  }
}

/** Without `recurse` the INF files below stay out, and so are not added; what INF files name may lie there. */
async function driverFiles(folder: string, recurse: boolean): Promise<DriverFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files: DriverFile[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (!entry.isFile() || (!recurse && isInf(path) && path.includes('/'))) continue;
    files.push({ path, sizeBytes: (await stat(join(folder, path))).size });
  }
  return files.sort((one, other) => (one.path < other.path ? -1 : 1));
}

function isInf(path: string): boolean {
  return path.toLowerCase().endsWith('.inf');
}

async function nextNumber(folder: string): Promise<number> {
  const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
  return Math.max(0, ...numbers) + 1;
}
