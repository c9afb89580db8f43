import type { ContentManifest } from '#agent/protocol/content.ts';
import { RunId } from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import type { RunError, RunEvent, RunFact, VariableChange } from '#agent/protocol/run-event.ts';
import { assertSameDisk } from '#agent/sequence/chosen-disk.ts';
import type { Verdict } from '#agent/sequence/condition.ts';
import { answerCondition } from '#agent/sequence/condition-answer.ts';
import { type Ask, next } from '#agent/sequence/engine.ts';
import type { Platform } from '#agent/sequence/platform.ts';
import { restartRefusal } from '#agent/sequence/restart-refusal.ts';
import { initialState, type RunState, reduce } from '#agent/sequence/state.ts';
import type { ContentAccess, HandOverImage } from '#agent/sequence/step.ts';
import type { StepRegistry, TaskSequence } from '#agent/sequence/task-sequence.ts';
import { runStep, type StepOutcome } from '../driver/run-step.ts';
import { contentOf } from './content.ts';
import type { SimulatedMachine } from './machine.ts';
import { PowerCut, Restarted } from './power.ts';
import { SimulationError } from './simulation-error.ts';

const MAX_STARTS = 1000;
/** A document has 20,000 nodes at most, and a node that is reached once has four events at most. */
const MAX_EVENTS = 200_000;

type ConditionAsk = Ask & { readonly kind: 'condition' };
/** A step that is to be run. */
export type StepAsk = Ask & { readonly kind: 'step' };

/** Who looks on, and has a word in it. */
interface RunHooks {
  /** Before the first step: an error ends the run there. */
  readonly beforeStart?: (
    variables: RunState['variables'],
    machine: {
      readonly platform: Platform;
      readonly content: ContentAccess;
      readonly signal: AbortSignal;
    },
  ) => Promise<RunError | undefined>;
  /** A verdict in the place of the condition's own. */
  readonly answer?: (ask: ConditionAsk) => Verdict | undefined;
  /** The exit code of this step; where it runs programs, theirs. */
  readonly exitCode?: (ask: StepAsk) => number | undefined;
  readonly onStep?: (ask: StepAsk, environment: Environment) => void;
  readonly onEvent?: (event: RunEvent, state: RunState) => void;
}

export interface SimulatedRun extends RunHooks {
  readonly sequence: TaskSequence;
  readonly registry: StepRegistry;
  readonly machine: SimulatedMachine;
  readonly content?: readonly ContentManifest[];
  /** What is in files of these packages, by package and path. */
  readonly contentFiles?: Readonly<Record<string, Uint8Array>>;
  readonly variables?: readonly VariableChange[];
  /** The site, where a step hands over an image that it has captured. */
  readonly handOverImage?: HandOverImage;
  readonly log?: (message: string) => void;
  /** The power is cut right after the event with this seq was journalled. */
  readonly cutAfter?: (event: RunEvent) => boolean;
  /**
   * Whether each start of the machine knows only what the journal tells it. Without it a run of many
   * restarts takes no longer than its events.
   */
  readonly replay?: boolean;
  /** Whether programs are given the variables as their environment: by default they are. */
  readonly environment?: boolean;
}

/**
 * Runs a sequence on a simulated machine until it has ended, through every restart and power cut. Its
 * journal is in memory and durable with each record, as if the server had acknowledged it.
 * @returns the events and the state they fold into
 * @throws {SimulationError} `simulate.endless`
 */
export async function drive(
  run: SimulatedRun,
): Promise<{ readonly events: readonly RunEvent[]; readonly state: RunState }> {
  const journal = new RunJournal(run);
  const content = contentOf(run.content ?? [], run.contentFiles);
  for (let starts = 1; starts <= MAX_STARTS; starts++) {
    if (run.replay !== false) journal.replay();
    const platform = run.machine.start(
      journal.state.restart?.next ?? journal.lastRestart ?? run.machine.firstBoot,
    );
    try {
      journal.begin(platform);
      await driveUntilDone(run, journal, { platform, content });
      return { events: journal.events, state: journal.state };
    } catch (error) {
      if (!(error instanceof PowerCut) && !(error instanceof Restarted)) throw error;
    }
  }
  throw new SimulationError(
    'simulate.endless',
    `The run has not ended after ${MAX_STARTS} starts of the machine`,
    { hint: 'A step asks for a restart each time it runs: look at SMSTSRetryRequested.' },
  );
}

/** Appends to the events that outlive the machine's starts, and folds them. */
class RunJournal {
  state: RunState = initialState();
  readonly events: RunEvent[] = [];
  lastRestart: 'pe' | 'disk' | undefined;
  readonly #run: SimulatedRun;

  constructor(run: SimulatedRun) {
    this.#run = run;
  }

  replay(): void {
    this.state = this.events.reduce(reduce, initialState());
  }

