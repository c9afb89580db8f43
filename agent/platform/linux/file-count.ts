import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What is below a folder, as a WIM counts it: the root is a folder, a link is a file. */
export interface FileCount {
  readonly files: number;
  readonly folders: number;
  /** Sizes of regular files; each hard link counts. */
  readonly bytes: number;
}

/** Walks a mounted volume. ext4's own lost+found is not counted. */
export async function countFiles(root: string, signal: AbortSignal): Promise<FileCount> {
  let [files, folders, bytes] = [0, 1, 0];
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    signal.throwIfAborted();
    const inside = folder;
    const entries = (await readdir(inside, { withFileTypes: true })).filter(
      ({ name }) => inside !== root || name !== 'lost+found',
    );
    for (const entry of entries) if (entry.isDirectory()) pending.push(join(inside, entry.name));
    folders += entries.filter((entry) => entry.isDirectory()).length;
    files += entries.filter((entry) => !entry.isDirectory()).length;
    const sizes = await Promise.all(
      entries.map(async (entry) =>
        entry.isFile() ? (await lstat(join(inside, entry.name))).size : 0,
      ),
    );
    for (const size of sizes) bytes += size;
  }
  return { files, folders, bytes };
}
