import { type FileHandle, open } from 'node:fs/promises';
import type { BootFile, BootFileMap } from '../netboot/snapshot.ts';

/**
 * The content behind one map of names. Files are read in slabs of 256 KiB that all transfers share, so
 * that fifty machines that fetch one kernel block by block cost the disk one pass, and a block that is
 * in memory is sent without waiting for anything. A new map gets a new `BootFiles`; the old one stays
 * open until its last transfer is over.
 */
export class BootFiles {
  readonly #map: BootFileMap;
  readonly #handles = new Map<string, Promise<FileHandle>>();
  /** In order of use, the oldest first. */
  readonly #slabs = new Map<string, Slab>();
  #users = 0;
  #retired = false;

  constructor(map: BootFileMap) {
    this.#map = map;
  }

  find(name: string): BootFile | undefined {
    return this.#map.get(name);
  }

  /** Keeps the files open until the returned function is called. */
  acquire(): () => void {
    this.#users += 1;
    return () => {
      this.#users -= 1;
      this.#closeIfUnused();
    };
  }

  /** No more transfers will begin. */
  retire(): void {
    this.#retired = true;
    this.#closeIfUnused();
  }

  /**
   * Bytes from `position` on: a view when they are in memory, else a promise of one. At most to the end
   * of a slab, so possibly fewer than asked for; the caller asks again.
   * @throws (by the promise) what the file system says, or `BootFileError` when the file got shorter
   */
  read(file: BootFile, position: number, length: number): Uint8Array | Promise<Uint8Array> {
    if (file.kind === 'bytes') return file.bytes.subarray(position, position + length);
    const index = Math.floor(position / SLAB_BYTES);
    const from = position - index * SLAB_BYTES;
    const cut = (bytes: Uint8Array) => bytes.subarray(from, from + length);
    const slab = this.#slab(file, index);
    if (position + length > (index + 0.5) * SLAB_BYTES) this.#readAhead(file, index + 1);
    return slab.bytes === undefined ? slab.loading.then(cut) : cut(slab.bytes);
  }

  #readAhead(file: DiskFile, index: number): void {
    if (index * SLAB_BYTES < file.sizeBytes) this.#slab(file, index);
  }

  #slab(file: DiskFile, index: number): Slab {
    const key = `${index}:${file.path}`;
    const known = this.#slabs.get(key);
    if (known !== undefined) {
      this.#slabs.delete(key);
      this.#slabs.set(key, known);
      return known;
    }
    const slab: Slab = { bytes: undefined, loading: this.#load(file, index) };
    slab.loading.then(
      (bytes) => {
        slab.bytes = bytes;
      },
      () => this.#slabs.delete(key),
    );
    this.#slabs.set(key, slab);
    for (const oldest of this.#slabs.keys()) {
      if (this.#slabs.size <= MOST_SLABS) break;
      this.#slabs.delete(oldest);
    }
    return slab;
  }

  async #load({ path, sizeBytes }: DiskFile, index: number): Promise<Uint8Array> {
    let handle = this.#handles.get(path);
    if (handle === undefined) {
      handle = open(path, 'r');
      this.#handles.set(path, handle);
      // A file that is missing now may be there at the next try.
      handle.catch(() => this.#handles.delete(path));
    }
    const position = index * SLAB_BYTES;
    const wanted = Math.min(SLAB_BYTES, sizeBytes - position);
    const buffer = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await (await handle).read(
        buffer,
        filled,
        wanted - filled,
        position + filled,
      );
      if (bytesRead === 0) throw new BootFileError(path, position + filled, sizeBytes);
      filled += bytesRead;
    }
    return buffer;
  }

  #closeIfUnused(): void {
    if (!this.#retired || this.#users > 0) return;
    this.#slabs.clear();
    for (const handle of this.#handles.values()) {
      handle.then((file) => file.close()).catch(() => undefined);
    }
    this.#handles.clear();
  }
}

/** A boot file on the disk is shorter than the map says. */
class BootFileError extends Error {
  readonly code = 'tftp.file-short';
  constructor(path: string, endsAt: number, expected: number) {
    super(`${path} ends at byte ${endsAt} of ${expected}`);
    this.name = 'BootFileError';
  }
}

type DiskFile = Extract<BootFile, { kind: 'file' }>;
interface Slab {
  bytes: Uint8Array | undefined;
  readonly loading: Promise<Uint8Array>;
}
const SLAB_BYTES = 256 * 1024;
/** 32 MiB: a kernel, and the part of a boot image that a bench of machines is at. */
const MOST_SLABS = 128;

/** Size of a file of the map. */
export function sizeOf(file: BootFile): number {
  return file.kind === 'bytes' ? file.bytes.length : file.sizeBytes;
}
