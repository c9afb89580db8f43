import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What Wine calls the lab's folders. */
export const inside = { lab: '/tmp/lab', volumes: '/tmp/volumes', agent: '/tmp/agent' } as const;

/** A path of the root that Wine is in, as programs of Windows name it. */
export const windowsPath = (path: string): string => `Z:${path.replaceAll('/', '\\')}`;

/** A path of Windows, whose names have no case, below a folder; undefined where there is none. */
export async function findWithoutCase(
  folder: string,
  parts: readonly string[],
): Promise<string | undefined> {
  let path = folder;
  for (const part of parts) {
    const names = await readdir(path).catch((): string[] => []);
    const name = names.find((each) => each.toLowerCase() === part.toLowerCase());
    if (name === undefined) return undefined;
    path = join(path, name);
  }
  return (await stat(path).catch(() => undefined)) === undefined ? undefined : path;
}
