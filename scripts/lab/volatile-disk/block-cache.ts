import type { FileHandle } from 'node:fs/promises';

const BLOCK = 4096;

/** What a disk has been given and has not made durable yet, over the file of what is durable. */
export class BlockCache {
  readonly sizeBytes: number;
  readonly #file: FileHandle;
  /** Blocks by number, in the order in which they were first written since the last flush. */
  #dirty = new Map<number, Buffer>();
  #off = false;
  /** Blocks that the kernel still held when the power went, and has written since: they come too late. */
  #late = new Set<number>();
  /** One at a time: a flush is done when all that came before it is durable. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(file: FileHandle, sizeBytes: number) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  read(offset: number, length: number): Promise<Buffer> {
    return this.#next(async () => {
      const first = Math.floor(offset / BLOCK);
      const blocks: Buffer[] = [];
      for (let block = first; block * BLOCK < offset + length; block += 1)
        blocks.push(await this.#block(block));
      const from = offset - first * BLOCK;
      return Buffer.concat(blocks).subarray(from, from + length);
    });
  }

  write(offset: number, data: Buffer): Promise<void> {
    return this.#next(async () => {
      if (this.#off) {
        for (let at = 0; at < data.length; at += BLOCK)
          this.#late.add(Math.floor((offset + at) / BLOCK));
        return;
      }
      for (let at = 0; at < data.length; ) {
        const block = Math.floor((offset + at) / BLOCK);
        const from = offset + at - block * BLOCK;
        const bytes = Math.min(BLOCK - from, data.length - at);
        const whole = Buffer.from(bytes === BLOCK ? Buffer.alloc(BLOCK) : await this.#block(block));
        data.copy(whole, from, at, at + bytes);
        this.#dirty.set(block, whole);
        at += bytes;
      }
    });
  }

  flush(): Promise<void> {
    return this.#next(async () => {
      if (this.#off) return;
      for (const [block, bytes] of this.#dirty)
        await this.#file.write(bytes, 0, BLOCK, block * BLOCK);
      this.#dirty.clear();
    });
  }

  /** The power is gone: what comes from now on is taken for nothing. */
  cut(): void {
    this.#off = true;
  }

  /** Each block that was not flushed is kept or lost. */
  restore(random: () => number): Promise<{ readonly kept: number; readonly lost: number }> {
    return this.#next(async () => {
      let kept = 0;
      for (const [block, bytes] of this.#dirty) {
        if (random() < 0.5) continue;
        kept += 1;
        await this.#file.write(bytes, 0, BLOCK, block * BLOCK);
      }
      const lost = this.#dirty.size - kept + this.#late.size;
      this.#dirty = new Map();
      this.#late = new Set();
      this.#off = false;
      return { kept, lost };
    });
  }

  async #block(block: number): Promise<Buffer> {
    const known = this.#dirty.get(block);
    if (known !== undefined) return known;
    const buffer = Buffer.alloc(BLOCK);
    await this.#file.read(buffer, 0, BLOCK, block * BLOCK);
    return buffer;
  }

  #next<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }
}
