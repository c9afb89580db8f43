import { z } from 'zod';
import { SequenceId } from '#agent/protocol/identity.ts';

/** Type of the step that runs another task sequence. */
export const RUN_SEQUENCE = 'run-sequence';

/** A task sequence by id, by name, or both; always its newest version. The id counts where both are given. */
export const SequenceReference = z
  .strictObject({ id: SequenceId.optional(), name: z.string().min(1).max(256).optional() })
  .refine(({ id, name }) => id !== undefined || name !== undefined, 'needs an id or a name');
export type SequenceReference = z.infer<typeof SequenceReference>;
