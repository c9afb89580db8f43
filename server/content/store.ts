import type { Readable } from 'node:stream';
import type { ContentObject } from '#agent/protocol/content.ts';
import type { Sha256 } from '#agent/protocol/identity.ts';

/** The objects of the distribution point: files by SHA-256, below `<data>/content/ab/<sha256>`. */
export interface ContentStore {
  /**
   * Takes a stream in: hashes whole and by chunk in one pass, syncs, and keeps it under its hash. What is
   * there already is kept once. `onBytes` is told how far it is.
   *
   * @throws {ContentError} `content.full`, `content.cut` (the stream failed)
   */
  ingest(
    stream: Readable,
    options: { readonly path: string; readonly signal?: AbortSignal },
  ): Promise<ContentObject>;
  /** The file of an object that is there, to read it in place. @throws {ContentError} `content.not-found` */
  file(sha256: Sha256): Promise<{ readonly path: string; readonly sizeBytes: number }>;
  close(): Promise<void>;
}
