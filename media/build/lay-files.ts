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
  objectOfPiece,
  objectPieces,
} from '../manifest.ts';
import type { Envelope } from '../password-envelope.ts';
import { makeFatImage } from './fat-image.ts';
import { hashFile } from './hash-file.ts';
import { type KnownPieces, openKnownPieces } from './known-pieces.ts';

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

/** Where a file lies that was made for media. */
export function madePath(work: string, path: string): string {
  return join(work, 'made', path);
}

/** @param form a folder has the loaders for UEFI as files, an image in a file system that UEFI reads */
export async function layFiles(
  plan: MediaPlan,
  { work, form, known, signal }: LayOptions,
): Promise<Laid> {
  const { description, bootImage } = plan;
  const laid: LaidFile[] = [];
  const add = async (path: string, from: string): Promise<void> => {
    const [{ size: sizeBytes }, sha256] = [await stat(from), await hashFile(from, signal)];
    laid.push({ path, from, offset: 0, isPart: false, sizeBytes, sha256 });
  };
  const put = async (path: string, bytes: Uint8Array | string): Promise<void> => {
    const from = madePath(work, path);
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
  const pieces = await openKnownPieces(known);
  const content = plan.objects.flatMap((object) => layObject(object, pieces));
  const documents = async (files: readonly MediaFile[]) => {
    const manifest = formatMediaManifest(files);
    const signature = await plan.sign(Buffer.from(manifest));
    return [
      { path: mediaPaths.manifest, text: manifest },
      { path: mediaPaths.signature, text: signature },
    ];
  };
  const all = [...laid, ...content];
  for (const { path, text } of await documents(all)) await put(path, text);
  const files = [...laid, ...content];
  if (!content.some(({ sha256 }) => sha256 === NOT_YET)) return { files, late: undefined };
  const late = hashPieces(content, pieces, signal).then(async (hashed) => {
    const without = all.filter(({ sha256 }) => sha256 !== NOT_YET);
    return documents([...without, ...hashed]);
  });
  // Who writes the media may fail first, and waits for it no more.
  late.catch(() => {});
  return { files, late };
}

/** What media consist of. */
interface Laid {
  readonly files: readonly LaidFile[];
  /**
   * Pieces of large objects are hashed while the media are written: documents, of the same size, that then come in
   * the place of those which were laid. Undefined where all is known.
   */
  readonly late: Promise<readonly LateDocument[]> | undefined;
}
/** A document that is whole when all else is there. */
export interface LateDocument {
  readonly path: string;
  readonly text: string;
}

/** In the place of a hash that is not known yet; it has its length. */
const NOT_YET = '0'.repeat(64);

interface LayOptions {
  /** Folder for what is made here. */
  readonly work: string;
  readonly form: 'iso' | 'folder';
  /** File of what is known of pieces of objects. */
  readonly known?: string | undefined;
  readonly signal: AbortSignal;
}

function layObject(
  { sha256, sizeBytes, file }: MediaPlan['objects'][number],
  known: KnownPieces,
): readonly LaidFile[] {
  const pieces = objectPieces(sha256, sizeBytes);
  if (pieces.length === 1)
    return pieces.map((piece) => ({ ...piece, from: file, isPart: false, sha256 }));
  const hashes = known.get(sha256);
  return pieces.map((piece, index) => {
    const own = hashes?.length === pieces.length ? hashes[index] : undefined;
    return { ...piece, from: file, isPart: true, sha256: own ?? NOT_YET };
  });
}

/** Hashes the pieces that are not known, and keeps what was found. */
async function hashPieces(
  content: readonly LaidFile[],
  known: KnownPieces,
  signal: AbortSignal,
): Promise<readonly MediaFile[]> {
  const hashed: MediaFile[] = [];
  const found = new Map<string, string[]>();
  for (const piece of content.filter(({ sha256 }) => sha256 === NOT_YET)) {
    const own = await hashFile(piece.from, signal, piece);
    hashed.push({ ...piece, sha256: own });
    const object = objectOfPiece(piece.path);
    found.set(object, [...(found.get(object) ?? []), own]);
  }
  for (const [object, hashes] of found) await known.add(object, hashes);
  return hashed;
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
