import { readdir, stat } from 'node:fs/promises';
import { readWim, type WimImage } from '#media/wim/metadata.ts';
import { WimError } from '#media/wim/wim-error.ts';
import type { VerifiedObject } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { below } from '../below.ts';

/** Files that dism leaves out by its own list (page and hibernation files), and counts of other tools. */
const SHARE = 0.98;
/** Without these no Windows starts. */
const WINDOWS_FILES = ['System32\\config\\SYSTEM', 'System32\\ntoskrnl.exe'];

/** What the image says of itself. @throws {StepError} `image.unreadable`, `image.index`, `image.split` */
export async function imageFacts(
  source: VerifiedObject,
  index: number,
  signal: AbortSignal,
): Promise<WimImage> {
  try {
    const { images } = await readWim({
      sizeBytes: source.sizeBytes,
      read: async (offset, length) => source.read(offset, length, signal),
    });
    const image = images.find((each) => each.index === index);
    if (image !== undefined) return image;
    throw new StepError('image.index', `${source.path} has ${images.length} images, not ${index}`, {
      exitCode: 0x80070490,
    });
  } catch (error) {
    if (!(error instanceof WimError)) throw error;
    const code = error.code === 'wim.split' ? 'image.split' : 'image.unreadable';
    throw new StepError(code, `${source.path}: ${error.message}`, {
      exitCode: 0x8007000b,
      cause: error,
    });
  }
}

/** Looks whether the files are there: a tool that ended well may have done nothing. @throws {StepError} `image.read-back` */
export async function assertApplied(
  root: string,
  image: WimImage,
  /** Paths below the root that are not of the image: `\\UserState`. */
  others: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const found = await countEntries(root, others, signal);
  const wanted = Math.max(1, Math.floor((image.entries ?? 1) * SHARE));
  if (image.entries !== 0 && found < wanted)
    throw readBack(
      `image "${image.name}" has ${image.entries} files and folders, ${found} are there`,
    );
  if (image.kind !== 'windows') return;
  for (const file of WINDOWS_FILES) {
    const size = (await stat(below(root, 'Windows', ...file.split('\\'))).catch(() => undefined))
      ?.size;
    if (!size) throw readBack(`\\Windows\\${file} is ${size === undefined ? 'missing' : 'empty'}`);
  }
}

/** Folders behind links are not entered: of Windows many lead back. One that refuses counts as one. */
async function countEntries(
  root: string,
  others: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const skipped = new Set(
    others.map((path) => below(root, ...path.split(/[\\/]/).filter(Boolean)).toLowerCase()),
  );
  // The root itself is counted as a folder of the image.
  let count = 1;
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    signal.throwIfAborted();
    const inside = folder;
    const all = await readdir(inside, { withFileTypes: true }).catch(() => []);
    const entries = all.filter(({ name }) => !skipped.has(below(inside, name).toLowerCase()));
    count += entries.length;
    for (const entry of entries) if (entry.isDirectory()) pending.push(below(inside, entry.name));
  }
  return count;
}

function readBack(what: string): StepError {
  return new StepError(
    'image.read-back',
    `The volume does not read back as it was applied: ${what}`,
    {
      exitCode: 0x8007001d,
      hint: 'The disk may be failing; see its SMART data. What dism printed is in the log of the run.',
    },
  );
}
