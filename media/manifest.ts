import { MediaError } from './media-error.ts';

/** One file of media. */
export interface MediaFile {
  /** From the root of the media, slashes between. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Where media have what is said of them; the loader of Linux PE knows these names too. */
const MEDIA_FOLDER = 'metalwright';
export const mediaPaths = {
  manifest: `${MEDIA_FOLDER}/manifest`,
  signature: `${MEDIA_FOLDER}/manifest.sig`,
  description: `${MEDIA_FOLDER}/media.json`,
  private: `${MEDIA_FOLDER}/private.json`,
  agent: `${MEDIA_FOLDER}/agent.zst`,
  biosImage: 'boot/bios.img',
} as const;

/** An empty file by which boot loader and Linux PE find the media they belong to, whatever else is plugged in. */
export function markPath(mediaId: string): string {
  return `${MEDIA_FOLDER}/${mediaId}`;
}

/** Pieces of an object that is larger than what one file of FAT32 can hold: a multiple of any chunk. */
export const PIECE_BYTES = 2 * 1024 ** 3;

/** Where an object of the content lies on media: one file, or several where it is large. */
export function objectPieces(
  sha256: string,
  sizeBytes: number,
): readonly { readonly path: string; readonly offset: number; readonly sizeBytes: number }[] {
  const path = `content/${sha256.slice(0, 2)}/${sha256}`;
  if (sizeBytes <= PIECE_BYTES) return [{ path, offset: 0, sizeBytes }];
  return Array.from({ length: Math.ceil(sizeBytes / PIECE_BYTES) }, (_, index) => {
    const offset = index * PIECE_BYTES;
    return {
      path: `${path}.${index + 1}`,
      offset,
      sizeBytes: Math.min(PIECE_BYTES, sizeBytes - offset),
    };
  });
}

/** SHA-256 of the object that a piece, by its path, is of. */
export function objectOfPiece(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).slice(0, 64);
}

/** Whether a file of media is content, or a piece of one. */
export function isContent(path: string): boolean {
  return path.startsWith('content/');
}

/** A relative path of plain names, none of them `.` or `..`, so that it leads nowhere else and is no option. */
const PATH = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[\w.][\w.-]*(?:\/[\w.][\w.-]*)*$/;
const LINE = /^([0-9a-f]{64}) (\d{1,15}) (\S+)$/;

/**
 * The manifest: a line `<sha256> <size> <path>` for each file of the media but itself and its signature, by path.
 * These bytes are signed; what is not named here is believed by nobody. @throws {RangeError} a path with blanks
 */
export function formatMediaManifest(files: readonly MediaFile[]): string {
  return files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, sizeBytes, sha256 }) => {
      if (!PATH.test(path)) throw new RangeError(`no path for a manifest: ${path}`);
      return `${sha256} ${sizeBytes} ${path}\n`;
    })
    .join('');
}

/** @throws {MediaError} `media.manifest` */
export function parseMediaManifest(text: string): readonly MediaFile[] {
  const lines = text.split('\n');
  if (lines.pop() !== '')
    throw new MediaError('media.manifest', `${mediaPaths.manifest} ends in the middle of a line`);
  const seen = new Set<string>();
  return lines.map((line, index) => {
    const [, sha256, size, path] = LINE.exec(line) ?? [];
    if (sha256 === undefined || path === undefined || !PATH.test(path) || seen.has(path))
      throw new MediaError(
        'media.manifest',
        `line ${index + 1} of ${mediaPaths.manifest} names no file`,
      );
    seen.add(path);
    return { path, sizeBytes: Number(size), sha256 };
  });
}
