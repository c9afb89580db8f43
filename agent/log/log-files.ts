import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

/** As Configuration Manager keeps its own while a sequence runs. */
const MAX_BYTES = 5 * 1024 * 1024;
const KEPT_FILES = 3;

/** Bytes of this start's log, and where in all of them they begin. */
export interface LogSlice {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface Segment {
  path: string;
  /** Offset in all that this start logged; negative where the file was there before. */
  readonly start: number;
  sizeBytes: number;
}

/**
 * The log on the disk: one file that is rolled when it is full, the last ones kept, and a copy of all in a
 * second folder once there is one. Written at once and without a handle that stays open: after a crash the
 * cause is there, and a volume with the copy on it can be wiped. A copy that fails is given up.
 */
export class LogFiles {
  readonly path: string;
  readonly #maxBytes: number;
  readonly #kept: number;
  readonly #segments: Segment[];
  #number = 0;
  #copyFolder: string | undefined;

  /** @param options `append`: what an earlier start of the agent logged there stays */
  constructor(
    path: string,
    options: { readonly append: boolean; readonly maxBytes?: number; readonly kept?: number },
  ) {
    this.path = path;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#kept = options.kept ?? KEPT_FILES;
    mkdirSync(dirname(path), { recursive: true });
    if (!options.append) rmSync(path, { force: true });
    appendFileSync(path, '');
    const { size } = statSync(path);
    this.#segments = [{ path, start: -size, sizeBytes: size }];
    this.#number = this.#highestNumber();
  }

  /** Where people find it: the copy, once there is one. */
  get folder(): string {
    return this.#copyFolder ?? dirname(this.path);
  }

  get copied(): boolean {
    return this.#copyFolder !== undefined;
  }

  write(text: string): void {
    let current = this.#segments.at(-1);
    const bytes = Buffer.byteLength(text);
    if (current && current.sizeBytes > 0 && current.sizeBytes + bytes > this.#maxBytes)
      current = this.#roll(current);
    appendFileSync(this.path, text);
    if (current) current.sizeBytes += bytes;
    if (this.#copyFolder !== undefined)
      this.#orGiveUp((folder) => appendFileSync(join(folder, basename(this.path)), text));
  }

  /** What was logged from an offset on, of one file; what is no longer kept is passed over. */
  read(offset: number, length: number): LogSlice {
    for (const { path, start, sizeBytes } of this.#segments) {
      const end = start + sizeBytes;
      if (end <= offset) continue;
      const from = Math.max(offset, start, 0);
      const bytes = new Uint8Array(Math.min(length, end - from));
      const file = openSync(path, 'r');
      try {
        const read = readSync(file, bytes, 0, bytes.length, from - start);
        return { offset: from, bytes: bytes.subarray(0, read) };
      } finally {
        closeSync(file);
      }
    }
    return { offset, bytes: new Uint8Array() };
  }

  /** From now on there is a copy of all in that folder, too; what lies there already stays. Throws what fails. */
  copyTo(folder: string): void {
    mkdirSync(folder, { recursive: true });
    const target = join(folder, basename(this.path));
    for (const { path } of this.#segments)
      if (path === this.path) appendFileSync(target, this.#all(path));
      else copyFileSync(path, join(folder, basename(path)));
    this.#copyFolder = folder;
  }

  /** Writes all that is kept into a folder, once. Returns the names. Throws what fails. */
  export(folder: string): readonly string[] {
    mkdirSync(folder, { recursive: true });
    return this.#segments.map(({ path }) => {
      copyFileSync(path, join(folder, basename(path)));
      return basename(path);
    });
  }

  #all(path: string): Uint8Array {
    const bytes = new Uint8Array(statSync(path).size);
    const file = openSync(path, 'r');
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  }

  #roll(full: Segment): Segment {
    this.#number += 1;
    const name = this.#numbered(this.#number);
    full.path = join(dirname(this.path), name);
    renameSync(this.path, full.path);
    this.#orGiveUp((folder) => renameSync(join(folder, basename(this.path)), join(folder, name)));
    const next = { path: this.path, start: full.start + full.sizeBytes, sizeBytes: 0 };
    this.#segments.push(next);
    while (this.#segments.length > this.#kept + 1) {
      const old = this.#segments.shift();
      if (old) rmSync(old.path, { force: true });
      if (old)
        this.#orGiveUp((folder) => rmSync(join(folder, basename(old.path)), { force: true }));
    }
    return next;
  }

  #orGiveUp(act: (folder: string) => void): void {
    if (this.#copyFolder === undefined) return;
    try {
      act(this.#copyFolder);
    } catch {
      this.#copyFolder = undefined;
    }
  }

  /** `smsts-0001.log` */
  #numbered(number: number): string {
    const extension = extname(this.path);
    return `${basename(this.path, extension)}-${String(number).padStart(4, '0')}${extension}`;
  }

  #highestNumber(): number {
    const extension = extname(this.path);
    const start = `${basename(this.path, extension)}-`;
    const numbers = readdirSync(dirname(this.path)).flatMap((name) =>
      name.startsWith(start) && name.endsWith(extension)
        ? [Number(name.slice(start.length, -extension.length))]
        : [],
    );
    return Math.max(0, ...numbers.filter((number) => Number.isInteger(number)));
  }
}
