import { mkdir, mkdtemp, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  CaptureCapability,
  CapturedSystem,
  CaptureState,
  ImageToCapture,
} from '../../sequence/capture-capability.ts';
import type { MountedVolume, StepProgress } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import type { WindowsCapability } from '../../sequence/windows-capability.ts';
import { capturedFile, imagesMissing } from '../captured-file.ts';
import { isHibernated } from '../hibernation.ts';
import { isThere } from '../is-there.ts';
import type { LinuxDisk } from './disk.ts';
import { identityFiles, linuxArchitecture, swapFiles } from './linux-identity.ts';
import type { Mounts } from './mounts.ts';
import { readOsRelease } from './os-release.ts';
import { lastLines, runTool } from './process.ts';
import { runWimlib } from './run-wimlib.ts';
import { volumeProblem } from './volume-state.ts';
import { wimlibExit } from './wimlib-output.ts';

/** winnt.h, PROCESSOR_ARCHITECTURE_*: what WINDOWS/ARCH of a WIM has. */
const windowsArchitectures = { x86: '0', x64: '9', arm64: '12' } as const;

/**
 * Captures by wimlib-imagex: NTFS from its device, by wimlib's own NTFS-3G, with all that NTFS keeps; ext4 from a mount,
 * with owners, modes and links; FAT32 as plain files.
 */
export function linuxCapture(options: {
  readonly disk: LinuxDisk;
  readonly mounts: Mounts;
  readonly windows: Pick<WindowsCapability, 'facts'>;
  /** Folder for mount points and lists. */
  readonly folder: string;
}): CaptureCapability {
  const { disk, mounts, windows, folder } = options;
  return {
    async inspect(volume, signal) {
      const { path: device, partition } = await disk.find(volume, signal);
      const problem = await volumeProblem(device, partition.fileSystem);
      if (problem !== null) return { problem, system: null };
      if (partition.fileSystem === 'ntfs') {
        // Read only: NTFS-3G would end a hibernated session's right to the volume.
        await using mounted = await mountReadOnly(device, 'ntfs-3g', folder, signal);
        if (await isHibernated(mounted.path)) return { problem: 'hibernated', system: null };
        const hive = join(mounted.path, 'Windows/System32/config/SYSTEM');
        if (!(await isThere(hive))) return { problem: null, system: null };
      } else if (partition.fileSystem !== 'ext4') return { problem: null, system: null };
      else {
        await using mounted = await mountReadOnly(device, 'ext4', folder, signal);
        return { problem: null, system: await linuxSystem(mounted.path) };
      }
      const facts = await windows.facts(volume, signal);
      return { problem: null, system: { kind: 'windows', ...facts } } satisfies CaptureState;
    },

    ...capturedFile,

    async *capture({ file, fileVolume, images }, signal) {
      const partial = `${file}.new`;
      await mkdir(folder, { recursive: true });
      const work = await mkdtemp(join(folder, 'capture-'));
      try {
        await mkdir(dirname(file), { recursive: true });
        await rm(partial, { force: true });
        for (const [index, image] of images.entries()) {
          const { path: device, partition } = await disk.find(image.volume, signal);
          const isNtfs = partition.fileSystem === 'ntfs';
          if (isNtfs && image.volume === fileVolume)
            throw new StepError(
              'capture.destination',
              `${file} is on the volume that is to be captured, and Linux PE captures NTFS as a whole`,
              {
                hint: 'Capture to another volume, to a share, or from Windows PE.',
                exitCode: 0x80070032,
              },
            );
          // Read only: a power cut in the middle leaves it as clean as it was found.
          await using mounted = isNtfs
            ? undefined
            : partition.fileSystem === 'ext4' && image.volume !== fileVolume
              ? await mountReadOnly(device, 'ext4', folder, signal)
              : await mounts.mount(device, partition.fileSystem, signal);
          const list = join(work, `exclude-${index}.ini`);
          await writeFile(list, exclusionList(image.exclude));
          const how = { first: index === 0, unix: partition.fileSystem === 'ext4', list, partial };
          const argv = captureArguments(mounted?.path ?? device, image, how);
          const detail = `Capturing ${image.name}`;
          const result = yield* runWimlib(argv, { detail }, signal);
          if (result.code !== 0 || result.timedOut)
            throw captureFailure(result.code, result.output, partial);
        }
        yield* readBack(partial, images, signal);
        await syncFile(partial);
        await rename(partial, file);
        await syncFile(dirname(file)).catch(() => {}); // a share has no folders to sync
        return { sizeBytes: (await stat(file)).size };
      } catch (error) {
        await rm(partial, { force: true }).catch(() => {});
        throw error;
      } finally {
        await rm(work, { recursive: true, force: true });
      }
    },
  };
}

