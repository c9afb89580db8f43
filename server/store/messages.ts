import { z } from 'zod';
import { ErrorProblem } from '#agent/protocol/error.ts';

/** What the main thread asks the store's worker. `id` is the asker's. */
export interface StoreCall {
  readonly id: number;
  readonly aggregate: string;
  readonly name: string;
  readonly args: readonly unknown[];
}
export type StoreMessage =
  | { readonly kind: 'calls'; readonly calls: readonly StoreCall[] }
  | { readonly kind: 'close' };

/** An error as it crosses the worker's boundary. */
export const PlainError = z.object({
  type: z.enum(['store', 'inventory', 'other']),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  problems: z.array(ErrorProblem).readonly().optional(),
});
export type PlainError = z.infer<typeof PlainError>;

export type StoreAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: PlainError }
  | { readonly kind: 'closed' }
  /** A whole group's answers at once: one message a commit. */
  | { readonly kind: 'answers'; readonly answers: readonly CallAnswer[] };
export type CallAnswer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly error: PlainError };
