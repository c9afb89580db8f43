/**
 * What scripts and agent say to each other: one JSON object a line, UTF-8, each request with one answer,
 * as many as wanted on one connection. Types alone: the client loads nothing for them.
 */
export type TsRequest =
  | { readonly op: 'get'; readonly name: string }
  | { readonly op: 'set'; readonly name: string; readonly value: string; readonly secret: boolean }
  | { readonly op: 'list'; readonly values: boolean }
  | ({ readonly op: 'show' } & Shown);

/** What a script shows to people by Microsoft.SMS.TSProgressUI. */
export interface Shown {
  /** `close`: the progress dialog, which is no window here. */
  readonly what: 'progress' | 'message' | 'error' | 'close';
  readonly title: string;
  readonly text: string;
  readonly step?: number | undefined;
  readonly steps?: number | undefined;
}

export type TsAnswer =
  | { readonly kind: 'variable'; readonly value: string; readonly secret: boolean }
  | { readonly kind: 'not-set' }
  | { readonly kind: 'done' }
  | { readonly kind: 'list'; readonly variables: readonly ListedVariable[] }
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
    };

/** A secret one has no value in a list: it is told to those who ask for it by name. */
export interface ListedVariable {
  readonly name: string;
  readonly secret: boolean;
  readonly value?: string;
}

/** Longest request: a value of 4,000 characters, each written as `\ud83d\ude00`, and its name fit in. */
export const MAX_REQUEST_BYTES = 64 * 1024;
