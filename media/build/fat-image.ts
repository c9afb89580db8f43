import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runTool } from './run-tool.ts';

/** A file for a FAT image: from where, and its path in there. */
interface FatFile {
  readonly from: string;
  readonly to: string;
}

/**
 * Makes a file with a FAT file system in it, by mkfs.fat and mtools: no mount, no root.
 * @throws {MediaError} `media.tool-missing`, `media.tool-failed`
 */
export async function makeFatImage(
  path: string,
  { label, sizeKib, files }: FatImage,
  signal: AbortSignal,
): Promise<void> {
  await rm(path, { force: true });
  await runTool(['mkfs.fat', '-C', '-n', label, path, String(sizeKib)], { signal });
  const folders = new Set(files.flatMap(({ to }) => foldersAbove(to)));
  if (folders.size > 0) {
    const places = [...folders].map((folder) => `::${folder}`);
    await runTool(['mmd', '-i', path, ...places], { signal });
  }
  for (const { from, to } of files)
    await runTool(['mcopy', '-i', path, from, `::${to}`], { signal });
}

interface FatImage {
  /** At most eleven characters, capitals. */
  readonly label: string;
  readonly sizeKib: number;
  readonly files: readonly FatFile[];
}

/** Parents first. */
function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [...foldersAbove(folder), folder];
}
