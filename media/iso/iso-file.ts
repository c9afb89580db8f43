import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { IsoError } from './iso-error.ts';

/** One file inside a disc image. */
export interface IsoEntry {
  /** From its root, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
}

const TOOL = '7zz';
/** Volume descriptors begin at sector 16 (ECMA-119, section 6.2.1; ECMA-167, part 2, section 8). */
const DESCRIPTORS_AT = 16 * 2048;
const SECTOR_BYTES = 2048;
/** Identifiers at +1 of a descriptor: ISO 9660, and the beginning of a UDF volume recognition sequence. */
const IDENTIFIERS: readonly string[] = ['CD001', 'BEA01', 'NSR02', 'NSR03'];
const LIST_TIMEOUT_MS = 120_000;
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** Whether a file is a disc image: ISO 9660, UDF, or both. */
export async function isIso(path: string): Promise<boolean> {
  await using file = await open(path, 'r');
  const sector = new Uint8Array(SECTOR_BYTES);
  const { bytesRead } = await file.read(sector, 0, SECTOR_BYTES, DESCRIPTORS_AT);
  const identifier = String.fromCharCode(...sector.subarray(1, 6));
  return bytesRead === SECTOR_BYTES && IDENTIFIERS.includes(identifier);
}

/**
 * All files of a disc image, read by 7-Zip: of a UDF bridge the UDF side, as the ISO 9660 side of
 * Windows media holds no more than a note.
 *
 * @throws {IsoError} `iso.no-tool`, `iso.damaged`
 */
export async function listIso(path: string, signal: AbortSignal): Promise<readonly IsoEntry[]> {
  const argv = ['l', '-slt', '-ba', '-spd', '--', path];
  const options = { signal, timeout: LIST_TIMEOUT_MS, maxBuffer: MAX_LIST_BYTES } as const;
  try {
    const { stdout } = await promisify(execFile)(TOOL, argv, options);
    return parseListing(stdout);
  } catch (cause) {
    signal.throwIfAborted();
    throw toolError(path, cause);
  }
}

/** Reads `7zz l -slt -ba`: paragraphs of `Name = value`, one a file or folder. */
export function parseListing(text: string): readonly IsoEntry[] {
  return text.split(/\r?\n\r?\n/).flatMap((paragraph) => {
    const facts = new Map(
      paragraph.split(/\r?\n/).flatMap((line) => {
        const at = line.indexOf(' = ');
        return at === -1 ? [] : [[line.slice(0, at), line.slice(at + 3)] as const];
      }),
    );
    const path = facts.get('Path');
    const size = facts.get('Size') ?? '';
    if (path === undefined || facts.get('Folder') === '+' || !/^\d{1,15}$/.test(size)) return [];
    return [{ path: path.replaceAll('\\', '/'), sizeBytes: Number(size) }];
  });
}

/**
 * One file of a disc image as a stream, no copy of it made. It ends in an error when it has fewer or more
 * bytes than its entry says: the disc image is truncated then.
 *
 * @throws {IsoError} (on the stream) `iso.no-tool`, `iso.damaged`
 */
export function readIsoEntry(path: string, entry: IsoEntry, signal: AbortSignal): Readable {
  const argv = ['x', '-so', '-spd', '--', path, entry.path];
  const child = spawn(TOOL, argv, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const out = new PassThrough({ highWaterMark: 1024 * 1024 });
  const forward = async (): Promise<void> => {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-2000);
    });
    const ended = endOf(child);
    // Told below, once what it wrote is through; without this a tool that is missing would be unhandled.
    ended.catch(() => {});
    let bytes = 0;
    await pipeline(
      child.stdout,
      async function* count(chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          yield chunk;
        }
        const code = await ended;
        if (code !== 0 || bytes !== entry.sizeBytes)
          throw damaged(path, `${entry.path}: ${bytes} of ${entry.sizeBytes} bytes. ${said}`);
      },
      out,
    );
  };
  forward().catch((cause: unknown) => {
    child.kill('SIGKILL');
    out.destroy(
      cause instanceof IsoError || signal.aborted ? asError(cause) : toolError(path, cause),
    );
  });
  out.once('close', () => child.kill('SIGKILL'));
  return out;
}

async function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}

function toolError(path: string, cause: unknown): IsoError {
  const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
  if (missing)
    return new IsoError('iso.no-tool', `${TOOL} is not installed, and disc images are read by it`, {
      hint: "Install Debian's package 7zip, or take sources/install.wim out of the ISO yourself.",
      cause,
    });
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
  return damaged(path, said, cause);
}

function damaged(path: string, said: string, cause?: unknown): IsoError {
  const reason = said.replaceAll(/\s+/g, ' ').trim().slice(-300);
  return new IsoError('iso.damaged', `The disc image ${path} cannot be read: ${reason}`, {
    hint: 'Copy or download it again, and compare its hash with the one that its publisher names.',
    ...(cause === undefined ? {} : { cause }),
  });
}
