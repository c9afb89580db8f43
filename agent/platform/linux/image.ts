import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSystem, ImageCapability, VerifiedObject } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { assertBlockDevice, syncDevice } from './device.ts';
import type { LinuxDisk } from './disk.ts';
import { countFiles, type FileCount } from './file-count.ts';
import type { Mounts } from './mounts.ts';
import { openNbdFile } from './nbd-file.ts';
import { ntfsPlace } from './partition-layout.ts';
import { lastLines, runCommand, runTool } from './process.ts';
import { runWimlib } from './run-wimlib.ts';
import { parseImageInfo, wimlibExit } from './wimlib-output.ts';

/** In the middle of the first 4 MiB: the first files lie behind the header, and more is read after them. */
const READ_NEXT = 2 * 1024 * 1024;

/**
 * Images by wimlib-imagex, which reads the WIM through a file that is our NBD server: fetched and
 * verified chunk by chunk, no copy. NTFS is written to the block device by wimlib's own NTFS-3G, ext4
 * to a mount with `--unix-data`.
 */
export function linuxImage(options: {
  readonly disk: LinuxDisk;
  readonly mounts: Mounts;
  /** Folder for sockets and mount points. */
  readonly folder: string;
}): ImageCapability {
  const { disk, mounts, folder } = options;
  return {
    async *apply(request, signal) {
      const { source, index, volume, fileSystem, expectedBytes } = request;
      // The volume is formatted anew: what is to stay would be gone.
      if (request.wipe === false || (request.keep ?? []).length > 0)
        throw new StepError('image.beside', 'Linux PE puts an image onto an empty volume only', {
          hint: 'Let the step delete what is on the volume, or run it in Windows PE.',
        });
      const found = await disk.find(volume, signal);
      const { path: device, partition } = found;
      await assertBlockDevice(device);
      await mkdir(folder, { recursive: true });
      const workFolder = await mkdtemp(join(folder, 'image-'));
      // What is looked at first, at both ends, comes while the file is being made; so does what is read next
      // while the volume is. Whoever then reads it is told what failed.
      const fetch = (at: number) => void source.read(at, 1, signal).catch(() => {});
      fetch(0);
      fetch(Math.max(0, source.sizeBytes - 1));
      try {
        await using file = await openNbdFile(source, workFolder, signal);
        // Before anything is deleted: an image that cannot be had or read costs nothing that was there.
        const info = await imageInfo(file.path, index, { source, failure: file }, signal);
        fetch(Math.max(0, Math.min(READ_NEXT, source.sizeBytes - 1)));
        yield { detail: `Formatting ${device} (${fileSystem})` };
        const place = ntfsPlace(found.startSector * 512, found.disk.disk.sectorBytes);
        await reformat(device, { fileSystem, label: partition.label, place }, signal);
        const target = { device, fileSystem, mounts };
        yield* applyTo(target, { wim: file.path, index, failure: file, expectedBytes }, signal);
        yield { detail: 'Reading back', doneBytes: expectedBytes, totalBytes: expectedBytes };
        await verify(target, { info, source, index }, signal);
      } finally {
        await rm(workFolder, { recursive: true, force: true });
      }
    },
  };
}

interface Target {
  readonly device: string;
  readonly fileSystem: FileSystem;
  readonly mounts: Mounts;
}
/** What made the last read of the image fail, if one did. */
interface Failing {
  readonly failure: unknown;
}

/** Deletes what is on the volume by making it anew: an attempt that was cut off leaves nothing behind. */
async function reformat(
  device: string,
  {
    fileSystem,
    label,
    place,
  }: { readonly fileSystem: FileSystem; readonly label: string; readonly place: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  const commands: Record<FileSystem, [string, ...string[]]> = {
    ext4: ['mkfs.ext4', '-q', '-F', '-L', label.slice(0, 16), device],
    ntfs: ['mkntfs', '--force', '--fast', ...place, '--label', label, device],
    fat32: ['mkfs.fat', '-F', '32', device],
  };
  if (fileSystem === 'fat32')
    throw new StepError(
      'image.file-system',
      'an OS image is applied to ntfs or ext4, not to fat32',
    );
  await runTool(['wipefs', '--all', '--force', device], signal);
  await runTool(commands[fileSystem], signal, { timeoutMs: 1_800_000 });
}

async function imageInfo(
  wim: string,
  index: number,
  { source, failure }: { readonly source: VerifiedObject; readonly failure: Failing },
  signal: AbortSignal,
): Promise<FileCount> {
  const result = await runCommand(
    { argv: ['wimlib-imagex', 'info', wim, String(index)], timeoutMs: 600_000 },
    signal,
  );
  if (result.code !== 0) throw applyFailure(result.code, result.output, failure);
  const info = parseImageInfo(result.stdout);
  if (!info)
    throw new StepError('image.unreadable', `${source.path} has no readable image ${index}`, {
      exitCode: 0x8007000d,
    });
  return info;
}

async function* applyTo(
  target: Target,
  work: {
    readonly wim: string;
    readonly index: number;
    readonly failure: Failing;
    readonly expectedBytes: number;
  },
  signal: AbortSignal,
) {
  const { wim, index, failure, expectedBytes } = work;
  await using mounted =
    target.fileSystem === 'ext4'
      ? await target.mounts.mount(target.device, 'ext4', signal)
      : undefined;
  // --unix-data: owners, modes and devices as captured; NTFS has Windows' own.
  const where = mounted ? [mounted.path, '--unix-data'] : [target.device];
  const result = yield* runWimlib(
    ['apply', wim, String(index), ...where],
    { detail: 'Applying image', totalBytes: expectedBytes },
    signal,
  );
  if (result.timedOut)
    throw new StepError('image.timeout', 'applying the image did not end in 12 hours');
  if (result.code !== 0) throw applyFailure(result.code, result.output, failure);
  if (mounted) await runTool(['sync', '-f', mounted.path], signal, { timeoutMs: 1_800_000 });
  await syncDevice(target.device);
}

/** The reason is the content's own failure where there was one; wimlib only saw a read error. */
function applyFailure(code: number, output: string, { failure }: Failing): StepError {
  if (failure instanceof StepError) return failure;
  const { meaning, error, hint } = wimlibExit(code);
  return new StepError(
    error,
    `wimlib-imagex ended with exit code ${code} (${meaning}): ${lastLines(output)}`,
    { exitCode: code, cause: failure, ...(hint === undefined ? {} : { hint }) },
  );
}

/** Mounts the volume again, so that nothing comes from the cache, and counts what is there. */
async function verify(
  { device, fileSystem, mounts }: Target,
  wanted: {
    readonly info: FileCount;
    readonly source: VerifiedObject;
    readonly index: number;
  },
  signal: AbortSignal,
): Promise<void> {
  const { info, source, index } = wanted;
  await using mounted = await mounts.mount(device, fileSystem, signal);
  const found = await countFiles(mounted.path, signal);
  const bytesFit =
    found.bytes <= info.bytes && info.bytes - found.bytes <= info.bytes * 0.5 + 65536;
  if (found.files === info.files && found.folders === info.folders && bytesFit) return;
  throw new StepError(
    'image.read-back',
    `image ${index} of ${source.path} has ${info.files} files, ${info.folders} folders, ${info.bytes} bytes; the volume reads back ${found.files}, ${found.folders}, ${found.bytes}`,
    { exitCode: 0x8007001d, hint: 'The disk may be failing; see its SMART data.' },
  );
}
