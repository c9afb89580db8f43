import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Compiles the library that makes the disk of a process slow, into a directory.
 *
 * @returns environment of a process whose every sync takes so many milliseconds more
 */
export async function slowSync(
  directory: string,
  milliseconds: number,
): Promise<Readonly<Record<string, string>>> {
  const library = join(directory, 'slow-sync.so');
  const source = join(import.meta.dirname, 'slow-sync.c');
  await promisify(execFile)('cc', ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl']);
  return { LD_PRELOAD: library, SLOW_SYNC_US: String(milliseconds * 1000) };
}
