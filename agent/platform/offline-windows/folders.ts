/** Paths on NTFS as Windows takes them: backslashes, without regard to case. The mounted volume is a Linux folder. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The real path of `\Windows\System32` below `root`, by the names as they are on the volume; undefined where
 * it is not there. Of two names that differ in case only, which Windows does not make, the exact one is taken.
 */
export async function findPath(root: string, path: string): Promise<string | undefined> {
  let found = root;
  for (const name of partsOf(path)) {
    const inside = await nameIn(found, name);
    if (inside === undefined) return undefined;
    found = join(found, inside);
  }
  return found;
}

/** The same for a path that may not be there yet: names that are missing stay as they were asked for. */
export async function placeFor(root: string, path: string): Promise<string> {
  let place = root;
  for (const name of partsOf(path)) place = join(place, (await nameIn(place, name)) ?? name);
  return place;
}

/** Whether there is a file, not a folder, at that path. */
export async function findFile(root: string, path: string): Promise<string | undefined> {
  const found = await findPath(root, path);
  if (found === undefined) return undefined;
  return (await stat(found).catch(() => undefined))?.isFile() === true ? found : undefined;
}

function partsOf(path: string): string[] {
  return path.split(/[\\/]/).filter((name) => name !== '');
}

async function nameIn(folder: string, name: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && isNoFolder(error.code)) return [];
    throw error;
  });
  if (names.includes(name)) return name;
  const wanted = name.toUpperCase();
  return names.find((other) => other.toUpperCase() === wanted);
}

function isNoFolder(code: unknown): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}
