import { lstat, readdir, stat } from 'node:fs/promises';
import { readWim, type WimImage } from '#media/wim/metadata.ts';
import { WimError } from '#media/wim/wim-error.ts';
import type { VerifiedObject } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import { below } from '../../below.ts';

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

/** A volume that an image is applied to. */
interface Target {
  readonly root: string;
  /** Paths below the root that are not of the image: `\\UserState`. */
  readonly others: readonly string[];
}

/**
 * The files of a volume that an image is added to, each with what changes when it is written: they are no
 * proof of the image. Only NTFS tells that of a file which is written again as it was; of another file system
 * it is none.
 */
export async function filesBefore(
  { root, others }: Target,
  fileSystem: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const before = new Map<string, string>();
  if (fileSystem !== 'ntfs') return before;
  for await (const { path, isFolder } of entriesBelow(root, others, signal))
    if (!isFolder) before.set(path, await stateOf(path));
  return before;
}

/**
 * Looks whether the files are there: a tool that ended well may have done nothing.
 * @param before of an image that is added to others, from `filesBefore`
 * @throws {StepError} `image.read-back`
 */
export async function assertApplied(
  { root, others }: Target,
  { image, before }: { readonly image: WimImage; readonly before: ReadonlyMap<string, string> },
  signal: AbortSignal,
): Promise<void> {
  // The root itself is counted as a folder of the image.
  const found = { files: 0, written: 0, folders: 1 };
  for await (const { path, isFolder } of entriesBelow(root, others, signal)) {
    if (isFolder) found.folders += 1;
    else {
      found.files += 1;
      const old = before.get(path);
      if (old === undefined || old !== (await stateOf(path))) found.written += 1;
    }
  }
  const { files = 1, folders = 0 } = image.entries ?? {};
  const share = (count: number): number => Math.floor(count * SHARE);
  const all = found.files + found.folders;
  if (all < Math.min(files + folders, Math.max(1, share(files + folders))))
    throw readBack(
      `image "${image.name}" has ${files + folders} files and folders, ${all} are there`,
    );
  if (image.entries !== null && found.written < share(files))
    throw readBack(
      `image "${image.name}" has ${files} files, ${found.written} of the ${found.files} that are there were written`,
    );
  if (image.kind !== 'windows') return;
  for (const file of WINDOWS_FILES) {
    const size = (await stat(below(root, 'Windows', ...file.split('\\'))).catch(() => undefined))
      ?.size;
    if (!size) throw readBack(`\\Windows\\${file} is ${size === undefined ? 'missing' : 'empty'}`);
  }
}

interface Entry {
  readonly path: string;
  readonly isFolder: boolean;
}

/** Folders behind links are not entered: of Windows many lead back. One that refuses is empty. */
async function* entriesBelow(
  root: string,
  others: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<Entry, void> {
  const skipped = new Set(
    others.map((path) => below(root, ...path.split(/[\\/]/).filter(Boolean)).toLowerCase()),
  );
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    signal.throwIfAborted();
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
      const path = below(folder, entry.name);
      if (skipped.has(path.toLowerCase())) continue;
      const isFolder = entry.isDirectory();
      if (isFolder) pending.push(path);
      yield { path, isFolder };
    }
  }
}

/** Another one after the file was written, or put in the place of the old one. */
async function stateOf(path: string): Promise<string> {
  const state = await lstat(path, { bigint: true }).catch(() => undefined);
  return state === undefined
    ? ''
    : [state.ino, state.size, state.mtimeNs, state.ctimeNs, state.birthtimeNs].join(' ');
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
