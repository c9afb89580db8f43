import type { Sha256 } from '#agent/protocol/identity.ts';

/** What the main thread tells the content worker; `id` is one ingest. A chunk is answered `taken`. */
export type ToContentWorker =
  | { readonly kind: 'open'; readonly id: number }
  | { readonly kind: 'chunk'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'finish'; readonly id: number }
  | { readonly kind: 'abort'; readonly id: number }
  /** A whole file of the same file system: it is hashed, and renamed. */
  | {
      readonly kind: 'adopt';
      readonly id: number;
      readonly path: string;
      readonly sha256: Sha256;
      /** Of each chunk, as they are to be. */
      readonly chunks: readonly Sha256[];
    };

export type FromContentWorker =
  | { readonly kind: 'taken'; readonly id: number }
  | {
      readonly kind: 'kept';
      readonly id: number;
      /** False when the object was there already. */
      readonly isNew: boolean;
      readonly sha256: Sha256;
      readonly chunks: readonly Sha256[];
      readonly sizeBytes: number;
    }
  /** An adopted file is another one than was said, from this byte on. */
  | { readonly kind: 'different'; readonly id: number; readonly fromByte: number }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: string;
      readonly message: string;
    };
