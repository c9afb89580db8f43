import { z } from 'zod';
import { SequenceId } from '#agent/protocol/identity.ts';
import { sequencePlatforms } from './condition/platform.ts';

/**
 * What a node was in the system that it was imported from, as far as nothing here says it: kept as it
 * stood, for people and for a later import. It has no effect on a run.
 */
export const Origin = z.strictObject({
  format: z.enum(['configmgr', 'mdt']),
  /** The class of the step, `SMS_TaskSequence_RunCommandLineAction`; none for a script step of MDT. */
  type: z.string().max(300).optional(),
  action: z.string().max(40_000).optional(),
  attributes: z.record(z.string().max(300), z.string().max(40_000)).optional(),
  variables: z.record(z.string().max(300), z.string().max(300_000)).optional(),
  /** Its condition, or the parts of it that have no counterpart, as XML. */
  condition: z.string().max(300_000).optional(),
  /** Elements and text in it that have no meaning known here, as XML. */
  unknown: z.array(z.string().max(300_000)).max(100).optional(),
});
export type Origin = z.output<typeof Origin>;

const Name = z.string().trim().min(1).max(256);
const common = {
  description: z.string().max(4000).default(''),
  disabled: z.boolean().default(false),
  continueOnError: z.boolean().default(false),
  condition: z.unknown().optional(),
  origin: Origin.optional(),
};
/** The head of a document; what is in `steps` is read node by node. */
export const DocumentHead = z.strictObject({
  $schema: z.string().max(2000).optional(),
  name: Name,
  description: z.string().max(4000).default(''),
  disabled: z.boolean().default(false),
  /** What it is written for: with `linux`, conditions that only Windows can answer are refused. */
  platform: z.enum(sequencePlatforms).optional(),
  options: z.strictObject({}).default({}),
  origin: Origin.optional(),
  steps: z.array(z.unknown()).min(1, 'a task sequence has at least one step'),
});
/** A group without its steps. */
export const GroupHead = z.strictObject({ group: Name, ...common, steps: z.array(z.unknown()) });
/** A step; its params are read by its type. */
export const StepHead = z.strictObject({
  step: Name,
  type: z.string().min(1).max(100),
  ...common,
  /** Retry this step if the computer unexpectedly restarts; else as its type says. */
  retryIfInterrupted: z.union([z.boolean(), z.int().min(1).max(5)]).optional(),
  params: z.record(z.string(), z.unknown()).default({}),
  /** Only in a pinned document, of a `run-sequence` step. */
  child: z
    .strictObject({
      id: SequenceId,
      name: Name,
      version: z.int().positive(),
      steps: z.array(z.unknown()),
    })
    .optional(),
});

/** The child that was put into a pinned document. */
export type ChildDocument = NonNullable<z.output<typeof StepHead>['child']>;
