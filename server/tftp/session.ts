import { setTimeout as pause } from 'node:timers/promises';
import type { BootFile } from '../netboot/snapshot.ts';
import type { BootFiles } from './boot-files.ts';
import type { TransferSettings } from './negotiate.ts';
import { formatPacket, parsePacket } from './packet.ts';
import { initialTransfer, reduce, type TransferAction, type TransferEvent } from './transfer.ts';
import type { Peer, TransferPort } from './transfer-port.ts';

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
  #state;
  #timer: NodeJS.Timeout | undefined;
  /** Actions wait here while one that reads the disk is under way. */
  #queue: TransferAction[] = [];
  #busy = false;
  #over = false;
  #sendError = '';

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#state = initialTransfer(parts.settings);
  }

  receive(datagram: Uint8Array): void {
    try {
      this.handle({ kind: 'packet', packet: parsePacket(datagram) });
    } catch {
      // Noise on the transfer's port: the client's next packet or the timer goes on.
    }
  }

  handle(event: TransferEvent): void {
    const { state, actions } = reduce(this.#state, event);
    this.#state = state;
    this.#queue.push(...actions);
    if (!this.#busy) void this.#work();
  }

  /** Ends it without a word: the server closes, or the client begins anew. */
  abort(reason: string): void {
    this.#finish({ outcome: 'failed', bytes: 0, reason });
  }

  async #work(): Promise<void> {
    this.#busy = true;
    try {
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
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.handle({ kind: 'timeout' }), action.ms);
        return undefined;
      case 'send':
        this.#send(formatPacket(action.packet));
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
  #sendBlocks(first: number, last: number, from = first): Promise<void> | undefined {
    const { settings, port } = this.#parts;
    const stride = settings.blockSize + 4;
    for (let block = from; block <= last; ) {
      const count = Math.min(port.datagramsPerSend, last - block + 1);
      const begin = (block - 1) * settings.blockSize;
      const end = Math.min(begin + count * settings.blockSize, settings.sizeBytes);
      const slab = Buffer.allocUnsafe(count * 4 + end - begin);
      const next = block + count;
      for (let index = 0; index < count; index += 1) {
        slab.writeUInt16BE(3, index * stride);
        slab.writeUInt16BE((block + index) & 0xffff, index * stride + 2);
      }
      const waiting = this.#fill(slab, begin, end);
      if (waiting !== undefined) {
        return waiting.then(() => {
          if (this.#over) return undefined;
          this.#send(slab);
          return this.#sendBlocks(first, last, next);
        });
      }
      this.#send(slab);
      block = next;
    }
    return undefined;
  }

  /** Copies the file's bytes from `begin` to `end` behind their headers; undefined when done at once. */
  #fill(slab: Buffer, begin: number, end: number): Promise<void> | undefined {
    const { blockSize } = this.#parts.settings;
    const { files, file } = this.#parts;
    const copy = (bytes: Uint8Array, position: number): void => {
      for (let at = 0; at < bytes.length; ) {
        const offset = position - begin + at;
        const index = Math.floor(offset / blockSize);
        const room = (index + 1) * blockSize - offset;
        slab.set(bytes.subarray(at, at + room), offset + 4 * (index + 1));
        at += room;
      }
    };
    for (let position = begin; position < end; ) {
      const bytes = files.read(file, position, end - position);
      if (bytes instanceof Promise) return this.#fillLater(bytes, { position, end, copy });
      copy(bytes, position);
      position += bytes.length;
    }
    return undefined;
  }

  async #fillLater(first: Promise<Uint8Array>, { position, end, copy }: FillRest): Promise<void> {
    let bytes = await first;
    let at = position;
    while (true) {
      copy(bytes, at);
      at += bytes.length;
      if (at >= end) return;
      bytes = await this.#parts.files.read(this.#parts.file, at, end - at);
    }
  }

  /** A send that fails is a lost packet: the next try may get through, and the end tells what it was. */
  #send(bytes: Uint8Array): void {
    this.#parts.port.send(bytes, this.#parts.peer).catch((error: unknown) => {
      this.#sendError = error instanceof Error ? ` Sending failed: ${error.message}.` : '';
    });
  }

  #fail(cause: unknown): void {
    const message = cause instanceof Error ? cause.message : String(cause);
    if (!this.#over) {
      const refusal = formatPacket({ op: 'error', code: 0, message: 'the server cannot read it' });
      this.#parts.port.send(refusal, this.#parts.peer).catch(() => undefined);
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
    this.#parts.onEnd({ outcome, bytes, reason: reason + this.#sendError, mayManageLess });
  }
}

type SendBlocks = Omit<Extract<TransferAction, { kind: 'send-blocks' }>, 'kind'>;

/** Enough for a client to empty its buffer, and what a timer can do. */
const PAUSE_MS = 1;

interface FillRest {
  readonly position: number;
  readonly end: number;
  readonly copy: (bytes: Uint8Array, position: number) => void;
}
