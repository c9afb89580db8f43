import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { runCommand } from '../child.ts';

/** What NTFS keeps of a file beside its bytes, by the names of NTFS-3G (ntfs-3g(8), "system extended attributes"). */
const kept = [
  'system.ntfs_acl',
  'system.ntfs_attrib_be',
  'system.ntfs_dos_name',
  'system.ntfs_reparse_data',
  'system.ntfs_crtime_be',
  'user.Zone.Identifier',
] as const;

/** One file or folder of an NTFS volume, as getfattr and stat tell of it. */
export interface NtfsFile {
  readonly links: number;
  readonly size: number;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Mounts a volume at a byte of an image, read-only, for `work`. */
export async function withNtfs<Result>(
  image: string,
  startBytes: number,
  folder: string,
  work: (root: string) => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  await runCommand(['mount', '-t', 'ntfs-3g', '-o', `ro,loop,offset=${startBytes}`, image, folder]);
  try {
    return await work(folder);
  } finally {
    await runCommand(['umount', folder]);
  }
}

/** All files and folders below `root` by their paths; a junction is one, and is not followed. */
export async function ntfsFiles(root: string): Promise<Map<string, NtfsFile>> {
  const found = new Map<string, NtfsFile>();
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const isLink = entry.isSymbolicLink();
    const attributes = new Map<string, string>();
    for (const name of kept) {
      const argv = [
        'getfattr',
        '--absolute-names',
        '--no-dereference',
        '-e',
        'hex',
        '-n',
        name,
      ] as const;
      // 1: there is none of that name.
      const text = await runCommand([...argv, path], { accept: [1] });
      const value = new RegExp(`^${name.replaceAll('.', '\\.')}=(.*)$`, 'm').exec(text)?.[1];
      if (value !== undefined) attributes.set(name, value);
    }
    const { nlink, size } = isLink ? { nlink: 1, size: 0 } : await stat(path);
    found.set(relative(root, path), { links: nlink, size: entry.isFile() ? size : 0, attributes });
  }
  return found;
}
