import type { Sha256 } from '#agent/protocol/identity.ts';

/** What the sending thread is started with. */
export interface SenderWorkerData {
  /** The distribution point. */
  readonly directory: string;
  /** A byte for each descriptor, 1 where the thread has to close it. */
  readonly owned: SharedArrayBuffer;
}

export type ToSender =
  | { readonly kind: 'take'; readonly descriptor: number }
  | { readonly kind: 'close' };

export type FromSender =
  /** It asks for something else. */
  | { readonly kind: 'back'; readonly descriptor: number }
  /** Answers that were sent whole since the last word, and the bytes of their bodies. */
  | { readonly kind: 'sent'; readonly answers: number; readonly bytes: number }
  | { readonly kind: 'short'; readonly sha256: Sha256 };
