import { z } from 'zod';
import { RunId } from './identity.ts';

/** Where a machine starts next: the server's PXE decision obeys the last one of a run. */
export const NextBoot = z.enum(['pe', 'disk']);
export type NextBoot = z.infer<typeof NextBoot>;

/** An error as it travels: stable dotted code, what was seen, what to do. */
export const RunError = z.strictObject({
  code: z.string().max(80),
  message: z.string().max(4000),
  hint: z.string().max(1000).optional(),
});
export type RunError = z.infer<typeof RunError>;

/**
 * A change of one variable; an empty value deletes it. A plain value has at most 4,000 characters; that
 * of a secret is sealed in an event (driver/run-secrets.ts) and takes more. `withheld`: there is a secret
 * value, which whoever granted the run keeps and gives to one step at a time; here it is empty.
 */
export const VariableChange = z.strictObject({
  name: z.string().max(256),
  value: z.string().max(24_000),
  secret: z.boolean().default(false),
  withheld: z.literal(true).optional(),
});
export type VariableChange = z.infer<typeof VariableChange>;

/** Id of a step or group: its path in the pinned document, `0/2/1`. */
export const StepId = z
  .string()
  .regex(/^\d+(\/\d+)*$/)
  .brand<'StepId'>();
export type StepId = z.infer<typeof StepId>;

/** A disk as people and a later attempt know it again. */
export const ChosenDisk = z.strictObject({
  number: z.int().nonnegative(),
  /** World wide name, else model and serial, else where it is plugged in. */
  id: z.string().max(500),
  model: z.string().max(300),
  serial: z.string().max(300),
  sizeBytes: z.int().nonnegative(),
  bus: z.string().max(20),
});
export type ChosenDisk = z.infer<typeof ChosenDisk>;

const stepped = { stepId: StepId, name: z.string().max(300), attempt: z.int().positive() };

/**
 * What happened in a run, in the words of the engine. The journal is a list of these; folding them
 * with `reduce` gives the state, so a replay never asks twice. `atMs` is the server's time as the
 * agent knows it, for people to read; nothing is decided by it.
 */
export const RunFact = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('run-started'),
    documentSha256: z.string(),
    agentVersion: z.string().max(100),
    /** Identity that the journal belongs to: a cloned disk carries another machine's. */
    machineKey: z.string().max(300),
    variables: z.array(VariableChange),
    environment: z.string().max(20),
  }),
  z.strictObject({
    kind: z.literal('condition-answered'),
    stepId: StepId,
    verdict: z.boolean(),
    detail: z.string().max(2000),
  }),
  z.strictObject({
    kind: z.literal('step-skipped'),
    stepId: StepId,
    name: z.string().max(300),
    reason: z.enum(['disabled', 'condition']),
  }),
  z.strictObject({ kind: z.literal('group-entered'), stepId: StepId, name: z.string().max(300) }),
  z.strictObject({
    kind: z.literal('group-left'),
    stepId: StepId,
    name: z.string().max(300),
    succeeded: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('step-started'), ...stepped }),
  z.strictObject({
    kind: z.literal('step-finished'),
    ...stepped,
    /** Exit code of the action; HRESULTs as unsigned decimals. */
    code: z.int(),
    succeeded: z.boolean(),
    error: RunError.optional(),
    variables: z.array(VariableChange),
    restart: NextBoot.optional(),
    restartDelayMs: z.int().nonnegative().optional(),
    durationMs: z.int().nonnegative(),
  }),
  /** The disk that a started step is about to erase: told before the first write. */
  z.strictObject({ kind: z.literal('disk-chosen'), ...stepped, disk: ChosenDisk }),
  /** A started step found unfinished after a restart: it is run again, or the run ends. */
  z.strictObject({ kind: z.literal('step-interrupted'), ...stepped, again: z.boolean() }),
  z.strictObject({
    kind: z.literal('restart-requested'),
    next: NextBoot,
    delayMs: z.int().nonnegative(),
  }),
  /** There is nothing the machine could come back to: the run fails, whatever its error options say. */
  z.strictObject({ kind: z.literal('restart-refused'), next: NextBoot, error: RunError }),
  z.strictObject({
    kind: z.literal('resumed'),
    environment: z.string().max(20),
    from: z.enum(['journal', 'server']),
  }),
  z.strictObject({
    kind: z.literal('run-finished'),
    succeeded: z.boolean(),
    code: z.int(),
    error: RunError.optional(),
    next: NextBoot,
  }),
]);
export type RunFact = z.infer<typeof RunFact>;

/** One record of the journal and one message to the server, keyed by (runId, seq); seq counts from 1. */
export const RunEvent = z.strictObject({
  runId: RunId,
  seq: z.int().positive(),
  atMs: z.int().nonnegative(),
  fact: RunFact,
});
export type RunEvent = z.infer<typeof RunEvent>;

/** POST events: the agent sends from what the server has, and is answered what it has now. */
export const EventBatch = z.strictObject({ events: z.array(RunEvent).min(1).max(500) });
export type EventBatch = z.infer<typeof EventBatch>;
export const EventAck = z.object({ have: z.int().nonnegative() });
export type EventAck = z.infer<typeof EventAck>;

/** Latest wins, never journalled: how far the running step is. Rates in bytes a second. */
export const Progress = z.strictObject({
  stepId: StepId.nullable(),
  /** Step `index` of `total`, as people count them: enabled steps, no groups. */
  index: z.int().nonnegative(),
  total: z.int().nonnegative(),
  title: z.string().max(300),
  detail: z.string().max(300).optional(),
  doneBytes: z.int().nonnegative().optional(),
  totalBytes: z.int().nonnegative().optional(),
  bytesPerSecond: z.number().nonnegative().optional(),
  remainingMs: z.int().nonnegative().optional(),
});
export type Progress = z.infer<typeof Progress>;

/** A numbered slice of the run's log: UTF-8 text in CMTrace form, `offset` in bytes of the whole log. */
export const LogChunk = z.strictObject({
  offset: z.int().nonnegative(),
  text: z.string().max(256 * 1024),
});
export type LogChunk = z.infer<typeof LogChunk>;
/** The server answers up to where it has the log; a chunk that is not at that offset is dropped. */
export const LogAck = z.object({ have: z.int().nonnegative() });
export type LogAck = z.infer<typeof LogAck>;