function captureArguments(
  source: string,
  { name, description, properties, system }: ImageToCapture,
  how: {
    readonly first: boolean;
    readonly unix: boolean;
    readonly list: string;
    readonly partial: string;
  },
): readonly [string, ...string[]] {
  const all = { ...windowsProperties(system), ...properties };
  return [
    how.first ? 'capture' : 'append',
    source,
    how.partial,
    name,
    description,
    `--config=${how.list}`,
    '--check',
    ...(how.first ? ['--compress=LZX'] : []),
    ...(how.unix ? ['--unix-data'] : []),
    ...Object.entries(all).map(([key, value]) => `--image-property=${key}=${value}`),
  ];
}

/** What wimlib finds out by itself of a whole Windows, and does not of one whose programs it cannot read. */
function windowsProperties(system: CapturedSystem | null): Record<string, string> {
  if (system?.kind !== 'windows') return {};
  const [major = '', minor = '', build = '', revision = ''] = system.version.split('.');
  const known = {
    'WINDOWS/ARCH': windowsArchitectures[system.architecture],
    'WINDOWS/EDITIONID': system.edition,
    'WINDOWS/VERSION/MAJOR': major,
    'WINDOWS/VERSION/MINOR': minor,
    'WINDOWS/VERSION/BUILD': build,
    'WINDOWS/VERSION/SPBUILD': revision,
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== ''));
}

/** wimlib's capture configuration, which has the form of DISM's. A pattern ends its line. */
function exclusionList(paths: readonly string[]): string {
  return `[ExclusionList]\n${paths.map((path) => `"${path}"\n`).join('')}`;
}

function captureFailure(code: number, output: string, file: string): StepError {
  if (/No space left on device/i.test(output))
    return new StepError('capture.no-space', `There is no room left for ${file}`, {
      exitCode: 0x80070070,
      hint: 'Free space there, or capture to another place.',
    });
  const { meaning } = wimlibExit(code);
  return new StepError(
    'capture.failed',
    `wimlib-imagex ended with exit code ${code} (${meaning}): ${lastLines(output)}`,
    { exitCode: code },
  );
}

/** Each file of the WIM is read and compared with its hash, and the images are counted. @throws {StepError} `capture.read-back` */
async function* readBack(
  file: string,
  images: readonly ImageToCapture[],
  signal: AbortSignal,
): AsyncGenerator<StepProgress, void> {
  const result = yield* runWimlib(['verify', file], { detail: 'Reading back' }, signal);
  if (result.code !== 0)
    throw new StepError(
      'capture.read-back',
      `${file} reads back wrong: ${lastLines(result.output)}`,
      {
        exitCode: 0x8007001d,
        hint: 'The disk that it is on may be failing, or the connection to it.',
      },
    );
  await using opened = await open(file, 'r');
  const missing = await imagesMissing(opened, images.length);
  if (missing !== undefined) throw new StepError('capture.read-back', `${file} ${missing}`);
}

async function linuxSystem(root: string): Promise<CapturedSystem | null> {
  const release = await readOsRelease(root);
  if (release.size === 0) return null;
  return {
    kind: 'linux',
    architecture: await linuxArchitecture(root),
    name: release.get('PRETTY_NAME') ?? release.get('ID') ?? 'Linux',
    identity: await identityFiles(root),
    swapFiles: await swapFiles(root),
  };
}

async function mountReadOnly(
  device: string,
  type: 'ntfs-3g' | 'ext4',
  parent: string,
  signal: AbortSignal,
): Promise<MountedVolume> {
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, 'look-'));
  try {
    await runTool(['mount', '-t', type, '-o', 'ro', device, path], signal);
  } catch (error) {
    await rm(path, { recursive: true, force: true });
    throw error;
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      await runTool(['umount', path], AbortSignal.timeout(60_000));
      await rm(path, { recursive: true, force: true });
    },
  };
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}
