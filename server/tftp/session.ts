import { setTimeout as pause } from 'node:timers/promises';
import type { BootFile } from '../netboot/snapshot.ts';
import type { BootFiles } from './boot-files.ts';
import type { TransferSettings } from './negotiate.ts';
import { formatPacket, parsePacket } from './packet.ts';
import { initialTransfer, reduce, type TransferAction, type TransferEvent } from './transfer.ts';
import type { Line, Peer, TransferPort } from './transfer-port.ts';

/** How a transfer ended. */
export interface TransferEnd {
  readonly outcome: 'finished' | 'failed';
  readonly bytes: number;
  readonly reason: string;
  /** The client fell silent, or would not have the options. */
  readonly mayManageLess: boolean;
}
/** What a session works with. */
export interface SessionParts {
  readonly peer: Peer;
  readonly port: TransferPort;
  readonly file: BootFile;
  readonly files: BootFiles;
  readonly settings: TransferSettings;
  readonly onEnd: (end: TransferEnd) => void;
}

/** Serves one transfer: feeds `reduce` and carries out, in order, what it asks for. */
export class Session {
  readonly #parts: SessionParts;
  readonly #line: Line;
  readonly #read: ReturnType<BootFiles['reader']>;
  #state;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer that runs goes off, and when it is to: most are moved before, which costs nothing so. */
  #timerMs = 0;
  #deadlineMs = 0;
  /** Actions wait here while one that reads the disk is under way. */
  #queue: TransferAction[] = [];
  #busy = false;
  #over = false;
  #sendError = '';

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#state = initialTransfer(parts.settings);
    this.#read = parts.files.reader(parts.file);
    this.#line = parts.port.attach(parts.peer, {
      onDatagram: (datagram) => this.#receive(datagram),
      onSendError: (message) => {
        this.#sendError = ` Sending failed: ${message}.`;
      },
    });
  }

  #receive(datagram: Uint8Array): void {
    try {
      this.handle({ kind: 'packet', packet: parsePacket(datagram) });
    } catch {
      // Noise on the transfer's port: the client's next packet or the timer goes on.
    }
  }

  handle(event: TransferEvent): void {
    const { state, actions } = reduce(this.#state, event);
    this.#state = state;
    if (this.#busy) this.#queue.push(...actions);
    else this.#carryOut(actions);
  }

  /** Ends it without a word: the server closes, or the client begins anew. */
  abort(reason: string): void {
    this.#finish({ outcome: 'failed', bytes: 0, reason });
  }

  /** Carries actions out in order; those after one that waits for the disk follow when it is done. */
  #carryOut(actions: readonly TransferAction[]): void {
    try {
      for (const [index, action] of actions.entries()) {
        const pending = this.#perform(action);
        if (pending === undefined) continue;
        this.#queue.push(...actions.slice(index + 1));
        void this.#workAfter(pending);
        return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #workAfter(first: Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await first;
      for (let action = this.#queue.shift(); action !== undefined; action = this.#queue.shift()) {
        const pending = this.#perform(action);
        if (pending !== undefined) await pending;
      }
    } catch (error) {
      this.#fail(error);
    }
    this.#busy = false;
  }

  #perform(action: TransferAction): Promise<void> | undefined {
    if (this.#over) return undefined;
    switch (action.kind) {
      case 'wait':
        this.#wait(action.ms);
        return undefined;
      case 'send':
        this.#line.send(formatPacket(action.packet));
        return undefined;
      case 'send-blocks':
        return this.#sendBursts(action);
      case 'over':
        this.#finish(action, action.mayManageLess);
        return undefined;
    }
  }

  #sendBursts({ first, last, burst }: SendBlocks): Promise<void> | undefined {
    if (last - first < burst) return this.#sendBlocks(first, last);
    return this.#sendWithPauses({ first, last, burst });
  }

  async #sendWithPauses({ first, last, burst }: SendBlocks): Promise<void> {
    for (let block = first; block <= last && !this.#over; block += burst) {
      if (block > first) await pause(PAUSE_MS);
      await this.#sendBlocks(block, Math.min(block + burst - 1, last));
    }
  }

  /** Sends blocks in runs of as many as the port takes at once, headers and payloads laid end to end. */
  #sendBlocks(first: number, last: number): Promise<void> | undefined {
    const { settings, port } = this.#parts;
    const stride = settings.blockSize + 4;
    for (let block = first; block <= last; ) {
      const count = Math.min(port.datagramsPerSend, last - block + 1);
      const begin = (block - 1) * settings.blockSize;
      const end = Math.min(begin + count * settings.blockSize, settings.sizeBytes);
      const slab = this.#line.reserve(count * 4 + end - begin);
      const next = block + count;
      for (let index = 0; index < count; index += 1) {
        const at = index * stride;
        slab[at] = 0;
        slab[at + 1] = 3;
        slab[at + 2] = (block + index) >> 8;
        slab[at + 3] = block + index;
      }
      const missing = this.#fill(slab, { begin, end }, begin);
      // What was laid out so far is copied: others lay theirs out meanwhile.
      if (missing !== undefined)
        return this.#sendRest(Uint8Array.from(slab), { begin, end, missing, next, last });
      this.#line.send(slab);
      block = next;
    }
    return undefined;
  }

  /** Copies the file's bytes behind their headers; undefined when all are there, else what is waited for. */
  #fill(slab: Uint8Array, { begin, end }: Stretch, from: number): Missing | undefined {
    for (let position = from; position < end; ) {
      const bytes = this.#read(position, end - position);
      if (bytes instanceof Promise) return { position, bytes };
      this.#copy(slab, begin, { position, bytes });
      position += bytes.length;
    }
    return undefined;
  }

  #copy(
    slab: Uint8Array,
    begin: number,
    { position, bytes }: { readonly position: number; readonly bytes: Uint8Array },
  ): void {
    const { blockSize } = this.#parts.settings;
    for (let at = 0; at < bytes.length; ) {
      const offset = position - begin + at;
      const index = Math.floor(offset / blockSize);
      const room = (index + 1) * blockSize - offset;
      const part = at === 0 && room >= bytes.length ? bytes : bytes.subarray(at, at + room);
      slab.set(part, offset + 4 * (index + 1));
      at += room;
    }
  }

  /** Sends what waits for the disk, and the blocks behind it up to `last`. */
  async #sendRest(
    slab: Uint8Array,
    { next, last, ...rest }: Stretch & { missing: Missing; next: number; last: number },
  ): Promise<void> {
    await this.#sendLater(slab, rest, rest.missing);
    if (!this.#over) await this.#sendBlocks(next, last);
  }

  async #sendLater(slab: Uint8Array, stretch: Stretch, first: Missing): Promise<void> {
    let missing: Missing | undefined = first;
    while (missing !== undefined) {
      const { position } = missing;
      const bytes = await missing.bytes;
      this.#copy(slab, stretch.begin, { position, bytes });
      missing = this.#fill(slab, stretch, position + bytes.length);
    }
    if (!this.#over) this.#line.send(slab);
  }

  #wait(ms: number): void {
    this.#deadlineMs = performance.now() + ms;
    if (this.#timer !== undefined && this.#timerMs <= this.#deadlineMs) return;
    clearTimeout(this.#timer);
    this.#timerMs = this.#deadlineMs;
    this.#timer = setTimeout(this.#onTimer, ms);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const left = this.#deadlineMs - performance.now();
    // Timers count whole milliseconds and go off a part of one early.
    if (left < 1) this.handle({ kind: 'timeout' });
    else this.#wait(left);
  };

  #fail(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (!this.#over) {
      const refusal = formatPacket({ op: 'error', code: 0, message: 'the server cannot read it' });
      this.#line.send(refusal);
    }
    this.#finish({ outcome: 'failed', bytes: 0, reason: `The server failed: ${message}.` });
  }

  #finish(
    { outcome, bytes, reason }: Omit<TransferEnd, 'mayManageLess'>,
    mayManageLess = false,
  ): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#line.close();
    this.#parts.onEnd({ outcome, bytes, reason: reason + this.#sendError, mayManageLess });
  }
}

type SendBlocks = Omit<Extract<TransferAction, { kind: 'send-blocks' }>, 'kind'>;

/** Enough for a client to empty its buffer, and what a timer can do. */
const PAUSE_MS = 1;

/** Bytes of the file, `end` not included. */
interface Stretch {
  readonly begin: number;
  readonly end: number;
}
interface Missing {
  readonly position: number;
  readonly bytes: Promise<Uint8Array>;
}
