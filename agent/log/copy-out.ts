import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiskCapability } from '../sequence/platform.ts';
import type { RunLog } from './run-log.ts';

/** Folder in the root of a stick that asks for the log. */
const LOGS_FOLDER = 'MetalwrightLogs';

/**
 * Copies the log to the removable disks of this machine: to those with a folder `MetalwrightLogs`, or, when
 * a person asked, to all. Below it is a folder of the machine. Returns where it went, and what went wrong.
 */
export async function copyLogOut(
  parts: {
    readonly log: Pick<RunLog, 'export'>;
    readonly disk: Pick<DiskCapability, 'list' | 'mount' | 'flush'>;
    /** Name of the folder: the machine's, its serial number. */
    readonly name: string;
    /** Whether a person asked: the folder is made then. */
    readonly asked: boolean;
  },
  signal: AbortSignal,
): Promise<{ readonly copied: readonly string[]; readonly problems: readonly string[] }> {
  const { log, disk, asked } = parts;
  const name = parts.name.replaceAll(/[^\w.-]+/g, '_').replace(/^\.+$/, '') || 'machine';
  const copied: string[] = [];
  const problems: string[] = [];
  const volumes = (await disk.list(signal))
    .filter(({ removable, readOnly }) => removable && !readOnly)
    .flatMap(({ number, model, partitions }) =>
      partitions
        .filter(({ fileSystem }) => fileSystem !== '')
        .map(({ volume }) => ({ volume, where: `disk ${number} (${model})` })),
    );
  for (const { volume, where } of volumes) {
    try {
      await using mounted = await disk.mount(volume, signal);
      const folder = join(mounted.path, LOGS_FOLDER);
      const isThere = (await stat(folder).catch(() => undefined))?.isDirectory() === true;
      if (!isThere && !asked) continue;
      if (!isThere) await mkdir(folder);
      log.export(join(folder, name));
      await disk.flush(volume, signal);
      copied.push(`${where}, ${LOGS_FOLDER}/${name}`);
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { copied, problems };
}
