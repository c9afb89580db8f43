import type { Sha256 } from '#agent/protocol/identity.ts';

/** What the main thread tells the content worker; `id` is one ingest. A chunk is answered `taken`. */
export type ToContentWorker =
  | { readonly kind: 'open'; readonly id: number }
  | { readonly kind: 'chunk'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: 'finish'; readonly id: number }
  | { readonly kind: 'abort'; readonly id: number };

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
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: string;
      readonly message: string;
    };
