import type { z } from 'zod';
import type { ContentManifest, ContentObject } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import type { ChosenDisk, NextBoot } from '#agent/protocol/run-event.ts';
import type {
  Capability,
  FileSystem,
  PartitionType,
  Platform,
  StepProgress,
  VerifiedObject,
} from './platform.ts';
import { StepError } from './step-error.ts';
import type { StepVariables } from './step-variables.ts';

export type { StepProgress };
export { StepError };

/** What the granted content gives a step. */
export interface ContentAccess {
  /** The manifest pinned for this run. @throws {StepError} `content.missing` */
  manifest(packageId: PackageId): ContentManifest;
  /**
   * Asks for a byte of a package, before anything is done with it (M26). Undefined when it can be had, else
   * why not; absent where content comes with the run.
   */
  whyUnreachable?(packageId: PackageId, signal: AbortSignal): Promise<string | undefined>;
  /** Opens one object for verified reading. @throws {StepError} `content.missing` */
  open(packageId: PackageId, path?: string): Promise<VerifiedObject>;
  /**
   * All objects of a package as files in a folder of this machine, each fetched and verified once for
   * the whole run. Returns its path. With `lasting` it stays until the end of the run, also where packages are
   * not kept for the steps that follow. @throws {StepError} `content.missing`, `content.no-space`, `content.*`
   */
  folder(packageId: PackageId, signal: AbortSignal, lasting?: boolean): Promise<string>;
  /** A step begins. @param key asks for the key of a secret package, as long as the step runs */
  stepStarted?(key: (packageId: PackageId, signal: AbortSignal) => Promise<Uint8Array>): void;
  /** A step is over: what was fetched for it alone is taken away. */
  stepEnded?(): Promise<void>;
  /**
   * Puts packages into the cache of the client, before the first step (M27); absent where there is no such
   * cache. @throws {StepError} `content.cache-too-small`, as `folder`
   */
  downloadAll?(
    packageIds: readonly PackageId[],
    onPackage: (manifest: ContentManifest) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * All objects of a package as files in `<parent>/<package id>`, which outlives the run: fetched beside it, verified,
   * flushed and renamed. What is there and whole is not fetched again. Returns its path. @throws {StepError} as `folder`
   */
  keep(packageId: PackageId, parent: string, signal: AbortSignal): Promise<string>;
  /** Folder of the installed system for what `keep` is to have there: `C:\\Windows\\ccmcache`; absent in PE. */
  readonly clientCache?: string;
  /** All driver packages that the server had when the run was granted; absent without a server. */
  driverPackages?(): readonly PackageId[];
  /** Applications and packages with programs that a list in variables may name; absent without a server. */
  software?(): readonly PackageId[];
  /**
   * Some objects of a package, known by its index of drivers, as files in a folder of their own. Returns its
   * path. @throws {StepError} as `folder`
   */
  part?(
    packageId: PackageId,
    objects: readonly ContentObject[],
    signal: AbortSignal,
  ): Promise<string>;
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
  /** Variables as the step sees and sets them; what it sets stays, also when it fails. */
  readonly variables: StepVariables;
  /** The environment of a child process: the variables but for secrets, and how a script reaches them all. */
  environment(): Readonly<Record<string, string>>;
  log(message: string): void;
  /**
   * Tells which disk is about to be erased, before the first write: it is in the journal and on the server
   * when this returns. @throws {StepError} `disk.changed` where an earlier attempt of this step chose another
   */
  claimDisk?(disk: ChosenDisk): Promise<void>;
  /** Hands the site an image that the step has captured; absent where there is no server. */
  readonly handOverImage?: HandOverImage;
  /** Name of this step in this run, in letters, digits and dashes: for files that an attempt leaves to the next. */
  readonly runKey?: string;
  /** Counted from 1: a higher one stands behind attempts that were cut off, or asked to be made again. */
  readonly attempt?: number;
  /** Volumes that earlier steps will make, in the checks before the first step only. */
  readonly planned?: PlannedVolume[];
  readonly signal: AbortSignal;
}

/**
 * Makes a WIM an OS image of the site: a new one of that name, or a new version of one that was captured before. Goes on
 * where an attempt before was cut off. @throws {StepError} `capture.*`, `content.*`, `wim.*`, as the server refuses it
 */
export type HandOverImage = (
  image: {
    /** As this agent opens it. */
    readonly file: string;
    readonly name: string;
  },
  signal: AbortSignal,
) => AsyncGenerator<StepProgress, { readonly packageId: PackageId; readonly version: number }>;

export interface StepResult {
  /** Exit code; 0 when the step has none of its own. */
  readonly code?: number;
  /** Restart after this step has finished; the run goes on at the next step. */
  readonly restart?: NextBoot;
  /** Notice before it; without it, as long as SMSTSRebootDelay says. */
  readonly restartDelayMs?: number;
}

/**
 * Settings of a step as variables (reference: variables, kinds, *action*). They are in the environment
 * while the step runs and removed after it. One that the sequence set beforehand overrides the step's
 * own setting and stays. An array is one variable for each member, `OSDPartitions0Size`.
 */
export interface ActionVariables {
  /** The settings as variables; what is not set has none. Called before `params` is parsed. */
  toVariables(params: Readonly<Record<string, unknown>>): Readonly<Record<string, string>>;
  /** The settings, those replaced for which `preset` has a value. */
  override(
    params: Readonly<Record<string, unknown>>,
    preset: (name: string) => string | undefined,
  ): Readonly<Record<string, unknown>>;
}

/** Categories of the editor's Add menu, in its order. */
export const stepMenus = {
  general: 'General',
  software: 'Software',
  disks: 'Disks',
  'user-state': 'User State',
  images: 'Images',
  drivers: 'Drivers',
  settings: 'Settings',
} as const;
type StepMenu = keyof typeof stepMenus;

/** What a param refers to. */
export type ReferenceKind =
  | 'os-image'
  | 'os-upgrade-package'
  | 'boot-image'
  | 'package'
  | 'driver-package'
  | 'application';

/** The contract of a step: one file each in agent/steps. */
export interface StepDefinition<Params = unknown> {
  /** File name without ending: `apply-image`. */
  readonly type: string;
  /** Configuration Manager's name: `Apply Operating System Image`. */
  readonly title: string;
  readonly menu: StepMenu;
  /** What the step does, in a sentence or two: for the Add menu, the schema and the documentation. */
  readonly help: string;
  /**
   * Whether this version has the action. A step of `later` is written, checked, simulated, imported and
   * exported like any other; a run that comes to it is refused with `step.later`.
   */
  readonly action: 'now' | 'later';
  readonly needs: readonly Capability[];
  /** Where it may run: refused elsewhere before it starts, `step.environment`. */
  readonly runsIn: readonly Environment[];
  readonly params: z.ZodType<Params>;
  /** Whether an interrupted attempt may be run again from its beginning. */
  readonly repeatable: boolean;
  /** Whether it destroys data: its `started` must be kept off the machine or on media before it acts. */
  readonly destructive: boolean;
  /** The run cannot go on without it: *continue on error* is refused in a document, `step.continue-on-error`. */
  readonly mustSucceed?: boolean;
  /**
   * Where params hold a `ContentReference`, and of what: `image`, `answerFile.package`, `packages[]` for
   * each of a list. The server puts the ids in when it grants a run.
   */
  readonly referenceParams?: Readonly<Record<string, ReferenceKind>>;
  /**
   * Names of params that stay as they are in the document. The step puts variables in itself, when it
   * comes to them; or a `%` is no mark of one there, as in the text of a script.
   */
  readonly verbatimParams?: readonly string[];
  /** Settings that the field knows as variables: they are set while the step runs, and can be preset. */
  readonly actionVariables?: ActionVariables;
  /**
   * Settings of these params that the action of this version does not know, in the words of people. A run
   * that comes to such a step is refused with `step.later`, a simulation goes on.
   */
  laterSettings?(params: Params): readonly string[];
  /** Content that the params reference: checked before the first step. */
  references(params: Params): readonly PackageId[];
  /**
   * Checks made before the first step, on this machine and the pinned content: disk size,
   * architecture, free space. Throws what the run is to fail with; writes nothing.
   */
  check?(params: Params, context: StepContext): Promise<void>;
  /** `%Variable%` is already substituted in every string of `params` but the verbatim ones. @throws {StepError} */
  run(params: Params, context: StepContext): AsyncGenerator<StepProgress, StepResult>;
  /**
   * What the step would do, on a simulated machine, where `run` cannot show it: the variables that it
   * sets, the restart that it asks for. Without it `run` itself is simulated.
   */
  simulate?(params: Params, context: StepContext): AsyncGenerator<StepProgress, StepResult>;
}

/** Keeps the params type of a step's parts together; changes nothing at run time. */
export function defineStep<Schema extends z.ZodType>(
  definition: Omit<StepDefinition<z.output<Schema>>, 'params'> & { readonly params: Schema },
): StepDefinition<z.output<Schema>> {
  return definition as unknown as StepDefinition<z.output<Schema>>;
}

/** ERROR_NOT_SUPPORTED, as an HRESULT. */
const NOT_SUPPORTED = 0x80070032;

/** @throws {StepError} `step.later`, where the params have a setting that this version's action does not know */
export function assertActs<Params>(
  { title, laterSettings }: Pick<StepDefinition<Params>, 'title' | 'laterSettings'>,
  params: Params,
): void {
  const later = laterSettings?.(params) ?? [];
  if (later.length === 0) return;
  throw new StepError('step.later', `"${title}" cannot do this yet: ${later.join('; ')}`, {
    hint: 'Take the setting out, or disable the step.',
    exitCode: NOT_SUPPORTED,
  });
}

/**
 * A step whose settings are known and whose action this version does not have: a run that comes to it is
 * refused. In a simulation it succeeds, and does what `simulate` says.
 */
export function defineLaterStep<Schema extends z.ZodType>(
  definition: Omit<
    StepDefinition<z.output<Schema>>,
    'params' | 'action' | 'check' | 'run' | 'destructive'
  > & { readonly params: Schema; readonly destructive?: boolean },
): StepDefinition<z.output<Schema>> {
  const { title } = definition;
  const refuse = (): never => {
    throw new StepError('step.later', `This version cannot run a "${title}" step yet`, {
      hint: 'Disable the step, or do its work with a Run Command Line step.',
      exitCode: NOT_SUPPORTED,
    });
  };
  return defineStep<Schema>({
    // oxlint-disable-next-line require-yield
    async *simulate() {
      return {};
    },
    destructive: false,
    ...definition,
    action: 'later',
    check: async () => refuse(),
    // oxlint-disable-next-line require-yield
    async *run() {
      return refuse();
    },
  });
}
