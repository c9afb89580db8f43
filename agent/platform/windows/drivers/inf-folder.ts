import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DriverFacts, driverFacts } from '../../../drivers/driver-facts.ts';
import { parseInf } from '../../../drivers/inf.ts';
import { InfError } from '../../../drivers/inf-error.ts';
import { StepError } from '../../../sequence/step-error.ts';

/** Far over the advice of 500; what is read is held in memory. */
const MAX_INFS = 5000;
const MAX_DEPTH = 32;
const MAX_BYTES = 32 * 1024 * 1024;

/** The INF files of a folder: those of drivers, and those that are none or cannot be read, with why. */
export interface InfFolder {
  readonly drivers: readonly DriverFacts[];
  readonly others: readonly { readonly inf: string; readonly reason: string }[];
}

/**
 * Reads the INF files of a folder of this machine, paths relative to it with `/`.
 * @throws {StepError} `drivers.folder`, `drivers.too-many`
 */
export async function readInfFolder(folder: string, recurse: boolean): Promise<InfFolder> {
  const drivers: DriverFacts[] = [];
  const others: { inf: string; reason: string }[] = [];
  for (const inf of await infPaths(folder, recurse)) {
    try {
      const path = join(folder, inf);
      const { size } = await stat(path);
      if (size > MAX_BYTES) throw new InfError('inf.size', `An INF file of ${size} bytes`);
      drivers.push(driverFacts(parseInf(await readFile(path)), inf));
    } catch (error) {
      if (!(error instanceof InfError)) throw folderError(folder, error);
      others.push({ inf, reason: error.message });
    }
  }
  return { drivers, others };
}

async function infPaths(folder: string, recurse: boolean): Promise<string[]> {
  const found: string[] = [];
  const walk = async (below: string, depth: number): Promise<void> => {
    const entries = await readdir(join(folder, below), { withFileTypes: true }).catch(
      (error: unknown) => {
        throw folderError(folder, error);
      },
    );
    for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory() && recurse && depth < MAX_DEPTH) await walk(path, depth + 1);
      if (entry.isFile() && /\.inf$/i.test(entry.name)) found.push(path);
      if (found.length > MAX_INFS)
        throw new StepError(
          'drivers.too-many',
          `There are over ${MAX_INFS} INF files in ${folder}`,
          {
            hint: 'Part the package: better fewer than 500 drivers in each.',
          },
        );
    }
  };
  await walk('', 0);
  return found;
}

function folderError(folder: string, error: unknown): StepError {
  if (error instanceof StepError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new StepError('drivers.folder', `The drivers in ${folder} cannot be read: ${reason}`, {
    cause: error,
  });
}
