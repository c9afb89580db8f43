import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { MediaError } from '../media-error.ts';
import type { LateDocument } from './lay-files.ts';

const run = promisify(execFile);
const BLOCK_BYTES = 2048;

/**
 * Writes documents over those with the same path and size in an image, and has the disk keep all of it.
 * @throws {MediaError} `media.tool-failed`
 */
export async function replaceInIso(
  image: string,
  documents: readonly LateDocument[],
  signal: AbortSignal,
): Promise<void> {
  await using file = await open(image, 'r+');
  for (const { path, text } of documents) {
    const { offset, sizeBytes } = await placeOf(image, path, signal);
    const bytes = Buffer.from(text);
    if (bytes.length !== sizeBytes)
      throw new MediaError(
        'media.tool-failed',
        `${path} has ${sizeBytes} bytes in the image, and is to have ${bytes.length}`,
      );
    await file.write(bytes, 0, bytes.length, offset);
  }
  await file.sync();
}

/** As xorriso tells it: `File data lba: 0 , 1234 , 3 , 5000 , '/metalwright/manifest'`. */
async function placeOf(
  image: string,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly offset: number; readonly sizeBytes: number }> {
  const find = ['-find', `/${path}`, '-exec', 'report_lba', '--'];
  const { stdout } = await run('xorriso', ['-no_rc', '-indev', image, ...find], { signal });
  const [, block, size] =
    /^File data lba:\s*\d+\s*,\s*(\d+)\s*,\s*\d+\s*,\s*(\d+)\s*,/m.exec(stdout) ?? [];
  if (block === undefined || size === undefined)
    throw new MediaError('media.tool-failed', `xorriso does not say where ${path} lies: ${stdout}`);
  return { offset: Number(block) * BLOCK_BYTES, sizeBytes: Number(size) };
}
