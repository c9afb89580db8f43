import { z } from 'zod';
import type { ZipArchive } from '../zip/read-zip.ts';
import { ArchiveError } from './archive-error.ts';

/** The entries of an archive by their names. */
export interface ArchiveEntries {
  /** What an entry is called in an error. */
  at(name: string): string;
  /** @throws {ArchiveError} `archive.entry` */
  sizeOf(name: string): number;
  /** @throws {ArchiveError} `archive.entry`, `archive.size` */
  read(name: string, maxBytes: number): Promise<Uint8Array>;
  /** @throws {ArchiveError} `archive.entry` */
  stream(name: string): AsyncIterable<Uint8Array>;
}

/** @param file what the archive is called in errors */
export function indexEntries(zip: ZipArchive, file: string): ArchiveEntries {
  const byName = new Map(zip.entries.map((entry) => [entry.name, entry]));
  const at = (name: string) => `${file}: ${name}`;
  const find = (name: string) => {
    const entry = byName.get(name);
    if (entry !== undefined) return entry;
    throw new ArchiveError('archive.entry', `${at(name)}: is not in the archive`, {
      hint: 'Make or fetch the archive again.',
    });
  };
  return {
    at,
    sizeOf: (name) => find(name).sizeBytes,
    async read(name, maxBytes) {
      const entry = find(name);
      if (entry.sizeBytes <= maxBytes) return await zip.read(entry);
      const message = `${at(name)} has ${entry.sizeBytes} bytes, at most ${maxBytes} are read`;
      throw new ArchiveError('archive.size', message);
    },
    stream: (name) => zip.stream(find(name)),
  };
}

/** JSON in bytes. @throws {ArchiveError} `archive.manifest` */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  const text = decode(bytes, what);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notUnderstood(what, error);
  }
}

/** Text in UTF-8. @throws {ArchiveError} `archive.manifest` */
export function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw notUnderstood(what, error);
  }
}

/** That an entry says what it may not say. */
export function notUnderstood(what: string, cause: unknown): ArchiveError {
  const reason =
    cause instanceof z.ZodError
      ? z.prettifyError(cause).slice(0, 1000)
      : cause instanceof Error
        ? cause.message
        : 'it is of something else';
  return new ArchiveError('archive.manifest', `${what}: is not understood: ${reason}`, { cause });
}
