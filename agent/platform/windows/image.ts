import { readdir, rm, rmdir, statfs } from 'node:fs/promises';
import type { ImageCapability, StepProgress, VolumeId } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import { below } from '../below.ts';
import { runDiskpart } from './disk/run-diskpart.ts';
import type { WindowsDisk } from './disk.ts';
import { applyByDism } from './image/apply-by-dism.ts';
import { fetchImage } from './image/fetch-image.ts';
import { assertApplied, filesBefore, imageFacts } from './image/read-back.ts';
import { systemFolders, wipeFolder } from './image/wipe-folder.ts';
import type { WindowsMachineParts } from './parts.ts';
import { formatVolumeScript } from './tools/diskpart/script.ts';

/** The agent's own folder on a volume, and the journal's: no image has them, and no wipe takes them. */
const ENGINE_FOLDER = '_SMSTaskSequence';
const JOURNAL_FOLDER = 'metalwright';
/** For dism's scratch files and log, and what the file system needs itself. */
const ROOM_BYTES = 256 * 1024 * 1024;
const FORMAT_TIMEOUT_MS = 30 * 60_000;

type ImageParts = Pick<WindowsMachineParts, 'runTool' | 'scratch' | 'log'> & {
  /** Where a letter is reached, `W:\`: tests have a folder. */
  readonly rootOf?: (letter: string) => string;
  readonly stallMs?: number;
};
type ApplyRequest = Parameters<ImageCapability['apply']>[0];

/**
 * Images on a Windows machine, by dism, which reads files alone: the WIM is fetched to the volume that it goes to,
 * verified chunk by chunk, and deleted after. So that volume holds both for a while. An ESD is applied as a WIM.
 */
export function windowsImage(
  parts: ImageParts,
  {
    disk,
    isEncrypted = async () => false,
  }: {
    readonly disk: Pick<WindowsDisk, 'find' | 'letter' | 'flush'>;
    /** Whether a volume is encrypted by BitLocker: formatting would undo that. */
    readonly isEncrypted?: (volume: VolumeId, signal: AbortSignal) => Promise<boolean>;
  },
): ImageCapability {
  return {
    async *apply(request, signal) {
      const { source, index, volume, fileSystem, expectedBytes, wipe = true } = request;
      if (fileSystem === 'ext4')
        throw new StepError('image.file-system', 'Windows applies no images to ext4', {
          hint: 'Deploy it from Linux PE.',
        });
      const image = await imageFacts(source, index, signal);
      await using lent = await disk.letter(volume, signal);
      const { rootOf = (letter: string) => `${letter}:\\` } = parts;
      const root = rootOf(lent.letter);
      const kept = [ENGINE_FOLDER, JOURNAL_FOLDER, ...systemFolders, ...(request.keep ?? [])];
      const target = { root, letter: lent.letter, kept };
      if (wipe) yield* empty(request, target, parts, signal);
      const place = { root, others: kept };
      const before = wipe ? new Map() : await filesBefore(place, fileSystem, signal);
      await assertRoom(root, source.sizeBytes + expectedBytes + ROOM_BYTES);
      const engine = below(root, ENGINE_FOLDER);
      const folder = below(engine, 'Image');
      // Of an attempt that was cut off.
      await rm(folder, { recursive: true, force: true });
      try {
        const file = source.path.split('/').at(-1) ?? 'image.wim';
        const path = yield* fetchImage(source, { folder, file }, signal);
        const apply = { image: path, index, target: root, folder, expectedBytes };
        yield* applyByDism(apply, parts, signal);
      } finally {
        await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
        // What else is in it stays.
        await rmdir(engine).catch(() => {});
      }
      yield { detail: 'Reading back', doneBytes: expectedBytes, totalBytes: expectedBytes };
      await disk.flush(volume, signal);
      await assertApplied(place, { image, before }, signal);
    },
  };

  /**
   * By formatting where nothing stays: that is faster, and no rights are in its way. Not where the volume is
   * empty, or was encrypted before (Pre-provision BitLocker): formatting would undo that.
   */
  async function* empty(
    { volume, fileSystem, keep = [] }: ApplyRequest,
    target: { readonly root: string; readonly letter: string; readonly kept: readonly string[] },
    { runTool, scratch, log }: ImageParts,
    signal: AbortSignal,
  ): AsyncGenerator<StepProgress, void> {
    const { root, letter, kept } = target;
    const names = await readdir(root).catch((): string[] => []);
    const stays = [ENGINE_FOLDER, JOURNAL_FOLDER].some((name) =>
      names.some((other) => other.toLowerCase() === name.toLowerCase()),
    );
    const { fileSystem: present } = disk.find(volume).partition;
    const isEmpty = names.every((name) => systemFolders.includes(name));
    if (isEmpty && present === fileSystem) return;
    if (keep.length > 0 || stays || (await isEncrypted(volume, signal))) {
      yield { detail: 'Deleting what is on the volume' };
      log(`Deleting all on ${letter}: but ${kept.join(', ')}`);
      await wipeFolder(root, kept, { runTool }, signal);
      return;
    }
    yield { detail: 'Formatting the volume' };
    const { label } = disk.find(volume).partition;
    const text = formatVolumeScript(letter, fileSystem, label);
    const title = `formatting ${letter}:`;
    const timeoutMs = FORMAT_TIMEOUT_MS;
    await runDiskpart({ text, title, timeoutMs, again: true }, { runTool, scratch }, signal);
    const formatted = disk.find(volume).partition.fileSystem;
    const left = await readdir(root).catch(() => undefined);
    const others = left?.filter((name) => !systemFolders.includes(name)) ?? ['?'];
    if (formatted !== fileSystem || others.length > 0)
      throw new StepError(
        'disk.not-written',
        `diskpart formatted ${letter}: as it said, and it has ${formatted || 'no file system'} and ${others.length} files and folders`,
        { exitCode: 0x8007001d, hint: 'The disk may be write-protected or failing.' },
      );
  }
}

/** @throws {StepError} `image.no-space` */
async function assertRoom(root: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(root);
  const free = bavail * bsize;
  if (free >= neededBytes) return;
  throw new StepError(
    'image.no-space',
    `${root} has ${free} bytes free; the image and what is in it need ${neededBytes} together`,
    {
      exitCode: 0x80070070,
      hint: 'Make the partition larger: dism reads the image from a file that lies on it for a while.',
    },
  );
}
