import type { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  type Entry,
  fromBufferPromise,
  getFileNameLowLevel,
  openPromise,
  type ZipFile,
} from 'yauzl';
import { ImportError } from '../import/import-error.ts';

/** What an archive may have; sizes as its directory says them, and they are held to. */
export interface ZipLimits {
  readonly entries: number;
  /** Bytes of one entry, unpacked. */
  readonly entryBytes: number;
  /** Bytes of all entries together that are read, unpacked. */
  readonly totalBytes: number;
  /** Unpacked to packed size of an entry of more than 1 MB. */
  readonly ratio: number;
}

/** Limits for archives of documents. Archives that hold images give their own. */
export const documentLimits: ZipLimits = {
  entries: 20_000,
  entryBytes: 16 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
  ratio: 250,
};

/** One file of an archive. */
export interface ZipEntry {
  /** With `/` between its parts, relative, without `.` and `..`: safe to join to a folder. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** An open archive: its directory is read and checked, nothing is unpacked yet. */
export interface ZipArchive {
  /** Its files in the order of its directory; folders are left out. */
  readonly entries: readonly ZipEntry[];
  /**
   * The bytes of one entry, of the length that it says, its checksum verified.
   * @throws {ImportError} `import.zip-*`
   */
  read(entry: ZipEntry): Promise<Uint8Array>;
  /**
   * The same, piece by piece: what is wrong with its length or checksum is thrown behind the last piece.
   * @throws {ImportError} `import.zip-*`
   */
  stream(entry: ZipEntry): AsyncGenerator<Uint8Array>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Whether bytes are those of a ZIP archive, by how they begin; one without entries too. */
export function isZip(bytes: Uint8Array): boolean {
  const [first, second, third, fourth] = bytes;
  return first === 0x50 && second === 0x4b && (third === 3 || third === 5) && fourth === third + 1;
}

/**
 * Opens a ZIP archive, in memory or a file by its path. Names that lead out of a folder, or are there
 * twice (case does not count, as in Windows), or more entries than allowed refuse the whole of it; an
 * encrypted entry, an unknown method, lying sizes, a wrong checksum and a bomb only when it is read.
 * @param from what it is called in errors
 * @throws {ImportError} `import.zip-damaged`, `import.zip-entries`, `import.zip-name`, `import.zip-duplicate`
 */
export async function openZip(
  source: Uint8Array | string,
  from: string,
  limits: ZipLimits = documentLimits,
): Promise<ZipArchive> {
  const zip = await openSource(source, from);
  try {
    const found = await readDirectory(zip, from, limits);
    return archiveOf(zip, found, from, limits);
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function openSource(source: Uint8Array | string, from: string): Promise<ZipFile> {
  // Names are decoded below, so that each refusal has its own code.
  const options = { autoClose: false, decodeStrings: false };
  try {
    return typeof source === 'string'
      ? await openPromise(source, options)
      : await fromBufferPromise(
          Buffer.from(source.buffer, source.byteOffset, source.byteLength),
          options,
        );
  } catch (cause) {
    throw damaged(from, cause);
  }
}

type Directory = ReadonlyMap<ZipEntry, Entry>;

async function readDirectory(zip: ZipFile, from: string, limits: ZipLimits): Promise<Directory> {
  const found = new Map<ZipEntry, Entry>();
  const names = new Set<string>();
  if (zip.entryCount > limits.entries)
    throw new ImportError(
      'import.zip-entries',
      `${from}: has ${zip.entryCount} entries, at most ${limits.entries} are read`,
    );
  for await (const entry of entriesOf(zip, from)) {
    const name = safeName(entry, from);
    const key = name.toLowerCase();
    if (names.has(key)) {
      const message = `${from}: has two entries ${JSON.stringify(name)}; case does not count`;
      throw new ImportError('import.zip-duplicate', message);
    }
    names.add(key);
    if (!name.endsWith('/')) found.set({ name, sizeBytes: entry.uncompressedSize }, entry);
  }
  return found;
}

async function* entriesOf(zip: ZipFile, from: string): AsyncGenerator<Entry> {
  const entries = zip.eachEntry();
  for (;;) {
    const next = await entries.next().catch((cause: unknown) => {
      throw damaged(from, cause);
    });
    if (next.done === true) return;
    yield next.value;
  }
}

/** Windows makes names with backslashes. */
function safeName(entry: Entry, from: string): string {
  const { generalPurposeBitFlag: flags, fileNameRaw, extraFields } = entry;
  const name = getFileNameLowLevel(flags, fileNameRaw, extraFields, false);
  const parts = name.replace(/\/$/, '').split('/');
  const fault = /^(?:\/|[a-z]:)/i.test(name)
    ? 'is absolute'
    : parts.some((part) => part === '..' || part === '.' || part === '')
      ? 'leads out of its folder, or is none'
      : // oxlint-disable-next-line no-control-regex -- no file may have them in its name
        /[\x00-\x1f]/.test(name)
        ? 'has control characters'
        : undefined;
  if (fault === undefined) return name;
  const shown = JSON.stringify(name.slice(0, 200));
  throw new ImportError('import.zip-name', `${from}: the name ${shown} ${fault}`, {
    hint: 'No program makes such an archive by accident: look where it comes from.',
  });
}

function archiveOf(zip: ZipFile, found: Directory, from: string, limits: ZipLimits): ZipArchive {
  let leftBytes = limits.totalBytes;
  async function* stream(wanted: ZipEntry): AsyncGenerator<Uint8Array> {
    const entry = found.get(wanted);
    const at = `${from}: ${wanted.name}`;
    if (entry === undefined) throw new ImportError('import.zip-damaged', `${at} is not in it`);
    checkReadable(entry, at, limits, leftBytes);
    leftBytes -= entry.uncompressedSize;
    yield* contentOf(zip, entry, at);
  }
  return {
    entries: [...found.keys()],
    stream,
    async read(entry) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream(entry)) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
    [Symbol.asyncDispose]: async () => zip.close(),
  };
}

const STORED = 0;
const DEFLATED = 8;
/** A small entry is no bomb, whatever its ratio. */
const SMALL_BYTES = 1024 * 1024;

function checkReadable(entry: Entry, at: string, limits: ZipLimits, leftBytes: number): void {
  const { uncompressedSize: sizeBytes, compressedSize, compressionMethod } = entry;
  if (entry.isEncrypted())
    throw new ImportError('import.zip-encrypted', `${at} is encrypted`, {
      hint: 'Unpack it with its password, and pack it again without one.',
    });
  if (compressionMethod !== STORED && compressionMethod !== DEFLATED)
    throw new ImportError(
      'import.zip-method',
      `${at} is packed by method ${compressionMethod}; stored (0) and deflated (8) are read`,
      { hint: 'Unpack it, and pack it again as a common ZIP file.' },
    );
  if (sizeBytes > limits.entryBytes || sizeBytes > leftBytes) {
    const most = Math.min(limits.entryBytes, leftBytes);
    const message = `${at} has ${sizeBytes} bytes unpacked; ${most} more are read`;
    throw new ImportError('import.zip-size', message);
  }
  if (sizeBytes > SMALL_BYTES && sizeBytes > compressedSize * limits.ratio)
    throw new ImportError(
      'import.zip-size',
      `${at} unpacks ${compressedSize} bytes to ${sizeBytes}, more than ${limits.ratio} times as many`,
      { hint: 'This is how an archive is made that fills memory.' },
    );
}

async function* contentOf(zip: ZipFile, entry: Entry, at: string): AsyncGenerator<Uint8Array> {
  let sum = 0;
  let readable: Readable | undefined;
  try {
    readable = await zip.openReadStreamPromise(entry);
    for await (const chunk of readable) {
      if (!(chunk instanceof Uint8Array)) continue;
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (cause) {
    throw damaged(at, cause);
  } finally {
    readable?.destroy();
  }
  if (sum !== entry.crc32) {
    const message = `${at} has the checksum ${hex(sum)}, its directory says ${hex(entry.crc32)}`;
    throw new ImportError('import.zip-checksum', message, { hint: 'Fetch the file again.' });
  }
}

function hex(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}

function damaged(at: string, cause: unknown): ImportError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ImportError('import.zip-damaged', `${at}: cannot be unpacked: ${reason}`, {
    hint: 'Fetch the file again: it is cut off, damaged or no ZIP file.',
    cause,
  });
}
