import { mkdir, open, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import type { CaptureCapability, ImageToCapture } from '../../sequence/capture-capability.ts';
import type { StepProgress, VolumeId } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step-error.ts';
import type { WindowsCapability } from '../../sequence/windows-capability.ts';
import { below } from '../below.ts';
import { capturedFile, imagesMissing } from '../captured-file.ts';
import { isHibernated } from '../hibernation.ts';
import { isThere } from '../is-there.ts';
import type { WindowsDisk } from './disk.ts';
import { runDism } from './image/run-dism.ts';
import type { WindowsMachineParts } from './parts.ts';

/** FSCTL_IS_VOLUME_DIRTY, and VOLUME_IS_DIRTY of its answer (winioctl.h). */
export const IS_VOLUME_DIRTY = 0x0009_0078;
const DIRTY = 1;
/** The agent's own folder on a volume, which no image has. */
const ENGINE_FOLDER = '_SMSTaskSequence';
/** ERROR_DISK_FULL, ERROR_ACCESS_DENIED, ERROR_BAD_NETPATH, as HRESULTs. */
const codes: Readonly<Record<number, string>> = {
  0x80070070: 'capture.no-space',
  0x80070005: 'capture.destination',
  0x80070035: 'capture.destination',
};

/** Captures by dism: `/Capture-Image` for the first volume, `/Append-Image` for the others. */
export function windowsCapture(
  parts: Pick<WindowsMachineParts, 'runTool' | 'win32'> & {
    /** Where a letter is reached, `W:\`: tests have a folder. */
    readonly rootOf?: (letter: string) => string;
    readonly stallMs?: number;
  },
  {
    disk,
    windows,
    isEncrypted,
  }: {
    readonly disk: Pick<WindowsDisk, 'find' | 'letter'>;
    readonly windows: Pick<WindowsCapability, 'facts'>;
    /** By BitLocker, locked or not. */
    readonly isEncrypted: (volume: VolumeId, signal: AbortSignal) => Promise<boolean>;
  },
): CaptureCapability {
  const { rootOf = (letter: string) => `${letter}:\\` } = parts;
  const isDirty = (volume: VolumeId): boolean => {
    const name = disk.find(volume).name?.replace(/\\$/, '') ?? '';
    const answer = parts.win32?.deviceControl(name, { code: IS_VOLUME_DIRTY, outputBytes: 4 });
    return answer !== undefined && ((answer[0] ?? 0) & DIRTY) !== 0;
  };
  /** dism knows a volume by its letter, not by `\\\\?\\Volume{…}\\`. */
  const reachedBy = async (
    path: string,
    volume: VolumeId | null,
    signal: AbortSignal,
  ): Promise<AsyncDisposable & { readonly path: string }> => {
    const [, rest] = /^\\\\\?\\[^\\]+\\(.*)$/s.exec(path) ?? [];
    if (rest === undefined || volume === null) return { path, async [Symbol.asyncDispose]() {} };
    const lent = await disk.letter(volume, signal);
    return {
      path: `${rootOf(lent.letter)}${rest}`,
      [Symbol.asyncDispose]: async () => lent[Symbol.asyncDispose](),
    };
  };
  return {
    async inspect(volume, signal) {
      if (await isEncrypted(volume, signal)) return { problem: 'bitlocker', system: null };
      const { fileSystem } = disk.find(volume).partition;
      if (fileSystem === '') return { problem: null, system: null };
      if (isDirty(volume)) return { problem: 'dirty', system: null };
      await using lent = await disk.letter(volume, signal);
      const root = rootOf(lent.letter);
      if (await isHibernated(root)) return { problem: 'hibernated', system: null };
      const hive = below(root, 'Windows', 'System32', 'config', 'SYSTEM');
      if (!(await isThere(hive))) return { problem: null, system: null };
      const facts = await windows.facts(volume, signal);
      return { problem: null, system: { kind: 'windows', ...facts } };
    },

    ...capturedFile,

    async *capture({ file, fileVolume, images }, signal) {
      const partial = `${file}.new`;
      await makeFolders(file);
      await rm(partial, { force: true });
      await using reached = await reachedBy(partial, fileVolume, signal);
      try {
        for (const [index, image] of images.entries()) {
          await using lent = await disk.letter(image.volume, signal);
          const root = rootOf(lent.letter);
          const engine = below(root, ENGINE_FOLDER);
          const folder = below(engine, 'Capture');
          await rm(folder, { recursive: true, force: true });
          await mkdir(folder, { recursive: true });
          try {
            const work = { image, root, folder, partial: reached.path, first: index === 0 };
            yield* captureOne(work, parts, signal);
          } finally {
            await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
            // What else is in it stays.
            await rmdir(engine).catch(() => {});
          }
        }
        yield { detail: 'Reading back' };
        const sizeBytes = await readBack(partial, images);
        await rename(partial, file);
        return { sizeBytes };
      } catch (error) {
        await rm(partial, { force: true }).catch(() => {});
        throw error;
      }
    },
  };
}

/** One by one: `recursive` goes up from the root of a volume without a letter. */
async function makeFolders(file: string): Promise<void> {
  const separator = file.includes('\\') ? '\\' : '/';
  // A server and a share, `\\\\?` and a volume, or a drive are there already.
  const first = file.startsWith('\\\\') ? 4 : 1;
  const names = file.split(separator);
  for (let count = first + 1; count < names.length; count += 1)
    await mkdir(names.slice(0, count).join(separator)).catch((error: unknown) => {
      if (Reflect.get(error instanceof Error ? error : {}, 'code') !== 'EEXIST') throw error;
    });
}

async function* captureOne(
  work: {
    readonly image: ImageToCapture;
    readonly root: string;
    /** For lists, scratch files and the log. */
    readonly folder: string;
    readonly partial: string;
    readonly first: boolean;
  },
  parts: Parameters<typeof runDism>[1],
  signal: AbortSignal,
): AsyncGenerator<StepProgress, void> {
  const { image, root, folder, partial, first } = work;
  const { name, description, exclude } = image;
  const list = below(folder, 'exclude.ini');
  const lines = exclude.map((path) => `${path.replaceAll('/', '\\')}\r\n`);
  await writeFile(list, `[ExclusionList]\r\n${lines.join('')}`);
  yield* runDism(
    {
      options: [
        first ? '/Capture-Image' : '/Append-Image',
        `/ImageFile:${partial}`,
        `/CaptureDir:${root}`,
        `/Name:${name}`,
        ...(description === '' ? [] : [`/Description:${description}`]),
        ...(first ? ['/Compress:max'] : []),
        `/ConfigFile:${list}`,
        '/CheckIntegrity',
        '/Verify',
      ],
      folder,
      shown: (percent) => ({ detail: `Capturing ${name}, ${Math.floor(percent)} %` }),
      codes,
      otherCode: 'capture.failed',
      stalledCode: 'capture.timeout',
    },
    parts,
    signal,
  );
}

/** dism ends well for what it did not do, too. Returns the size. @throws {StepError} `capture.read-back` */
async function readBack(file: string, images: readonly ImageToCapture[]): Promise<number> {
  try {
    await using opened = await open(file, 'r+');
    await opened.sync();
    const missing = await imagesMissing(opened, images.length);
    if (missing !== undefined) throw new Error(`it ${missing}`);
    return (await opened.stat()).size;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StepError('capture.read-back', `${file} reads back wrong: ${reason}`, {
      exitCode: 0x8007001d,
      cause: error,
      hint: 'The disk that it is on may be failing, or the connection to it.',
    });
  }
}
