import { createHash, randomFillSync } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { MediaPlan } from '#media/build/lay-files.ts';

const PIECE = 4 * 1024 * 1024;
/** Of all content, what is one image; the rest are drivers and packages. */
const IMAGE_SHARE = 0.8;
const SMALL_BYTES = 8_000_000;

/** Objects that come to so many bytes: one large, and a lot of small ones; random, and on the disk. */
export async function makeContent(
  folder: string,
  totalBytes: number,
): Promise<MediaPlan['objects'][number][]> {
  await mkdir(folder);
  const large = Math.round(totalBytes * IMAGE_SHARE);
  const count = Math.ceil((totalBytes - large) / SMALL_BYTES);
  const sizes = [large, ...Array.from({ length: count }, () => SMALL_BYTES)];
  const objects: MediaPlan['objects'][number][] = [];
  for (const sizeBytes of sizes) objects.push(await makeObject(folder, sizeBytes));
  return objects;
}

async function makeObject(
  folder: string,
  sizeBytes: number,
): Promise<MediaPlan['objects'][number]> {
  const hash = createHash('sha256');
  const made = join(folder, 'made');
  const buffer = Buffer.alloc(PIECE);
  {
    await using file = await open(made, 'w');
    for (let left = sizeBytes; left > 0; left -= PIECE) {
      const bytes = randomFillSync(buffer).subarray(0, Math.min(PIECE, left));
      hash.update(bytes);
      await file.writeFile(bytes);
    }
    await file.sync();
  }
  const sha256 = hash.digest('hex');
  await rename(made, join(folder, sha256));
  return { sha256, sizeBytes, file: join(folder, sha256) };
}
