/** The file of a capture, alike in Windows PE and Linux PE. */
import { type FileHandle, rm, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { wimInFile } from '#media/wim/file-source.ts';
import { readWim } from '#media/wim/metadata.ts';
import type { CaptureCapability } from '../sequence/capture-capability.ts';

/** What of a capture needs no tool of the system. */
export const capturedFile: Pick<CaptureCapability, 'size' | 'remove'> = {
  size: async (file) => (await stat(file).catch(() => undefined))?.size ?? null,
  async remove(file) {
    await rm(file, { force: true });
    // Its folder, and the agent's, where nothing else is in them.
    const folder = dirname(file);
    for (const each of [folder, dirname(folder)]) await rmdir(each).catch(() => {});
  },
};

/**
 * Why a WIM does not have as many images as were captured, each with files; undefined where it has.
 *
 * @throws {WimError} `wim.*`
 */
export async function imagesMissing(file: FileHandle, count: number): Promise<string | undefined> {
  const { images } = await readWim(wimInFile(file, (await file.stat()).size));
  if (images.length === count && images.every(({ entries }) => (entries?.files ?? 0) > 0))
    return undefined;
  const seen = images.map(({ name, entries }) => `"${name}" with ${entries?.files ?? 0} files`);
  return `has ${seen.join(', ') || 'no images'}, and ${count} with files were captured`;
}
