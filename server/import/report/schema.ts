import { z } from 'zod';
import { RunError } from '#agent/protocol/run-event.ts';
import { ShareReport } from './share-schema.ts';

/** Something that only a person can put right or must know of. */
const Need = z.object({
  kind: z.enum(['secret', 'reference', 'setting', 'condition', 'script']),
  message: z.string(),
  hint: z.string().optional(),
});

const how = ['typed', 'equivalent', 'built-in', 'command-line', 'unsupported'] as const;

/** A group or step of the source, and what it became. In the order of the source. */
export const NodeReport = z.object({
  /** Where it stands in the document: `steps[0].steps[2]`. */
  path: z.string(),
  kind: z.enum(['group', 'step']),
  depth: z.int().nonnegative(),
  name: z.string(),
  /** Class of the step, or its script; empty for groups. */
  sourceType: z.string(),
  /** How it is done here; null for groups. */
  how: z.enum(how).nullable(),
  /** Why, for all but `typed`; empty where there is none. */
  reason: z.string(),
  /** Types of the steps that it became. */
  became: z.array(z.string()),
  /** Disabled in its file. */
  disabled: z.boolean(),
  /** Expressions of its condition, and how many of them say the same here. */
  expressions: z.int().nonnegative(),
  mappedExpressions: z.int().nonnegative(),
  needs: z.array(Need),
});
export type NodeReport = z.output<typeof NodeReport>;

/** How much there is, and how it was mapped. Steps alone: groups are counted for themselves. */
export const ImportCounts = z.object({
  groups: z.int(),
  steps: z.int(),
  how: z.object({
    typed: z.int(),
    equivalent: z.int(),
    'built-in': z.int(),
    'command-line': z.int(),
    unsupported: z.int(),
  }),
  /** Groups and steps with a condition; the expressions in them, and those that say the same here. */
  conditions: z.int(),
  expressions: z.int(),
  mappedExpressions: z.int(),
  comments: z.int(),
});
export type ImportCounts = z.output<typeof ImportCounts>;

/** An object of the other site that the sequence refers to. */
const ReferenceReport = z.object({
  sourceId: z.string(),
  kind: z.enum([
    'os-image',
    'os-upgrade-package',
    'boot-image',
    'package',
    'driver-package',
    'application',
    'sequence',
  ]),
  /** What it is called in the document. */
  name: z.string(),
  /** Whether that is its own name, or only its id. */
  isNamed: z.boolean(),
  /** A task sequence of this very import. */
  isHere: z.boolean(),
  /** Where the export has its files, in the folder beside it; empty where it has none. */
  contentFolder: z.string(),
  /** Names of the steps that use it. */
  usedBy: z.array(z.string()),
});
export type ReferenceReport = z.output<typeof ReferenceReport>;

/** A script or command line that calls Microsoft.SMS.TSEnvironment. */
const ScriptReport = z.object({ path: z.string(), name: z.string() });

/** Whether the document is the same after it was exported and imported again. */
const RoundTrip = z.object({
  same: z.boolean(),
  /** The first difference; empty where there is none. */
  message: z.string(),
});

/** How it ends on a machine that is made up for it. */
const SimulationResult = z.object({
  device: z.string(),
  facts: z.array(z.string()),
  succeeded: z.boolean(),
  code: z.int(),
  error: RunError.nullable(),
  /** The step that ended it; empty where it succeeded. */
  failedAt: z.string(),
  runs: z.int(),
  skipped: z.int(),
  restarts: z.int(),
  /** What was taken for granted. */
  notes: z.array(z.string()),
});
export type SimulationResult = z.output<typeof SimulationResult>;

export const SequenceReport = z.object({
  name: z.string(),
  /** Where it was read: `file.zip: SMS_TaskSequencePackage/ABC00012/object.xml`. */
  from: z.string(),
  format: z.enum(['configmgr', 'mdt']),
  sourceId: z.string().nullable(),
  /** Other properties of the object around it. */
  properties: z.record(z.string(), z.string()),
  counts: ImportCounts,
  nodes: z.array(NodeReport),
  references: z.array(ReferenceReport),
  /** Needs of the sequence as a whole. */
  needs: z.array(Need),
  tsEnvironment: z.array(ScriptReport),
  roundTrip: RoundTrip,
  simulation: SimulationResult,
});
export type SequenceReport = z.output<typeof SequenceReport>;

/** A file, or a part of one, that could not be read. */
export const ImportFailure = z.object({
  from: z.string(),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  position: z.object({ line: z.int(), column: z.int() }).optional(),
});
export type ImportFailure = z.output<typeof ImportFailure>;

/** What an import did, or would do: as JSON it is this. No secret value is in it. */
export const ImportReport = z.object({
  format: z.literal('metalwright-import-report'),
  version: z.literal(1),
  counts: ImportCounts.extend({
    sequences: z.int(),
    roundTrips: z.int(),
    simulated: z.int(),
    failures: z.int(),
  }),
  sequences: z.array(SequenceReport),
  failures: z.array(ImportFailure),
  /** Files of a folder that are no task sequences: they were left alone. */
  skipped: z.array(z.string()),
  /** Where a whole deployment share was read. */
  share: ShareReport.optional(),
});
export type ImportReport = z.output<typeof ImportReport>;
