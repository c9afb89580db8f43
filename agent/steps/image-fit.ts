import type { ContentManifest, ImageFacts } from '#agent/protocol/content.ts';
import type { FileSystem } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step.ts';
import { type FitCode, type FitMachine, fit } from '#boot/fit.ts';
import type { Wanted } from './image-destination.ts';

/** An image of an operating system. */
export interface OsImage extends ImageFacts {
  readonly kind: 'windows' | 'linux';
}

/** The image of that index, whatever it holds. @throws {StepError} `image.index` */
export function imageAt(manifest: ContentManifest, index: number): ImageFacts {
  const image = manifest.images.find((image) => image.index === index);
  if (image !== undefined) return image;
  const has = manifest.images.map(({ index, name }) => `${index} "${name}"`).join(', ');
  throw new StepError(
    'image.index',
    `There is no ${nameOf(manifest, index)}; it has ${has || 'no images'}`,
    { exitCode: 0x80070490 },
  );
}

function nameOf({ name, packageId, version }: ContentManifest, index: number): string {
  return `image ${index} of ${name} (${packageId}, version ${version})`;
}

/**
 * The image of that index, fit for this machine by the table of boot/fit.ts (M43).
 * @throws {StepError} `image.index`, `image.kind`, `image.architecture`, `image.architecture-unknown`,
 *   `machine.firmware`
 */
export function fittingImage(
  manifest: ContentManifest,
  index: number,
  machine: FitMachine,
): OsImage {
  const image = imageAt(manifest, index);
  const named = nameOf(manifest, index);
  const { kind, architecture } = image;
  if (kind === 'data')
    throw new StepError('image.kind', `${named} "${image.name}" says of no operating system`, {
      hint: 'Add it again and say what it holds: metalwright image add <file> --name <name> --kind linux --architecture x64 (or capture it with --image-property METALWRIGHT/KIND=linux).',
    });
  const name = `${named} "${image.name}"`;
  const verdict = fit(machine, { kind: 'os-image', name, architecture });
  if (verdict.kind === 'refused')
    throw new StepError(verdict.code, verdict.reason, hints(machine)[verdict.code] ?? {});
  return { ...image, kind };
}

/** What to do about each refusal of the table; exit codes as Windows has them (ERROR_BAD_EXE_FORMAT). */
function hints(
  machine: FitMachine,
): Partial<Record<FitCode, { readonly hint?: string; readonly exitCode?: number }>> {
  return {
    'image.architecture-unknown': {
      hint: 'Add it again and say it: metalwright image add <file> --name <name> --architecture x64 (or arm64, x86).',
    },
    'image.architecture': {
      hint: `Deploy an image for ${machine.architecture} to this machine.`,
      exitCode: 0x800700c1,
    },
    'machine.firmware': { exitCode: 0x800700c1 },
  };
}

/** What a partition must be to hold the image: its files, a tenth for the file system, and 64 MiB to start with. */
export function wantedFor({ kind, totalBytes }: OsImage): Wanted & { fileSystem: FileSystem } {
  return { bytes: bytesFor(totalBytes), fileSystem: fileSystemFor(kind) };
}

/** The same for an image of plain files. */
export function wantedForData({ totalBytes }: ImageFacts): Wanted {
  return { bytes: bytesFor(totalBytes), fileSystem: null };
}

function bytesFor(totalBytes: number): number {
  return Math.ceil(totalBytes * 1.1) + 64 * 1024 * 1024;
}

/** Linux images carry owners, modes and links that only ext4 keeps; Windows starts from NTFS. */
function fileSystemFor(kind: OsImage['kind']): FileSystem {
  return kind === 'linux' ? 'ext4' : 'ntfs';
}

/** @throws {StepError} `image.file-system`, `image.too-large` */
export function assertHolds(
  volume: { readonly sizeBytes: number; readonly fileSystem: string | null },
  named: string,
  image: OsImage,
): void {
  const wanted = wantedFor(image);
  if (volume.fileSystem !== wanted.fileSystem)
    throw new StepError(
      'image.file-system',
      `${named} has the file system ${volume.fileSystem || 'none'}; the ${image.kind} image "${image.name}" needs ${wanted.fileSystem}`,
      { hint: `Format it with fileSystem: ${wanted.fileSystem}.` },
    );
  if (volume.sizeBytes < wanted.bytes)
    throw new StepError(
      'image.too-large',
      `${named} has ${volume.sizeBytes} bytes; the image "${image.name}" needs ${wanted.bytes}`,
      { hint: 'Make the partition larger.', exitCode: 0x80070070 },
    );
}
