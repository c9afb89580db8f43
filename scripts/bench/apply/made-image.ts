import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheDirectory } from '../../cache-directory.ts';
import { runCommand } from '../../lab/child.ts';

const root = join(import.meta.dirname, '../../..');
/** What is captured: many small files, and a few large ones. */
const SOURCE = join(root, 'node_modules');
/** Names that are not captured, nor compared: what tools keep there from run to run, and links of commands. */
const LEFT_OUT = ['.*'] as const;
/** LZX leaves 11 MB a second behind it. */
const CAPTURE_TIMEOUT_MS = 900_000;

/** An image to be applied, as two files: one for random access, and one that can be read from a pipe. */
export const MadeImage = z.object({
  wim: z.string(),
  pipable: z.string(),
  totalBytes: z.int(),
  /** The folder that was captured. */
  source: z.string(),
  leftOut: z.array(z.string()),
});
export type MadeImage = z.infer<typeof MadeImage>;

/** Makes the image of the packages of this clone, LZX as stock images are; kept until the packages change. */
export async function madeImage(): Promise<MadeImage> {
  const key = createHash('sha256')
    .update(await readFile(join(SOURCE, '.package-lock.json')))
    .digest('hex');
  const folder = join(cacheDirectory, `bench-apply-${key.slice(0, 12)}`);
  const facts = join(folder, 'image.json');
  const known = await readFile(facts, 'utf8').catch(() => undefined);
  if (known !== undefined) return MadeImage.parse(JSON.parse(known));
  const made = `${folder}.new`;
  await rm(made, { recursive: true, force: true });
  await mkdir(made, { recursive: true });
  const config = join(made, 'capture.ini');
  await writeFile(config, `[ExclusionList]\n${LEFT_OUT.join('\n')}\n`);
  const wim = join(made, 'image.wim');
  const timed = { timeoutMs: CAPTURE_TIMEOUT_MS };
  const how = ['--compress=LZX', `--config=${config}`, '--no-acls'] as const;
  await runCommand(['wimlib-imagex', 'capture', SOURCE, wim, 'bench', ...how], timed);
  const pipable = join(made, 'pipable.wim');
  await runCommand(['wimlib-imagex', 'export', wim, '1', pipable, '--pipable'], timed);
  const info = await runCommand(['wimlib-imagex', 'info', wim, '1']);
  const totalBytes = Number(/^Total Bytes:\s*(\d+)/m.exec(info)?.[1]);
  const image: MadeImage = {
    wim: join(folder, 'image.wim'),
    pipable: join(folder, 'pipable.wim'),
    totalBytes,
    source: SOURCE,
    leftOut: [...LEFT_OUT],
  };
  await writeFile(join(made, 'image.json'), JSON.stringify(image));
  await rm(folder, { recursive: true, force: true });
  await rename(made, folder);
  return image;
}
