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
  readonly #opened = new Map<string, FileHandle>();
  /** In order of use, the oldest first. */
  readonly #slabs = new Map<string, Slab>();
  readonly #freeBuffers: Uint8Array[] = [];
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
   * A reader of one file: gives bytes from `position` on, a view when they are in memory, else a promise of
   * one. At most to the end of a slab, so possibly fewer than asked for; the caller asks again.
   * It throws, by the promise, what the file system says, or `BootFileError` when the file got shorter.
   */
  reader(file: BootFile): (position: number, length: number) => Uint8Array | Promise<Uint8Array> {
    if (file.kind === 'bytes')
      return (position, length) => file.bytes.subarray(position, position + length);
    // Block after block is in the slab of the last one.
    let at = -1;
    let current: Slab | undefined;
    let ahead = -1;
    return (position, length) => {
      const index = Math.floor(position / SLAB_BYTES);
      const from = position - index * SLAB_BYTES;
      const known = index === at && current?.evicted === false ? current : undefined;
      const slab = known ?? this.#slab(file, index);
      current = slab;
      at = index;
      if (ahead !== index && from + length > SLAB_BYTES / 2) {
        ahead = index;
        this.#readAhead(file, index + 1);
      }
      if (slab.bytes !== undefined) return slab.bytes.subarray(from, from + length);
      // One that cannot be loaded is asked for anew.
      current = undefined;
      return slab.loading.then((bytes) => bytes.subarray(from, from + length));
    };
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
    const buffer = this.#freeBuffers.pop() ?? Buffer.allocUnsafeSlow(SLAB_BYTES);
    const loading = this.#load(file, index, buffer);
    const slab: Slab = { bytes: undefined, evicted: false, loading, buffer };
    slab.loading.then(
      (bytes) => {
        if (!slab.evicted) slab.bytes = bytes;
      },
      () => {
        if (this.#slabs.get(key) === slab) this.#slabs.delete(key);
      },
    );
    this.#slabs.set(key, slab);
    for (const [oldest, evicted] of this.#slabs) {
      if (this.#slabs.size <= MOST_SLABS) break;
      this.#slabs.delete(oldest);
      this.#reuse(evicted);
    }
    return slab;
  }

  /**
   * Takes the buffer of a slab back, since to allocate them costs more than to read. Not before whoever waits for
   * its bytes has had them: that is in the microtasks of its read.
   */
  #reuse(slab: Slab): void {
    slab.evicted = true;
    slab.bytes = undefined;
    const take = () =>
      setImmediate(() => {
        if (this.#freeBuffers.length < MOST_FREE_BUFFERS) this.#freeBuffers.push(slab.buffer);
      });
    slab.loading.then(take, take);
  }

  /**
   * Reads a slab. Where its file is open the read begins before this returns, and not after the microtasks that
   * come when the transfers' turn is over (transfer-pump.ts).
   */
  #load(file: DiskFile, index: number, buffer: Uint8Array): Promise<Uint8Array> {
    const { path } = file;
    const opened = this.#opened.get(path);
    if (opened !== undefined) return readSlab(opened, file, { index, buffer });
    let handle = this.#handles.get(path);
    if (handle === undefined) {
      handle = open(path, 'r');
      this.#handles.set(path, handle);
      handle.then(
        (opening) => this.#opened.set(path, opening),
        // A file that is missing now may be there at the next try.
        () => this.#handles.delete(path),
      );
    }
    return handle.then((opening) => readSlab(opening, file, { index, buffer }));
  }

  #closeIfUnused(): void {
    if (!this.#retired || this.#users > 0) return;
    this.#slabs.clear();
    for (const handle of this.#handles.values()) {
      handle.then((file) => file.close()).catch(() => undefined);
    }
    this.#handles.clear();
    this.#opened.clear();
    this.#freeBuffers.length = 0;
  }
}

async function readSlab(
  handle: FileHandle,
  { path, sizeBytes }: DiskFile,
  { index, buffer }: { readonly index: number; readonly buffer: Uint8Array },
): Promise<Uint8Array> {
  const position = index * SLAB_BYTES;
  const wanted = Math.min(SLAB_BYTES, sizeBytes - position);
  let filled = 0;
  while (filled < wanted) {
    const { bytesRead } = await handle.read(buffer, filled, wanted - filled, position + filled);
    if (bytesRead === 0) throw new BootFileError(path, position + filled, sizeBytes);
    filled += bytesRead;
  }
  return buffer.subarray(0, wanted);
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
  evicted: boolean;
  readonly buffer: Uint8Array;
  readonly loading: Promise<Uint8Array>;
}
const SLAB_BYTES = 256 * 1024;
/** 32 MiB: a kernel, and the part of a boot image that a bench of machines is at. */
const MOST_SLABS = 128;
const MOST_FREE_BUFFERS = 16;

/** Size of a file of the map. */
export function sizeOf(file: BootFile): number {
  return file.kind === 'bytes' ? file.bytes.length : file.sizeBytes;
}
