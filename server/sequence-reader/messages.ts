import type { SequenceProblem } from '#agent/sequence/sequence-error.ts';

/** A text to read, or a whole batch (`SequenceBatch` as JSON, in bytes); `id` is the asker's. */
export type ReadRequest =
  | { readonly id: number; readonly text: string }
  | { readonly id: number; readonly batch: Uint8Array<ArrayBuffer> };

/** A task sequence as it is to be stored. */
export interface ReadDocument {
  readonly name: string;
  readonly description: string;
  readonly disabled: boolean;
  readonly documentJson: string;
}

export type ReadAnswer =
  | { readonly id: number; readonly ok: true; readonly document: ReadDocument }
  /** `Batch` of the store as JSON, in bytes. */
  | { readonly id: number; readonly ok: true; readonly batch: Uint8Array<ArrayBuffer> }
  | {
      readonly id: number;
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
      readonly problems: readonly SequenceProblem[];
    };
