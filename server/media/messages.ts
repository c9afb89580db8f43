import type { MediaPlan } from '#media/build/lay-files.ts';
import type { MakeOptions } from '#media/build/make-media.ts';
import type { MediaFailure } from './media-record.ts';

/** What the worker is started with. */
export interface MediaJob {
  readonly plan: Omit<MediaPlan, 'sign'>;
  readonly options: Pick<MakeOptions, 'form' | 'output' | 'work' | 'known'>;
}

/** What the worker tells. */
export type MediaMessage =
  | { readonly kind: 'progress'; readonly fraction: number }
  /** The key that signs stays where it is: answered with `SignedAnswer`. */
  | { readonly kind: 'sign'; readonly number: number; readonly bytes: Uint8Array }
  | { readonly kind: 'done'; readonly sizeBytes: number }
  | { readonly kind: 'failed'; readonly failure: MediaFailure };

/** What the worker is told. */
export type MediaWord =
  | { readonly kind: 'signed'; readonly number: number; readonly signature: string }
  | { readonly kind: 'cancel' };
