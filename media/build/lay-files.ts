/** Which files media consist of. All but the content is made or copied here; the content stays where it is. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatCpio } from '#boot/cpio.ts';
import { mediaBootFiles, mediaFirstGrubConfig, mediaGrubConfig } from '#boot/media-grub.ts';
import { withoutBootInfo } from '../check-files.ts';
import type { MediaDescription } from '../description.ts';
import {
  formatMediaManifest,
  type MediaFile,
  markPath,
  mediaPaths,
  objectPieces,
} from '../manifest.ts';
import type { Envelope } from '../password-envelope.ts';
import { makeFatImage } from './fat-image.ts';
import { hashFile } from './hash-file.ts';

/** What the maker of media is handed; of what is in the documents it knows nothing. */
export interface MediaPlan {
  readonly description: MediaDescription;
  readonly private: Envelope;
  /** Folder of Linux PE, as it was built. */
  readonly bootImage: string;
  /** What a boot image must know of the site, an initramfs of its own. */
  readonly siteImage: Uint8Array;
  /** Packed with zstd. */
  readonly agent: string;
  readonly objects: readonly {
    readonly sha256: string;
    readonly sizeBytes: number;
    /** Where the object lies now. */
    readonly file: string;
  }[];
  /** Signs as signify does. */
  readonly sign: (bytes: Uint8Array) => Promise<string>;
}

/** A file of media, and where its bytes are now. */
export interface LaidFile extends MediaFile {
  readonly from: string;
  readonly offset: number;
  /** Whether it is only a part of what lies there. */
  readonly isPart: boolean;
}

/** Loaders for UEFI, by the names that firmware and shim ask for. */
const efiLoaders = [
  { from: 'shimx64.efi', to: 'EFI/BOOT/BOOTX64.EFI' },
  { from: 'media-grubx64.efi', to: 'EFI/BOOT/grubx64.efi' },
  { from: 'mmx64.efi', to: 'EFI/BOOT/mmx64.efi' },
] as const;
const EFI_IMAGE = 'boot/efi.img';
const EFI_IMAGE_KIB = 8 * 1024;

/** @param form a folder has the loaders for UEFI as files, an image in a file system that UEFI reads */
export async function layFiles(
  plan: MediaPlan,
  { work, form, signal }: LayOptions,
): Promise<readonly LaidFile[]> {
  const { description, bootImage } = plan;
  const laid: LaidFile[] = [];
  const add = async (path: string, from: string): Promise<void> => {
    const [{ size: sizeBytes }, sha256] = [await stat(from), await hashFile(from, signal)];
    laid.push({ path, from, offset: 0, isPart: false, sizeBytes, sha256 });
  };
  const put = async (path: string, bytes: Uint8Array | string): Promise<void> => {
    const from = join(work, 'made', path);
    await mkdir(dirname(from), { recursive: true });
    await writeFile(from, bytes);
    await add(path, from);
  };
  const [, rest, site] = mediaBootFiles.initial;
  await put(markPath(description.id), '');
  await put(mediaPaths.description, `${JSON.stringify(description, null, 2)}\n`);
  await put(mediaPaths.private, `${JSON.stringify(plan.private)}\n`);
  await put(mediaBootFiles.config, mediaGrubConfig(description.id));
  await put(site, plan.siteImage);
  await put(rest, await restImage(plan));
  await add(mediaBootFiles.kernel, join(bootImage, 'vmlinuz'));
  await add(mediaBootFiles.initial[0], join(bootImage, 'loader.img'));
  await add(mediaPaths.agent, plan.agent);
  const loaders = efiLoaders.map(({ from, to }) => ({ from: join(bootImage, from), to }));
  if (form === 'folder') for (const { from, to } of loaders) await add(to, from);
  else {
    const config = join(work, 'first-grub.cfg');
    await writeFile(config, mediaFirstGrubConfig(markPath(description.id)));
    const image = join(work, 'efi.img');
    const files = [...loaders, { from: config, to: mediaBootFiles.config }];
    await makeFatImage(image, { label: 'MW-UEFI', sizeKib: EFI_IMAGE_KIB, files }, signal);
    await add(EFI_IMAGE, image);
    const bios = await readFile(join(bootImage, 'media-bios.img'));
    await put(mediaPaths.biosImage, withoutBootInfo(bios));
  }
  for (const object of plan.objects) laid.push(...(await layObject(object, signal)));
  const manifest = formatMediaManifest(laid);
  await put(mediaPaths.manifest, manifest);
  await put(mediaPaths.signature, await plan.sign(Buffer.from(manifest)));
  return laid;
}

interface LayOptions {
  /** Folder for what is made here. */
  readonly work: string;
  readonly form: 'iso' | 'folder';
  readonly signal: AbortSignal;
}

async function layObject(
  { sha256, sizeBytes, file }: MediaPlan['objects'][number],
  signal: AbortSignal,
): Promise<readonly LaidFile[]> {
  const pieces = objectPieces(sha256, sizeBytes);
  const laid: LaidFile[] = [];
  for (const piece of pieces) {
    const own = pieces.length === 1 ? sha256 : await hashFile(file, signal, piece);
    laid.push({ ...piece, from: file, isPart: pieces.length > 1, sha256: own });
  }
  return laid;
}

/** The rest of Linux PE with the signed list of the boot image, as the loader finds it in its memory. */
async function restImage({ bootImage, sign }: MediaPlan): Promise<Uint8Array> {
  const manifest = await readFile(join(bootImage, 'manifest'));
  const data = await readFile(join(bootImage, 'rest.squashfs'));
  const file = (path: string, bytes: Uint8Array) =>
    ({ kind: 'file', path, mode: 0o644, data: bytes }) as const;
  return formatCpio([
    { kind: 'directory', path: 'media', mode: 0o755 },
    file('media/manifest', manifest),
    file('media/manifest.sig', Buffer.from(await sign(manifest))),
    file('media/rest.squashfs', data),
  ]);
}
