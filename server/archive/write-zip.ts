import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** One entry of an archive that is to be written. */
export type NewEntry =
  | { readonly name: string; readonly bytes: Uint8Array }
  /** Stored as it is: content is packed already, mostly. */
  | { readonly name: string; readonly sizeBytes: number; readonly open: () => Promise<Readable> };

/** The first moment of a ZIP, by the clock of the place, which is what a ZIP has: equal archives are equal. */
const TIME = new Date(1980, 0, 1);
const common = { mtime: TIME, mode: 0o100_644, forceDosTimestamp: true };

/**
 * Writes a ZIP file (ZIP64 where it is large), entries in their order, each opened when its turn comes.
 * The file is there when it is whole, and synced; a file of that name is replaced.
 */
export async function writeZip(
  file: string,
  entries: readonly NewEntry[],
  signal: AbortSignal,
): Promise<void> {
  const part = `${file}.part`;
  try {
    const zip = new ZipFile();
    const failed = new AbortController();
    zip.on('error', (error) => failed.abort(error));
    for (const entry of entries) addEntry(zip, entry);
    zip.end();
    const output = createWriteStream(part, { mode: 0o600 });
    const ended = AbortSignal.any([signal, failed.signal]);
    await pipeline(zip.outputStream, output, { signal: ended }).catch((error: unknown) => {
      throw failed.signal.aborted ? failed.signal.reason : error;
    });
    if (!output.closed) await once(output, 'close');
    await sync(part);
    await rename(part, file);
    await sync(dirname(file));
  } finally {
    await rm(part, { force: true });
  }
}

function addEntry(zip: ZipFile, entry: NewEntry): void {
  const { name } = entry;
  if ('bytes' in entry) {
    zip.addBuffer(Buffer.from(entry.bytes), name, { ...common, compress: true });
    return;
  }
  const options = { ...common, compress: false, size: entry.sizeBytes };
  zip.addReadStreamLazy(name, options, (give) => {
    entry.open().then(
      (stream) => {
        stream.on('error', (error) => zip.emit('error', error));
        give(null, stream);
      },
      (error: unknown) => zip.emit('error', error),
    );
  });
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}
