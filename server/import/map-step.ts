import type { ReferenceKind } from '#agent/sequence/step.ts';
import type { StepReader } from './step-reader.ts';

/**
 * How a step of another system is done here. `typed`: by the step of that name. `equivalent`: by other
 * steps that do the same. `built-in`: by the agent itself, without a step; it is kept disabled, for the
 * order of things. `command-line`: its command is run as it stands. `unsupported`: by nothing here; it is
 * kept disabled, and a person must look at it.
 */
export type HowMapped = 'typed' | 'equivalent' | 'built-in' | 'command-line' | 'unsupported';

/** A step or group of a document, as it is written; a group has `group` and `steps`. */
export type DocumentNode = Readonly<Record<string, unknown>>;

/** One action that a source step becomes. */
export interface MappedAction {
  /** Name of the step; without it that of the source. */
  readonly name?: string;
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Beside that of the source, which stands around all of its actions. */
  readonly condition?: unknown;
  readonly continueOnError?: boolean;
  readonly retryIfInterrupted?: boolean | number;
}

/** What a source step became. Several actions are put into a group with its name, options and condition. */
export interface MappedStep {
  readonly how: HowMapped;
  readonly actions: readonly [MappedAction, ...MappedAction[]];
  /** Why, for all but `typed`: one sentence that a person understands. */
  readonly reason?: string;
  /** What the step does, where its source has no description of its own. */
  readonly description?: string;
}

/** Makes the steps of one source step; reads it by `reader` alone, which knows what was not read. */
export type MapStep = (reader: StepReader) => MappedStep;

/** Something that only a person can put right or must know of. */
export interface ImportNeed {
  readonly kind: /** A password or other secret that the file does not have, or that was taken out of it. */
    | 'secret'
    /** An image, package or application that must be chosen or brought. */
    | 'reference'
    /** A setting that was not taken over, or not wholly. */
    | 'setting'
    /** A condition that nothing here can answer. */
    | 'condition'
    /** A script that calls Microsoft.SMS.TSEnvironment, or other things of the system it came from. */
    | 'script';
  readonly message: string;
  readonly hint?: string;
}

/** A reference to an object of the other site. */
export interface ImportReference {
  /** `CHQ00025`, `{guid}`, `ScopeId_…/Application_…`. */
  readonly sourceId: string;
  readonly kind: ReferenceKind | 'sequence';
  /** The name it is referred to by in the document. */
  readonly name: string;
  /** Whether that name is the object's own, or only its id. */
  readonly isNamed: boolean;
}
