import { z } from 'zod';
import { ContentObject } from '../protocol/content.ts';
import { DriverFacts } from './driver-facts.ts';
import { DriverPack } from './driver-pack.ts';

/** The file of a driver package that says what its drivers are for: made when the package is added. */
export const DRIVER_INDEX = 'metalwright-drivers.json';
/** Of that file; a package with 500 drivers has some 5 MB. */
export const MAX_INDEX_BYTES = 64 * 1024 * 1024;

/** What a driver package is searched by, so that only the folders of chosen drivers are fetched. */
export const DriverIndex = z.object({
  format: z.literal(1),
  /** A step may limit itself to packages that have one of these. */
  categories: z.array(z.string().min(1).max(255)).max(100),
  /** For which machines it was made; absent: for any. */
  pack: DriverPack.optional(),
  drivers: z
    .array(
      z.object({
        facts: DriverFacts,
        /** Its INF file and what lies beside and below it, but for other INF files. */
        files: z.array(ContentObject).max(20_000),
      }),
    )
    .max(20_000),
});
export type DriverIndex = z.infer<typeof DriverIndex>;

/**
 * Which files of a package belong to a driver: those of its folder, but no other INF file, and those below in
 * folders that have no INF file. Pure.
 */
export function filesOfDriver<File extends { readonly path: string }>(
  inf: string,
  files: readonly File[],
): File[] {
  const folder = folderOf(inf);
  const isInf = (path: string): boolean => /\.inf$/i.test(path);
  const withInf = new Set(files.flatMap(({ path }) => (isInf(path) ? [folderOf(path)] : [])));
  return files.filter(({ path }) => {
    if (path === inf) return true;
    if (!path.startsWith(folder) || isInf(path) || path === DRIVER_INDEX) return false;
    for (let each = folderOf(path); each !== folder; each = folderOf(each.slice(0, -1)))
      if (withInf.has(each)) return false;
    return true;
  });
}

/** With its `/` at the end; empty at the root. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
