/** Writes an image to a block device, and reads it back. A half-written stick starts nothing: its first bytes come last. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CliError } from '../cli-error.ts';

const run = promisify(execFile);
const PIECE_BYTES = 4 * 1024 * 1024;
/** How much may wait in memory: then what is told of progress is what the stick has. */
const SYNC_BYTES = 8 * PIECE_BYTES;
/** How long a stick may be another's before it is said to be. */
const BUSY_MS = 2000;

/** How far it is, of 1. */
interface WriteProgress {
  readonly phase: 'write' | 'verify';
  readonly fraction: number;
}

interface Target {
  readonly path: string;
  /** Of the image, which is to have that many. */
  readonly sizeBytes: number;
  readonly onProgress: (progress: WriteProgress) => void;
  /** Whether the device is still there, asked when it fails. */
  readonly isThere: () => Promise<boolean>;
}

/**
 * Writes the whole image, has the device keep it, reads it back from there and compares.
 * @returns SHA-256 of the image
 * @throws {CliError} `usb.denied`, `usb.busy`, `usb.read-only`, `usb.full`, `usb.gone`, `usb.io`, `usb.verify`,
 * `usb.image`; what the source throws
 */
export async function writeImage(
  image: AsyncIterable<Uint8Array>,
  target: Target,
  signal: AbortSignal,
): Promise<string> {
  const device = guard(target);
  await using file = await device(async () => openAlone(target.path, signal));
  const sha256 = await write(image, file, { ...target, device, signal });
  // What is read then comes from the device, and not from memory.
  await run('blockdev', ['--flushbufs', target.path]).catch((error: unknown) => {
    throw new CliError('usb.io', `what was written cannot be read back: ${String(error)}`, {
      where: target.path,
      cause: error,
    });
  });
  const found = await readBack(file, { ...target, device, signal });
  if (found !== sha256)
    throw new CliError('usb.verify', 'what was read back is not what was written', {
      where: target.path,
      hint: 'the stick is worn out, or smaller than it says: take another one',
    });
  return sha256;
}

/** Nobody else may have it. What looks at a stick that has just come, or just changed, has it for a moment only. */
async function openAlone(path: string, signal: AbortSignal): Promise<FileHandle> {
  const untilMs = performance.now() + BUSY_MS;
  for (;;)
    try {
      return await open(path, constants.O_RDWR | constants.O_EXCL);
    } catch (error) {
      const isBusy = error instanceof Error && 'code' in error && error.code === 'EBUSY';
      if (!isBusy || performance.now() > untilMs) throw error;
      await delay(100, undefined, { signal });
    }
}

interface Writing extends Target {
  readonly device: Guard;
  readonly signal: AbortSignal;
}

async function write(
  image: AsyncIterable<Uint8Array>,
  file: FileHandle,
  { path, sizeBytes, onProgress, device, signal }: Writing,
): Promise<string> {
  const hash = createHash('sha256');
  let head: Uint8Array | undefined;
  let done = 0;
  let waiting = 0;
  for await (const piece of pieces(image)) {
    signal.throwIfAborted();
    hash.update(piece);
    if (done + piece.length > sizeBytes) break;
    const position = done;
    const bytes = head === undefined ? Buffer.alloc(piece.length) : piece;
    head ??= piece;
    await device(async () => writeAll(file, bytes, position));
    done += piece.length;
    waiting += piece.length;
    if (waiting >= SYNC_BYTES) {
      await device(async () => file.datasync());
      waiting = 0;
      onProgress({ phase: 'write', fraction: done / sizeBytes });
    }
  }
  if (done !== sizeBytes || head === undefined)
    throw new CliError('usb.image', `the image did not come with the ${sizeBytes} bytes it has`, {
      where: path,
      hint: 'it starts nothing as it is: try again, and make the media again if that does not help',
    });
  const first = head;
  await device(async () => file.datasync());
  await device(async () => writeAll(file, first, 0));
  await device(async () => file.sync());
  onProgress({ phase: 'write', fraction: 1 });
  return hash.digest('hex');
}

/** Joins what comes into pieces of one size, so that few and large writes reach the stick. */
async function* pieces(image: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of image) {
    let rest = bytes;
    while (size + rest.length >= PIECE_BYTES) {
      const part = rest.subarray(0, PIECE_BYTES - size);
      yield Buffer.concat([...parts, part]);
      rest = rest.subarray(part.length);
      [parts, size] = [[], 0];
    }
    parts.push(rest);
    size += rest.length;
  }
  if (size > 0) yield Buffer.concat(parts);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function readBack(
  file: FileHandle,
  { sizeBytes, onProgress, device, signal }: Writing,
): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(PIECE_BYTES);
  for (let done = 0; done < sizeBytes; ) {
    signal.throwIfAborted();
    const position = done;
    const length = Math.min(buffer.length, sizeBytes - done);
    const { bytesRead } = await device(async () => file.read(buffer, 0, length, position));
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    done += bytesRead;
    onProgress({ phase: 'verify', fraction: done / sizeBytes });
  }
  return hash.digest('hex');
}

type Guard = <Result>(act: () => Promise<Result>) => Promise<Result>;

/** Runs what works on the device, and says in words why it failed. */
function guard({ path, isThere }: Target): Guard {
  return async (act) => {
    try {
      return await act();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      const [name, message, hint] = meanings[code] ?? [
        'usb.io',
        `it cannot be written or read: ${String(error)}`,
        'it is worn out, or sits loosely: try another stick, or another socket',
      ];
      const isGone = name === 'usb.io' && !(await isThere().catch(() => true));
      throw isGone
        ? new CliError('usb.gone', 'it was unplugged while it was written', {
            where: path,
            hint: 'it starts nothing as it is: plug it in and write it again',
            cause: error,
          })
        : new CliError(name, message, { where: path, hint, cause: error });
    }
  };
}

/** What the errors of the kernel mean for a stick. */
const meanings: Readonly<Record<string, readonly [string, string, string]>> = {
  EACCES: ['usb.denied', 'this user may not write to it', 'do it as root'],
  EPERM: ['usb.denied', 'this user may not write to it', 'do it as root'],
  EBUSY: ['usb.busy', 'another program has it', 'unmount it, and close what uses it'],
  EROFS: [
    'usb.read-only',
    'it cannot be written to',
    'look for a switch on the stick or the card; a stick that is worn out makes itself read-only',
  ],
  ENOSPC: ['usb.full', 'it has less room than it said', 'take another one'],
};
