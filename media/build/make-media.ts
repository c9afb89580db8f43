import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { MediaKind } from '../description.ts';
import { PIECE_BYTES } from '../manifest.ts';
import { MediaError } from '../media-error.ts';
import { makeFatImage } from './fat-image.ts';
import { formatIsoCommands, ISO_DATA_KIB, parseIsoProgress } from './iso-commands.ts';
import { replaceInIso } from './iso-replace.ts';
import { type LaidFile, layFiles, type MediaPlan, madePath } from './lay-files.ts';
import { writeWim } from './prestaged-wim.ts';
import { runTool } from './run-tool.ts';

/**
 * An image starts as a disc and, copied byte for byte, as a USB stick; a folder is for a stick with FAT32; a WIM is
 * put on a disk by `metalwright-agent stage`.
 */
type MediaForm = 'iso' | 'folder' | 'wim';

/** What making media needs. */
export interface MakeOptions {
  readonly form: MediaForm;
  /** File or folder that becomes the media; it is there when they are whole, and not before. */
  readonly output: string;
  /** Folder for what is made on the way; deleted afterwards. */
  readonly work: string;
  /** File of what was found out of large objects before; absent where nothing is kept. */
  readonly known?: string | undefined;
  readonly onProgress: (fraction: number) => void;
  readonly signal: AbortSignal;
}

/** Beside the content: Linux PE, the agent, loaders, and as much again while they are put together. */
const BOOT_BYTES = 400 * 1024 ** 2;

/** Bytes that must be free where media are made, told before anything is begun. */
export function neededBytes(plan: Pick<MediaPlan, 'objects'>): number {
  return plan.objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, BOOT_BYTES);
}

/** Refuses where there is no room. @throws {MediaError} `media.no-space` */
export async function checkRoom(folder: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free < needed)
    throw new MediaError(
      'media.no-space',
      `the media need ${megabytes(needed)} in ${folder}, ${megabytes(free)} are free`,
      { hint: 'Delete media that are not needed any more, or make room there.' },
    );
}

/**
 * Makes media. What is there is whole: they are made beside their place, written out, and then renamed.
 * @throws {MediaError} `media.no-space`, `media.tool-missing`, `media.tool-failed`; an AbortError
 */
export async function makeMedia(
  plan: MediaPlan,
  options: MakeOptions,
): Promise<{ readonly sizeBytes: number; readonly files: number }> {
  const { output, work, form, known, signal } = options;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const part = `${output}.part`;
  try {
    await checkRoom(dirname(output), neededBytes(plan));
    // Pieces of what is cut lie beside it until the WIM is made.
    if (form === 'wim')
      await checkRoom(
        work,
        neededBytes({ objects: plan.objects.filter(({ sizeBytes }) => sizeBytes > PIECE_BYTES) }),
      );
    await rm(part, { recursive: true, force: true });
    const { files, late } = await layFiles(plan, {
      work,
      form: form === 'iso' ? 'iso' : 'folder',
      known,
      signal,
    });
    // An image is written meanwhile: its files have their places by their sizes alone.
    if (form !== 'iso')
      for (const { path, text } of (await late) ?? []) await put(work, path, text);
    switch (form) {
      case 'iso':
        await writeIso(plan, files, part, options);
        await replaceInIso(part, (await late) ?? [], signal);
        break;
      case 'folder':
        await writeFolder(files, part, options);
        break;
      case 'wim':
        await writeWim(files, part, { label: plan.description.label, work, signal });
    }
    await rename(part, output);
    await using folder = await open(dirname(output));
    await folder.sync();
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    return { sizeBytes, files: files.length };
  } finally {
    await rm(work, { recursive: true, force: true });
    await rm(part, { recursive: true, force: true });
  }
}

async function put(work: string, path: string, text: string): Promise<void> {
  await writeFile(madePath(work, path), text);
}

async function writeIso(
  { description, bootImage }: MediaPlan,
  files: readonly LaidFile[],
  part: string,
  { work, onProgress, signal }: MakeOptions,
): Promise<void> {
  const { id, kind, label } = description;
  const data = hasDataPartition(kind) ? join(work, 'data.img') : undefined;
  if (data !== undefined)
    await makeFatImage(data, { label: dataLabel(id), sizeKib: ISO_DATA_KIB, files: [] }, signal);
  const commands = join(work, 'xorriso');
  await using list = await open(commands, 'w');
  const bootSector = join(bootImage, 'media-mbr.img');
  await list.writeFile(formatIsoCommands({ output: part, label, files, bootSector, data }));
  await list.sync();
  const onLine = (line: string): void => {
    const fraction = parseIsoProgress(line);
    if (fraction !== undefined) onProgress(fraction);
  };
  const quiet = ['-no_rc', '-abort_on', 'FAILURE', '-return_with', 'FAILURE', '32'];
  await runTool(['xorriso', ...quiet, '-options_from_file', commands], { signal, onLine });
}

async function writeFolder(
  files: readonly LaidFile[],
  part: string,
  { onProgress, signal }: MakeOptions,
): Promise<void> {
  const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let done = 0;
  for (const { path, from, offset, sizeBytes } of files) {
    const to = join(part, path);
    await mkdir(dirname(to), { recursive: true });
    const range = sizeBytes === 0 ? {} : { start: offset, end: offset + sizeBytes - 1 };
    const target = createWriteStream(to, { flush: true });
    await pipeline(createReadStream(from, { ...range, highWaterMark: 1024 ** 2 }), target, {
      signal,
    });
    done += sizeBytes;
    onProgress(done / total);
  }
}

/** Only what runs without a server keeps a journal on its stick. */
function hasDataPartition(kind: MediaKind): boolean {
  return kind === 'stand-alone';
}

/** Name of the partition that Linux PE writes to; boot/image/linux-pe/media.sh looks for it. */
function dataLabel(mediaId: string): string {
  return `MW-${mediaId.slice(0, 8).toUpperCase()}`;
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MB`;
}
