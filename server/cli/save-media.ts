import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { MediaFileView, type MediaView } from '../http/api-media.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { saveStream } from './save-stream.ts';

/** Saves media: an image as a file, a folder as one. @returns their bytes @throws {CliError} `cli.file-exists`, `cli.file`, `cli.media-file` */
export async function saveMedia(
  api: Pick<ApiClient, 'call' | 'download'>,
  { id, form }: MediaView,
  output: string,
): Promise<number> {
  if (form !== 'folder') return saveStream(await api.download(`/media/${id}/file`), output);
  const files = await api.call('GET', `/media/${id}/files`, z.array(MediaFileView));
  return saveFolder(files, output, async (path) =>
    api.download(`/media/${id}/file?path=${encodeURIComponent(path)}`),
  );
}

/**
 * Saves the files of media into a folder, which may be there, as where a stick is mounted, each held against its
 * hash. The manifest comes last: media without it start nothing.
 *
 * @returns their bytes @throws {CliError} `cli.file-exists`, `cli.file`, `cli.media-file`
 */
async function saveFolder(
  files: readonly MediaFileView[],
  folder: string,
  download: (path: string) => Promise<Readable>,
): Promise<number> {
  for (const { path } of files)
    if ((await stat(join(folder, path)).catch(() => undefined)) !== undefined)
      throw new CliError('cli.file-exists', 'the file is there already', {
        where: join(folder, path),
        hint: 'name another folder with --output, or empty this one',
      });
  let done = 0;
  for (const file of files) {
    await saveFile(file, join(folder, file.path), await download(file.path));
    done += file.sizeBytes;
  }
  return done;
}

async function saveFile(
  { path, sha256 }: MediaFileView,
  to: string,
  stream: Readable,
): Promise<void> {
  const hash = createHash('sha256');
  try {
    await mkdir(dirname(to), { recursive: true });
    await pipeline(
      stream,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(to, { flush: true }),
    );
  } catch (error) {
    stream.destroy();
    await rm(to, { force: true });
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError('cli.file', `cannot be saved: ${message}`, {
      where: to,
      hint: 'is the server up, and is there room? What was saved before it is kept',
      cause: error,
    });
  }
  if (hash.digest('hex') === sha256) return;
  await rm(to, { force: true });
  throw new CliError('cli.media-file', `${path} came with other bytes than were made`, {
    where: to,
    hint: 'fetch the media again; if that does not help, make them again',
  });
}
