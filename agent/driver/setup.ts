import type { JournalPlaces } from '../journal/places.ts';
import type { Journal } from '../journal.ts';
import type { RunGrant } from '../protocol/policy.ts';
import type { Progress, RunError, VariableChange } from '../protocol/run-event.ts';
import type { Platform } from '../sequence/platform.ts';
import type { ContentAccess, HandOverImage } from '../sequence/step.ts';
import type { StepRegistry, TaskSequence } from '../sequence/task-sequence.ts';
import type { Variables } from '../sequence/variables.ts';
import type { ServerClock } from './clock.ts';
import type { Outbox } from './outbox.ts';
import type { ServeVariables } from './run-step.ts';
import type { ReleaseSecrets } from './site-accounts.ts';

/** One run on one machine, from here to its end or its next restart. */
export interface RunSetup {
  readonly grant: RunGrant;
  readonly sequence: TaskSequence;
  readonly registry: StepRegistry;
  readonly journal: Journal;
  /** Where the events up to now came from. */
  readonly from: 'journal' | 'server';
  readonly journals: JournalPlaces;
  readonly outbox: Outbox;
  readonly platform: Platform;
  readonly content: ContentAccess;
  readonly clock: ServerClock;
  readonly agentVersion: string;
  readonly machineKey: string;
  /** Variables that the agent itself knows: make, model, firmware, the run's name. */
  readonly builtInVariables: readonly VariableChange[];
  /** What media and their prestart command say, over the variables of the grant. */
  readonly mediaVariables?: readonly VariableChange[];
  readonly observer: RunObserver;
  /** Where the log lies now, for `_SMSTSLogPath`; it moves to a disk when there is one. */
  readonly logFolder?: () => Promise<string>;
  /** Asks the server again what content there is: the grant of a run that waits for some is kept up. */
  readonly lookAgain: (signal: AbortSignal) => Promise<void>;
  /** Asks the server for what a step needs in secret, while it runs; absent without a server. */
  readonly releaseSecrets?: ReleaseSecrets;
  /** Hands images that a step captures to the server; absent without one. @param step its path in the document */
  readonly handOverImage?: (step: string) => HandOverImage;
  /** Finds in a text what the run was given before the machine restarted. */
  readonly findGiven?: (text: string) => Iterable<string>;
  /** Lets scripts reach the variables; without it they have the environment alone. */
  readonly serveVariables?: ServeVariables;
}

/** Who is told how the run goes: the screen, the log, the server's progress view. */
export interface RunObserver {
  /** @param variables those of the run: some say how it is to be shown */
  progress(progress: Progress, variables: Variables): void;
  /** Why nothing moves just now, or undefined when it moves again. */
  waiting(reason: string | undefined): void;
  log(message: string, component?: string): void;
  warn(message: string, component?: string): void;
  /** Before the machine restarts: what was logged is to reach the server. */
  beforeRestart(): Promise<void>;
}

/** How a run ended. */
export interface RunResult {
  readonly succeeded: boolean;
  readonly error: RunError | undefined;
  /** Variables of the run at its end, secrets among them: for what is shown and done after it. */
  readonly variables: Variables;
}
