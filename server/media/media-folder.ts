/** Media in the form of a folder: what is asked for by path is what their manifest names, and nothing else. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from '#media/build/hash-file.ts';
import { type MediaFile, mediaPaths, parseMediaManifest } from '#media/manifest.ts';
import { MediaError } from '#media/media-error.ts';

/** All files of the media in a folder, the manifest and its signature last. @throws {MediaError} `media.no-file` */
export async function listMediaFolder(folder: string): Promise<readonly MediaFile[]> {
  const text = await readFile(join(folder, mediaPaths.manifest), 'utf8').catch((error: unknown) => {
    throw gone(folder, error);
  });
  const own = [mediaPaths.manifest, mediaPaths.signature].map(async (path) => {
    const file = join(folder, path);
    const [{ size: sizeBytes }, sha256] = await Promise.all([
      stat(file),
      hashFile(file, new AbortController().signal),
    ]);
    return { path, sizeBytes, sha256 };
  });
  return [...parseMediaManifest(text), ...(await Promise.all(own))];
}

/** One of them. @throws {MediaError} `media.missing-file`, `media.no-file` */
export async function fileOfMediaFolder(
  folder: string,
  path: string,
): Promise<{ readonly path: string; readonly sizeBytes: number; readonly sha256: string }> {
  const found = (await listMediaFolder(folder)).find((each) => each.path === path);
  if (found === undefined)
    throw new MediaError('media.missing-file', `${path} is not on the media`);
  const { sizeBytes, sha256 } = found;
  const file = join(folder, path);
  const there = await stat(file).catch((error: unknown) => {
    throw gone(file, error);
  });
  if (there.size !== sizeBytes) throw gone(file);
  return { path: file, sizeBytes, sha256 };
}

function gone(path: string, cause?: unknown): MediaError {
  return new MediaError('media.no-file', `${path} is not there any more`, {
    hint: 'Make the media again, and delete these.',
    cause,
  });
}
