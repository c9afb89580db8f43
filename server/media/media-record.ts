import { z } from 'zod';
import type { MediaKind } from '#media/description.ts';

/** What is kept of a failed making of media. */
export const MediaFailure = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});
export type MediaFailure = z.infer<typeof MediaFailure>;

/** `interrupted`: the server ended while they were made. */
export const MediaState = z.enum(['making', 'ready', 'failed', 'cancelled', 'interrupted']);
export type MediaState = z.infer<typeof MediaState>;
export const MediaForm = z.enum(['iso', 'folder', 'wim']);

/** What media consist of, for people; no value of a variable is in it. */
export const MediaFacts = z.object({
  /** Names of the variables that were given. */
  variables: z.array(z.string()),
  hasPrestart: z.boolean(),
  /** Stand-alone: what they run, and what is on them, each in the version that was the newest. */
  sequence: z.object({ id: z.string(), name: z.string(), version: z.int() }).optional(),
  packages: z.array(z.object({ id: z.string(), name: z.string(), version: z.int() })).optional(),
  /** What cannot work, or may be amiss, told when they were made. */
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type MediaFacts = z.infer<typeof MediaFacts>;

/** Media as they are kept. */
export interface MediaRecord {
  readonly id: string;
  readonly kind: MediaKind;
  readonly label: string;
  readonly form: z.infer<typeof MediaForm>;
  readonly state: MediaState;
  /** Host name of the server that has the files. */
  readonly server: string;
  readonly madeBy: string;
  readonly createdMs: number;
  readonly finishedMs: number | null;
  readonly sizeBytes: number;
  readonly publicKey: string;
  readonly validFromMs: number | null;
  readonly validUntilMs: number | null;
  readonly unknownComputers: boolean;
  readonly password: boolean;
  readonly facts: MediaFacts;
  readonly error: MediaFailure | null;
  readonly blockedMs: number | null;
  readonly blockedReason: string;
}
