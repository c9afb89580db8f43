/** Writing the partition table of a whole disk. The kernel is told by partx: of a loop device it reads none by itself. */
import { syncDevice, zeroEnds } from './device.ts';
import { runTool } from './process.ts';

const FLAGS = ['--force', '--no-reread', '--no-tell-kernel', '--wipe', 'never'];

/** Old signatures, both ends, and what the kernel has of partitions. */
export async function wipeDisk(
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
  signal: AbortSignal,
): Promise<void> {
  await runTool(['wipefs', '--all', '--force', path], signal);
  await zeroEnds(path, sizeBytes);
  await runTool(['partx', '--delete', path], signal, { allowed: [1] });
}

/**
 * Writes a table. @param script of sfdisk
 * @param added numbers that the kernel is told of; absent: all
 */
export async function writePartitionTable(
  path: string,
  { script, added }: { readonly script: string; readonly added?: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  await runTool(['sfdisk', ...FLAGS, path], signal, { input: script });
  await syncDevice(path);
  const numbers = added === undefined ? [] : ['--nr', added];
  await runTool(['partx', '--add', ...numbers, path], signal);
}

/** Takes one out of the table. The kernel may have it still, where it is mounted: it is gone with the next start. */
export async function removePartition(
  path: string,
  number: number,
  signal: AbortSignal,
): Promise<void> {
  await runTool(['sfdisk', ...FLAGS, '--delete', path, String(number)], signal);
  await forgetPartition(path, number, signal);
}

/** Has the kernel forget one; its entry in the table stays. */
export async function forgetPartition(
  path: string,
  number: number,
  signal: AbortSignal,
): Promise<void> {
  await runTool(['partx', '--delete', '--nr', String(number), path], signal, { allowed: [1] });
}
