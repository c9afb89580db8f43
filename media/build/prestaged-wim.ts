import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LaidFile } from './lay-files.ts';
import { runTool } from './run-tool.ts';

/**
 * Makes a WIM of the files of media. They are links in a tree that wimlib captures, so that nothing is copied twice
 * but objects which are cut; and nothing is packed, as the content is packed already.
 *
 * @throws {MediaError} `media.tool-missing`, `media.tool-failed`
 */
export async function writeWim(
  files: readonly LaidFile[],
  part: string,
  {
    label,
    work,
    signal,
  }: { readonly label: string; readonly work: string; readonly signal: AbortSignal },
): Promise<void> {
  const tree = join(work, 'tree');
  for (const { path, from, offset, sizeBytes, isPart } of files) {
    const to = join(tree, path);
    await mkdir(dirname(to), { recursive: true });
    if (!isPart) {
      await symlink(resolve(from), to);
      continue;
    }
    const range = { start: offset, end: offset + sizeBytes - 1, highWaterMark: 1024 ** 2 };
    await pipeline(createReadStream(from, range), createWriteStream(to), { signal });
  }
  const plain = ['--compress=none', '--dereference', '--no-acls'];
  await runTool(['wimlib-imagex', 'capture', tree, part, label, ...plain], { signal });
  await using image = await open(part, 'r+');
  await image.sync();
}
