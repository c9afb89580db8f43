import type { SequenceProblem } from '#agent/sequence/sequence-error.ts';

/** A text to read; `id` is the asker's. */
export interface ReadRequest {
  readonly id: number;
  readonly text: string;
}

/** A task sequence as it is to be stored. */
export interface ReadDocument {
  readonly name: string;
  readonly description: string;
  readonly disabled: boolean;
  readonly documentJson: string;
}

export type ReadAnswer =
  | { readonly id: number; readonly ok: true; readonly document: ReadDocument }
  | {
      readonly id: number;
      readonly ok: false;
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
      readonly problems: readonly SequenceProblem[];
    };
