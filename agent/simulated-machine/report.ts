import { z } from 'zod';
import { PackageId, SequenceId } from '#agent/protocol/identity.ts';
import { Environment } from '#agent/protocol/policy.ts';
import { NextBoot, RunError, StepId } from '#agent/protocol/run-event.ts';

/** A step or group of the sequence, and what becomes of it. In the order of the document, which is that of a run. */
export const SimulatedNode = z.object({
  id: StepId,
  name: z.string(),
  /** `child`: a Run Task Sequence step with its child in it. */
  kind: z.enum(['group', 'child', 'step']),
  /** Groups and children around it. */
  depth: z.int().nonnegative(),
  /** `run-command` and `Run Command Line`; empty for groups. */
  type: z.string(),
  title: z.string(),
  /** The child's name and version, where it is one. */
  child: z.object({ id: SequenceId, name: z.string(), version: z.int() }).nullable(),
  /** The last two: the run never came to it, not even to its condition. */
  outcome: z.enum(['runs', 'fails', 'skipped', 'in-skipped-group', 'not-reached']),
  /** Why it is skipped or not reached; empty where it runs. */
  reason: z.string(),
  /** What its condition was and why; null where it has none or was not reached. */
  condition: z
    .object({ verdict: z.boolean(), detail: z.string(), answered: z.boolean() })
    .nullable(),
  /** Where it runs; null for groups and what does not run. */
  environment: Environment.nullable(),
  /** Its command line or main settings, variables put in and secrets hidden. */
  setting: z.string(),
  /** Variables it would set; an empty value deletes, and that of a secret is hidden. */
  variables: z.array(
    z.object({
      name: z.string(),
      value: z.string(),
      secret: z.boolean(),
      /** Whether it had another value before, without case. */
      changed: z.boolean(),
    }),
  ),
  /** `%Name%` in it that have no value. */
  unknownVariables: z.array(z.string()),
  /** How it ends: exit code, and what went wrong. */
  code: z.int().nullable(),
  error: RunError.nullable(),
  /** Name of what continues on its error: itself or a group around it; null where nothing does. */
  toleratedBy: z.string().nullable(),
  /** How often it was begun: more than once where it asked to be run again. */
  attempts: z.int().nonnegative(),
  /** The restart after it. */
  restart: z
    .object({
      next: NextBoot,
      delayMs: z.int(),
      /** Where the machine came up; null where it did not. */
      environment: Environment.nullable(),
      /** Why there is none, which ends the run. */
      refused: RunError.nullable(),
    })
    .nullable(),
  /** Steps in a group, at any depth; 0 for a step. */
  steps: z.int().nonnegative(),
});
export type SimulatedNode = z.infer<typeof SimulatedNode>;

/** Content that enabled steps reference, and what follows where there is none (reference: conditions, 3a). */
const SimulatedContent = z.object({
  packageId: PackageId.nullable(),
  name: z.string(),
  state: z.enum(['known', 'assumed', 'missing']),
  version: z.int().nullable(),
  sizeBytes: z.int().nullable(),
  /** The steps that reference it. */
  steps: z.array(z.object({ id: StepId, name: z.string(), runs: z.boolean() })),
  /** What follows from its missing, for both purposes of a deployment; empty where it is there. */
  follows: z.string(),
});
export type SimulatedContent = z.infer<typeof SimulatedContent>;

/** What a run of a task sequence on a device would do. No secret value is in it. */
export const SimulationReport = z.object({
  sequence: z.string(),
  device: z.object({
    name: z.string(),
    /** Make, model, architecture, firmware, PE. */
    facts: z.array(z.string()),
  }),
  /** What to know of the simulation itself: what was taken for granted. */
  notes: z.array(z.string()),
  /** What the checks before the first step found; the run does not begin with a fatal one. */
  findings: z.array(
    z.object({ stepId: StepId, name: z.string(), error: RunError, fatal: z.boolean() }),
  ),
  nodes: z.array(SimulatedNode),
  content: z.array(SimulatedContent),
  counts: z.object({
    runs: z.int(),
    fails: z.int(),
    tolerated: z.int(),
    /** By their own conditions, or disabled; those in groups that are skipped count for themselves. */
    skipped: z.int(),
    inSkippedGroups: z.int(),
    notReached: z.int(),
    restarts: z.int(),
  }),
  result: z.object({
    succeeded: z.boolean(),
    code: z.int(),
    error: RunError.nullable(),
    /** The step that ended it; null where it succeeded, or ended before its first step. */
    failedAt: z.object({ id: StepId, name: z.string() }).nullable(),
  }),
});
export type SimulationReport = z.infer<typeof SimulationReport>;
