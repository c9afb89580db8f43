import { open } from 'node:fs/promises';
import { wimInFile } from '#media/wim/file-source.ts';
import type { WimSource } from '#media/wim/header.ts';

/** Reads a WIM where it lies, for as long as `use` takes. */
export async function withStoredWim<Value>(
  { path, sizeBytes }: { readonly path: string; readonly sizeBytes: number },
  use: (source: WimSource) => Promise<Value>,
): Promise<Value> {
  await using file = await open(path, 'r');
  return await use(wimInFile(file, sizeBytes));
}