  begin({ environment }: Platform): void {
    if (this.state.phase !== 'new') {
      if (this.state.phase !== 'finished')
        this.append({ kind: 'resumed', environment, from: 'journal' });
      return;
    }
    this.append({
      kind: 'run-started',
      documentSha256: '',
      agentVersion: 'simulated',
      machineKey: 'simulated',
      variables: [...(this.#run.variables ?? [])],
      environment,
    });
  }

  append(fact: RunFact): void {
    const seq = this.events.length + 1;
    if (seq > MAX_EVENTS)
      throw new SimulationError(
        'simulate.endless',
        `The run has not ended after ${MAX_EVENTS} events`,
        {
          hint: 'A step is run again and again: look at what sets SMSTSRetryRequested.',
        },
      );
    const event = { runId: simulatedRunId, seq, atMs: seq, fact };
    this.state = reduce(this.state, event);
    this.events.push(event);
    if (fact.kind === 'restart-requested') this.lastRestart = fact.next;
    this.#run.onEvent?.(event, this.state);
    if (this.#run.cutAfter?.(event) === true) this.#run.machine.power.cut();
  }
}
const simulatedRunId = RunId.parse('00000000-0000-4000-8000-000000000000');

interface Start {
  readonly platform: Platform;
  readonly content: ContentAccess;
}

async function driveUntilDone(run: SimulatedRun, journal: RunJournal, start: Start): Promise<void> {
  const { signal } = run.machine.power;
  const { platform } = start;
  if (journal.state.cursor.kind === 'begin' && run.beforeStart !== undefined) {
    const error = await run.beforeStart(journal.state.variables, { ...start, signal });
    if (error !== undefined)
      journal.append({
        kind: 'run-finished',
        succeeded: false,
        code: 0x80004005,
        error,
        next: 'disk',
      });
  }
  for (;;) {
    const ask = next(run.sequence, journal.state);
    switch (ask.kind) {
      case 'record':
      case 'finish':
        journal.append(ask.fact);
        break;
      case 'condition': {
        const { verdict, detail } =
          run.answer?.(ask) ??
          (await answerCondition(ask.condition, {
            variables: ask.variables,
            query: platform.query,
            signal,
          }));
        const { stepId } = ask;
        const told = detail.slice(0, 2000);
        journal.append({ kind: 'condition-answered', stepId, verdict, detail: told });
        break;
      }
      case 'restart': {
        const error = await restartRefusal(platform, ask.next, signal);
        if (error !== undefined) {
          journal.append({ kind: 'restart-refused', next: ask.next, error });
          break;
        }
        journal.append({ kind: 'restart-requested', next: ask.next, delayMs: ask.delayMs });
        return await platform.power.restart(ask.next);
      }
      case 'step':
        await driveStep(run, journal, start, ask);
        break;
      case 'done':
        return;
    }
  }
}

async function driveStep(
  run: SimulatedRun,
  journal: RunJournal,
  { platform, content }: Start,
  ask: StepAsk,
): Promise<void> {
  const { registry, log } = run;
  const { stepId, name, attempt } = ask;
  for (const unknown of ask.unknownVariables) log?.(`%${unknown}% has no value`);
  run.onStep?.(ask, platform.environment);
  journal.append({ kind: 'step-started', stepId, name, attempt });
  const code = run.exitCode?.(ask);
  const definition = registry[ask.type];
  // What a step says of itself in a simulation runs no program that could end so.
  const runsPrograms =
    definition?.needs.includes('process') === true && definition.action === 'now';
  const outcome =
    code !== undefined && !runsPrograms
      ? assumed(code)
      : await runStep(
          ask,
          {
            registry,
            platform: code === undefined ? platform : ending(platform, code),
            content,
            log: (message) => log?.(message),
            ...(run.handOverImage === undefined ? {} : { handOverImage: run.handOverImage }),
            onProgress: () => {},
            claimDisk: async (disk) => {
              assertSameDisk(journal.state, stepId, disk);
              journal.append({ kind: 'disk-chosen', stepId, name, attempt, disk });
            },
            ...(run.environment === false ? { environment: () => noEnvironment } : {}),
          },
          run.machine.power.signal,
        );
  journal.append({ kind: 'step-finished', stepId, name, attempt, durationMs: 0, ...outcome });
}

const noEnvironment = {};

/** A step that was not run: it ends as somebody assumed. */
function assumed(code: number): StepOutcome {
  const error = {
    code: 'simulate.assumed-failure',
    message: `The step is assumed to fail with exit code ${code} (0x${code.toString(16)})`,
  };
  return { code, succeeded: false, error, variables: [] };
}

/** The machine, with all its programs ending with that code. */
function ending(platform: Platform, code: number): Platform {
  const run = async () => ({ code, output: '', timedOut: false });
  return { ...platform, process: { ...platform.process, run } };
}
