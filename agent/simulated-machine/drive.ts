import type { ContentManifest } from '#agent/protocol/content.ts';
import { RunId } from '#agent/protocol/identity.ts';
import type { RunEvent, RunFact, VariableChange } from '#agent/protocol/run-event.ts';
import { answerCondition } from '#agent/sequence/condition-answer.ts';
import { type Ask, next } from '#agent/sequence/engine.ts';
import type { Platform } from '#agent/sequence/platform.ts';
import { restartRefusal } from '#agent/sequence/restart-refusal.ts';
import type { StepRegistry, TaskSequence } from '#agent/sequence/schema.ts';
import { initialState, type RunState, reduce } from '#agent/sequence/state.ts';
import { runStep } from '../driver/run-step.ts';
import { contentOf } from './content.ts';
import type { SimulatedMachine } from './machine.ts';
import { PowerCut, Restarted } from './power.ts';

const MAX_STARTS = 1000;

export interface SimulatedRun {
  readonly sequence: TaskSequence;
  readonly registry: StepRegistry;
  readonly machine: SimulatedMachine;
  readonly content?: readonly ContentManifest[];
  readonly variables?: readonly VariableChange[];
  readonly log?: (message: string) => void;
  /** The power is cut right after the event with this seq was journalled. */
  readonly cutAfter?: (event: RunEvent) => boolean;
}

/**
 * Runs a sequence on a simulated machine until it has ended, through every restart and power cut. Its
 * journal is in memory and durable with each record, as if the server had acknowledged it.
 * @returns the events and the state they fold into
 */
export async function drive(
  run: SimulatedRun,
): Promise<{ readonly events: readonly RunEvent[]; readonly state: RunState }> {
  const events: RunEvent[] = [];
  for (let starts = 1; starts <= MAX_STARTS; starts++) {
    // What a start knows is what the journal tells it.
    const journal = new RunJournal(events, run);
    const target = journal.state.restart?.next ?? lastRestart(events) ?? 'pe';
    const platform = run.machine.start(target);
    try {
      journal.begin(platform);
      await driveUntilDone(run, journal, platform);
      return { events, state: journal.state };
    } catch (error) {
      if (!(error instanceof PowerCut) && !(error instanceof Restarted)) throw error;
    }
  }
  throw new Error(`The run has not ended after ${MAX_STARTS} starts of the machine`);
}

function lastRestart(events: readonly RunEvent[]) {
  for (const { fact } of events.toReversed())
    if (fact.kind === 'restart-requested') return fact.next;
  return undefined;
}

/** Appends to the events that outlive the machine's starts, and folds them. */
class RunJournal {
  state: RunState;
  readonly #events: RunEvent[];
  readonly #run: SimulatedRun;

  constructor(events: RunEvent[], run: SimulatedRun) {
    this.#events = events;
    this.#run = run;
    this.state = events.reduce(reduce, initialState());
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
    const seq = this.#events.length + 1;
    const event = { runId: simulatedRunId, seq, atMs: seq, fact };
    this.state = reduce(this.state, event);
    this.#events.push(event);
    if (this.#run.cutAfter?.(event) === true) this.#run.machine.power.cut();
  }
}
const simulatedRunId = RunId.parse('00000000-0000-4000-8000-000000000000');

async function driveUntilDone(
  run: SimulatedRun,
  journal: RunJournal,
  platform: Platform,
): Promise<void> {
  const { signal } = run.machine.power;
  for (;;) {
    const ask = next(run.sequence, journal.state);
    switch (ask.kind) {
      case 'record':
      case 'finish':
        journal.append(ask.fact);
        break;
      case 'condition': {
        const { verdict, detail } = await answerCondition(ask.condition, {
          variables: ask.variables,
          query: platform.query,
          signal,
        });
        journal.append({ kind: 'condition-answered', stepId: ask.stepId, verdict, detail });
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
        await driveStep(run, journal, platform, ask);
        break;
      case 'done':
        return;
    }
  }
}

async function driveStep(
  { registry, machine, content, log }: SimulatedRun,
  journal: RunJournal,
  platform: Platform,
  ask: Ask & { kind: 'step' },
): Promise<void> {
  const { stepId, name, attempt } = ask;
  for (const unknown of ask.unknownVariables) log?.(`%${unknown}% has no value`);
  journal.append({ kind: 'step-started', stepId, name, attempt });
  const outcome = await runStep(
    ask,
    {
      registry,
      platform,
      content: contentOf(content ?? []),
      log: (message) => log?.(message),
      onProgress: () => {},
    },
    machine.power.signal,
  );
  journal.append({ kind: 'step-finished', stepId, name, attempt, durationMs: 0, ...outcome });
}
