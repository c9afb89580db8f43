import { type FileHandle, open } from 'node:fs/promises';
import { writeAll } from './write-all.ts';

/** Where a journal's bytes lie. Offsets are absolute; a write is done when `sync` has come back. */
export interface JournalMedium {
  readonly capacityBytes: number;
  read(): Promise<Uint8Array>;
  write(offset: number, bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Size of a journal's file: about 16,000 records. */
const JOURNAL_BYTES = 8 * 1024 * 1024;

/**
 * A preallocated file. `syncDevice` syncs the block device below it, where the file system's own
 * fsync does not reach it (a FAT in user space).
 */
export async function openFileMedium(
  path: string,
  options: { readonly create: boolean; readonly syncDevice?: () => Promise<void> },
): Promise<JournalMedium> {
  const file = await open(path, options.create ? 'w+' : 'r+');
  try {
    if (options.create) await preallocate(file);
    const { size } = await file.stat();
    const sync = async (): Promise<void> => {
      await file.sync();
      await options.syncDevice?.();
    };
    if (options.create) await sync();
    return {
      capacityBytes: size,
      sync,
      async read() {
        const bytes = new Uint8Array(size);
        let done = 0;
        while (done < size) {
          const { bytesRead } = await file.read(bytes, done, size - done, done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        return bytes.subarray(0, done);
      },
      async write(offset, bytes) {
        await writeAll(file, bytes, offset);
      },
      async close() {
        await file.close();
      },
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function preallocate(file: FileHandle): Promise<void> {
  const zeros = new Uint8Array(1024 * 1024);
  for (let offset = 0; offset < JOURNAL_BYTES; offset += zeros.length) {
    await writeAll(file, zeros, offset);
  }
}
