import { mkdir, open, stat } from 'node:fs/promises';
import type { StepProgress, VerifiedObject } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { below } from '../../below.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;
const DISK_FULL = 0x80070070;

/**
 * Fetches an image into a file, because dism reads nothing else; each chunk is verified before it is written.
 * @throws {StepError} `content.*`, `image.no-space`, `image.write`
 */
export async function* fetchImage(
  source: VerifiedObject,
  to: { readonly folder: string; readonly file: string },
  signal: AbortSignal,
): AsyncGenerator<StepProgress, string> {
  const { sizeBytes } = source;
  await mkdir(to.folder, { recursive: true });
  const path = below(to.folder, to.file);
  const file = await open(path, 'w').catch((error: unknown) => {
    throw writeFailure(path, error);
  });
  try {
    for (let offset = 0; offset < sizeBytes; ) {
      yield { detail: 'Fetching the image', doneBytes: offset, totalBytes: sizeBytes };
      const length = Math.min(CHUNK_BYTES, sizeBytes - offset);
      const bytes = await source.read(offset, length, signal);
      if (bytes.length !== length)
        throw new StepError(
          'image.read',
          `${source.path} gave ${bytes.length} bytes at ${offset}, not ${length}`,
        );
      await write(async () => file.write(bytes, 0, length, offset), path, length);
      offset += length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const written = (await stat(path)).size;
  if (written !== sizeBytes)
    throw new StepError('image.write', `${path} has ${written} bytes, ${sizeBytes} were written`, {
      exitCode: 0x8007001d,
      hint: 'The disk may be failing; see its SMART data.',
    });
  return path;
}

async function write(
  work: () => Promise<{ readonly bytesWritten: number }>,
  path: string,
  length: number,
): Promise<void> {
  let written: number;
  try {
    written = (await work()).bytesWritten;
  } catch (error) {
    throw writeFailure(path, error);
  }
  if (written !== length) throw writeFailure(path, new Error(`${written} of ${length} bytes`));
}

function writeFailure(path: string, error: unknown): StepError {
  const isFull = error instanceof Error && 'code' in error && error.code === 'ENOSPC';
  const reason = error instanceof Error ? error.message : String(error);
  return new StepError(isFull ? 'image.no-space' : 'image.write', `Writing ${path}: ${reason}`, {
    exitCode: isFull ? DISK_FULL : 0x8007001d,
    cause: error,
    hint: isFull
      ? 'Make the partition larger: the image and what is in it lie on it together for a while.'
      : 'The disk may be failing; see its SMART data.',
  });
}
