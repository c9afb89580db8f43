import { z } from 'zod';
import { SequenceId } from '#agent/protocol/identity.ts';
import { sequencePlatforms } from './condition/platform.ts';
import { ContentReference } from './references.ts';

/**
 * What a node was in the system that it was imported from, as far as nothing here says it: kept as it
 * stood, for people and for a later import. It has no effect on a run.
 */
export const Origin = z.strictObject({
  format: z.enum(['configmgr', 'mdt']).meta({ title: 'Format' }),
  type: z.string().max(300).optional().meta({
    title: 'Type',
    description:
      'The class of the step, SMS_TaskSequence_RunCommandLineAction; none for a script step of MDT.',
  }),
  action: z.string().max(40_000).optional().meta({ title: 'Action' }),
  attributes: z
    .record(z.string().max(300), z.string().max(40_000))
    .optional()
    .meta({ title: 'Attributes' }),
  variables: z
    .record(z.string().max(300), z.string().max(300_000))
    .optional()
    .meta({ title: 'Variables' }),
  condition: z.string().max(300_000).optional().meta({
    title: 'Condition',
    description: 'Its condition, or the parts of it that have no counterpart, as XML.',
  }),
  unknown: z.array(z.string().max(300_000)).max(100).optional().meta({
    title: 'Unknown',
    description: 'Elements and text in it that have no meaning known here, as XML.',
  }),
});
export type Origin = z.output<typeof Origin>;

const Name = z.string().trim().min(1).max(256);
const description = z
  .string()
  .max(4000)
  .default('')
  .meta({ title: 'Description', description: 'For people.' });
const origin = Origin.optional().meta({
  title: 'Origin',
  description: 'What it was in the system that it was imported from. No effect on a run.',
});
const common = {
  description,
  disabled: z
    .boolean()
    .default(false)
    .meta({ title: 'Disabled', description: 'Skipped with all that is in it, and not counted.' }),
  continueOnError: z
    .boolean()
    .default(false)
    .meta({ title: 'Continue on error', description: 'Its failure goes no further.' }),
  condition: z
    .unknown()
    .optional()
    .meta({ title: 'Condition', description: 'Where it is false this is skipped.' }),
  origin,
};
/** Maximum allowed run time, in minutes; 0 is none. */
export const MaxRunMinutes = z.int().min(0).max(7200);
/** Of a task sequence that says none. */
export const DEFAULT_MAX_RUN_MINUTES = 120;

/** The head of a document; what is in `steps` is read node by node. */
export const DocumentHead = z.strictObject({
  $schema: z
    .string()
    .max(2000)
    .optional()
    .meta({ title: 'Schema', description: 'File or address of this JSON Schema, for editors.' }),
  name: Name.meta({
    title: 'Name',
    description: 'Names the task sequence on the server: one that exists gets a new version.',
  }),
  description,
  disabled: z.boolean().default(false).meta({
    title: 'Disabled',
    description: 'It is offered to no machine, and a parent that runs it is not granted.',
  }),
  platform: z.enum(sequencePlatforms).optional().meta({
    title: 'Platform',
    description:
      'What it is written for: with linux, conditions that only Windows can answer are refused.',
  }),
  bootImage: ContentReference.optional().meta({
    title: 'Boot image',
    description:
      'The Windows PE that machines start this from, and that a restart to the PE goes to; always its newest version. Without it: as the server is set, Linux PE at first.',
  }),
  maxRunMinutes: MaxRunMinutes.optional().meta({
    title: 'Maximum allowed run time (minutes)',
    description:
      'What has to fit into a maintenance window for a required deployment of it to start; 120 where it is not said, 0: none. A deployment may say it otherwise. No run is stopped for it.',
  }),
  options: z
    .strictObject({})
    .default({})
    .meta({ title: 'Options', description: 'There are none yet.' }),
  origin,
  steps: z
    .array(z.unknown())
    .min(1, 'a task sequence has at least one step')
    .meta({ title: 'Steps', description: 'Groups and steps, run one after another.' }),
});
/** A group without its steps. */
export const GroupHead = z.strictObject({
  group: Name.meta({ title: 'Group', description: 'The name of a group of steps.' }),
  ...common,
  steps: z
    .array(z.unknown())
    .meta({ title: 'Steps', description: 'Groups and steps, run one after another.' }),
});
/** A step; its params are read by its type. */
export const StepHead = z.strictObject({
  step: Name.meta({ title: 'Step', description: 'The name of a step.' }),
  type: z
    .string()
    .min(1)
    .max(100)
    .meta({ title: 'Type', description: 'What the step does; decides which params it has.' }),
  ...common,
  retryIfInterrupted: z
    .union([z.boolean(), z.int().min(1).max(5)])
    .optional()
    .meta({
      title: 'Retry this step if the computer unexpectedly restarts',
      description: 'Or how often. Without it, as the type of the step says.',
    }),
  params: z
    .record(z.string(), z.unknown())
    .default({})
    .meta({ title: 'Params', description: 'The settings of the step.' }),
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
