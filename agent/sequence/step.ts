import type { z } from 'zod';
import type { ContentManifest } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import type { NextBoot } from '#agent/protocol/run-event.ts';
import type {
  Capability,
  FileSystem,
  PartitionType,
  Platform,
  StepProgress,
  VerifiedObject,
} from './platform.ts';

/** An expected failure of a step. `code` is stable and dotted; `exitCode` is what `_SMSTSLastActionRetCode` shows. */
export class StepError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
  constructor(
    code: string,
    message: string,
    options: { hint?: string; exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'StepError';
    this.code = code;
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 0x80004005;
  }
}

/** What the granted content gives a step. */
export interface ContentAccess {
  /** The manifest pinned for this run. @throws {StepError} `content.missing` */
  manifest(packageId: PackageId): ContentManifest;
  /** Opens one object for verified reading. @throws {StepError} `content.missing` */
  open(packageId: PackageId, path?: string): Promise<VerifiedObject>;
}

/** A volume that does not exist yet: a check of `format-disk` leaves it for the check of a later step. */
export interface PlannedVolume {
  readonly diskNumber: number;
  readonly partitionNumber: number;
  readonly type: PartitionType;
  readonly sizeBytes: number;
  readonly fileSystem: FileSystem | null;
  /** Variable that will name it. */
  readonly variable: string | undefined;
}

export interface StepContext {
  readonly platform: Platform;
  readonly content: ContentAccess;
  /** Current value of a task sequence variable, without case; undefined when it has none. */
  readonly variable: (name: string) => string | undefined;
  /** Variables as a child process gets them: no secrets. */
  readonly environment: Readonly<Record<string, string>>;
  log(message: string): void;
  /** Volumes that earlier steps will make, in the checks before the first step only. */
  readonly planned?: PlannedVolume[];
  readonly signal: AbortSignal;
}

export interface StepResult {
  /** Exit code; 0 when the step has none of its own. */
  readonly code?: number;
  /** Set afterwards; an empty value deletes. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Names in `variables` whose values are secret. */
  readonly secrets?: readonly string[];
  /** Restart after this step has finished; the run goes on at the next step. */
  readonly restart?: NextBoot;
  readonly restartDelayMs?: number;
}

/** The contract of a step: one file each in agent/steps. */
export interface StepDefinition<Params = unknown> {
  /** File name without ending: `apply-image`. */
  readonly type: string;
  /** Configuration Manager's name: `Apply Operating System Image`. */
  readonly title: string;
  readonly needs: readonly Capability[];
  /** Where it may run: refused elsewhere before it starts, `step.environment`. */
  readonly runsIn: readonly Environment[];
  readonly params: z.ZodType<Params>;
  /** Whether an interrupted attempt may be run again from its beginning. */
  readonly repeatable: boolean;
  /** Whether it destroys data: its `started` must be kept off the machine or on media before it acts. */
  readonly destructive: boolean;
  /** Names of params that hold a `ContentReference`; the server puts the ids in when it grants a run. */
  readonly referenceParams?: readonly string[];
  /** Content that the params reference: checked before the first step. */
  references(params: Params): readonly PackageId[];
  /**
   * Checks made before the first step, on this machine and the pinned content: disk size,
   * architecture, free space. Throws what the run is to fail with; writes nothing.
   */
  check?(params: Params, context: StepContext): Promise<void>;
  /** `%Variable%` is already substituted in every string of `params`. @throws {StepError} */
  run(params: Params, context: StepContext): AsyncGenerator<StepProgress, StepResult>;
}

/** Keeps the params type of a step's parts together; changes nothing at run time. */
export function defineStep<Schema extends z.ZodType>(
  definition: Omit<StepDefinition<z.output<Schema>>, 'params'> & { readonly params: Schema },
): StepDefinition<z.output<Schema>> {
  return definition as unknown as StepDefinition<z.output<Schema>>;
}
