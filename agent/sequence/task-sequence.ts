import type { SequenceId } from '#agent/protocol/identity.ts';
import type { StepId } from '#agent/protocol/run-event.ts';
import type { SequenceReference } from './child-sequence.ts';
import type { SequencePlatform } from './condition/platform.ts';
import type { Condition } from './condition.ts';
import type { Origin } from './document-heads.ts';
import type { ContentReference } from './references.ts';
import type { StepDefinition } from './step.ts';

/** The steps there are, by type. */
export type StepRegistry = Readonly<Record<string, StepDefinition>>;

/** A task sequence as read from a document, checked against the steps there are. */
export interface TaskSequence {
  readonly name: string;
  readonly description: string;
  /** Disabled: it is offered to no machine, and a run of it as a child is refused. */
  readonly disabled: boolean;
  /** What it is written for, if its document says so. */
  readonly platform?: SequencePlatform;
  /** The Windows PE that it is started from, if its document names one. A child has none. */
  readonly bootImage?: ContentReference;
  /** Maximum allowed run time, if its document says one; 0 is none. */
  readonly maxRunMinutes?: number;
  /** What it was imported from. */
  readonly origin?: Origin;
  readonly steps: readonly SequenceNode[];
  /** Steps that are enabled, in no disabled group; groups are not counted. */
  readonly stepCount: number;
}
export type SequenceNode = GroupNode | StepNode;

/** The task sequence that a Run Task Sequence step runs, as it was when the run was granted. */
interface ChildSequence {
  readonly reference: SequenceReference;
  readonly id: SequenceId;
  readonly name: string;
  readonly version: number;
}

interface NodeBase {
  /** Path in the document, `0/2/1`. */
  readonly id: StepId;
  readonly name: string;
  readonly description: string;
  readonly disabled: boolean;
  readonly continueOnError: boolean;
  readonly condition: Condition | undefined;
  /** What it was where it was imported from; no effect on a run. */
  readonly origin?: Origin;
}
/** A group, or a Run Task Sequence step with its child put in: for the engine it is a group. */
export interface GroupNode extends NodeBase {
  readonly kind: 'group';
  /** Which task sequence its steps are; undefined for a group that was written here. */
  readonly child: ChildSequence | undefined;
  readonly steps: readonly SequenceNode[];
}
export interface StepNode extends NodeBase {
  readonly kind: 'step';
  readonly type: string;
  /** As in the document: `%Name%` not put in, defaults not filled in. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Params that `%Name%` is not put into by the engine: as its type says. */
  readonly verbatimParams: readonly string[];
  /** As in the document: overrides `repeatable` of the step's definition. */
  readonly retryIfInterrupted: boolean | number | undefined;
  /** Attempts that interruptions may cost: 1 for a step that is never run again. */
  readonly maxAttempts: number;
  readonly destructive: boolean;
  /** The how-manieth enabled step it is, from 1; 0 when it is disabled or in a disabled group. */
  readonly position: number;
}
