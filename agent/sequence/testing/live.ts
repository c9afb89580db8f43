import { RunEvent, type RunFact } from '#agent/protocol/run-event.ts';
import { evaluateCondition } from '../condition.ts';
import { type Ask, next } from '../engine.ts';
import { initialState, type RunState, reduce } from '../state.ts';
import type { TaskSequence } from '../task-sequence.ts';
import type { Attempt, Story } from './model.ts';
import { fold, runId, started, toEvents } from './play.ts';

/** The power goes right after the how-manieth fact was recorded, counted over all starts of the machine. */
export interface Cut {
  readonly after: number;
  /** Whether the record that was not synced yet came to the disk all the same. */
  readonly kept: boolean;
  /** The firmware starts the other environment, though nobody asked for it. */
  readonly astray: boolean;
}

export interface LiveRun {
  readonly facts: readonly RunFact[];
  readonly state: RunState;
  /** What the engine asked for after each number of facts, as long as the power stayed. */
  readonly asks: readonly { readonly facts: number; readonly ask: Ask; readonly state: RunState }[];
}

/** More asks than any run of these tests has: an engine that goes round in a circle is found. */
const MAX_ASKS = 5_000;

/**
 * Plays a story through the engine as the driver does: a fact is durable with the next sync, which comes
 * before a step runs, a restart and the end; what a power cut left is read from its JSON and gone on with.
 */
export function playLive(
  document: TaskSequence,
  story: Story,
  {
    cuts = [],
    from = [],
  }: { readonly cuts?: readonly Cut[]; readonly from?: readonly RunFact[] } = {},
): LiveRun {
  return new Live(document, story, cuts, from).play();
}

class PowerCut extends Error {}

class Live {
  readonly #document: TaskSequence;
  readonly #story: Story;
  readonly #cuts: ReadonlyMap<number, Cut>;
  #asks: { facts: number; ask: Ask; state: RunState }[] = [];
  readonly #cutSteps: string[] = [];
  #facts: RunFact[];
  #synced = 0;
  #asked = 0;
  #recorded = 0;
  #state: RunState;

  constructor(
    document: TaskSequence,
    story: Story,
    cuts: readonly Cut[],
    from: readonly RunFact[],
  ) {
    this.#document = document;
    this.#story = story;
    this.#facts = [...from];
    this.#state = fold(from);
    this.#cuts = new Map(cuts.map((cut) => [cut.after, cut]));
  }

  play(): LiveRun {
    for (;;) {
      try {
        if (this.#state.phase === 'new') this.#record(started(this.#story.variables));
        this.#run();
        return { facts: this.#facts, state: this.#state, asks: this.#asks };
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
    }
  }

  #run(): void {
    for (;;) {
      const ask = next(this.#document, this.#state);
      this.#asks.push({ facts: this.#facts.length, ask, state: this.#state });
      if (++this.#asked > MAX_ASKS) throw new Error('the run does not end');
      if (ask.kind === 'done') return;
      this.#serve(ask);
    }
  }

  #serve(ask: Exclude<Ask, { kind: 'done' }>): void {
    switch (ask.kind) {
      case 'record':
        return this.#record(ask.fact);
      case 'condition': {
        const { verdict, detail } = evaluateCondition(ask.condition, ask.variables);
        return this.#record({
          kind: 'condition-answered',
          stepId: ask.stepId,
          verdict,
          detail: detail.slice(0, 2000),
        });
      }
      case 'step':
        return this.#step(ask);
      case 'restart':
        return this.#restart(ask);
      case 'finish':
        this.#synced = this.#facts.length;
        this.#record(ask.fact);
        this.#synced = this.#facts.length;
    }
  }

  #step({ stepId, name, attempt }: Ask & { kind: 'step' }): void {
    this.#record({ kind: 'step-started', stepId, name, attempt });
    this.#synced = this.#facts.length;
    const result = this.#attempt(stepId);
    if (result === 'cut') {
      this.#cutSteps.push(stepId);
      return this.#cut({ kept: true, astray: false });
    }
    const { code, succeeded, variables, restart } = result;
    this.#record({
      kind: 'step-finished',
      stepId,
      name,
      attempt,
      code,
      succeeded,
      variables: Object.entries(variables).map(([name, value]) => ({ name, value, secret: false })),
      durationMs: 0,
      ...(restart === undefined ? {} : { restart }),
    });
  }

  /** The next one of the story: an attempt whose end is not in the journal has not been. */
  #attempt(id: string): Attempt {
    const ended = this.#facts.filter(
      (fact) => fact.kind === 'step-finished' && fact.stepId === id,
    ).length;
    const cut = this.#cutSteps.filter((step) => step === id).length;
    const success = { code: 0, succeeded: true, variables: {} };
    return this.#story.attempts[id]?.[ended + cut] ?? success;
  }

  #restart({ next, delayMs }: Ask & { kind: 'restart' }): void {
    this.#synced = this.#facts.length;
    // Going back after a cut is no restart of the story.
    const before = traceOf(this.#facts).filter((line) => line.startsWith('restart')).length;
    if (this.#state.restart === null && before + 1 === this.#story.refusedRestart)
      return this.#record({
        kind: 'restart-refused',
        next,
        error: { code: 'restart.no-partition', message: 'there is none' },
      });
    this.#record({ kind: 'restart-requested', next, delayMs });
    this.#synced = this.#facts.length;
    this.#resume(next === 'disk');
  }

  #resume(inOs: boolean): void {
    const environment = inOs ? 'full-os' : 'linux-pe';
    this.#record({ kind: 'resumed', environment, from: 'journal' });
  }

  #record(fact: RunFact): void {
    this.#facts.push(fact);
    this.#state = reduce(this.#state, { runId, seq: this.#facts.length, atMs: 0, fact });
    this.#recorded += 1;
    const cut = this.#cuts.get(this.#recorded);
    if (cut) this.#cut(cut);
  }

  /** What the journal has is all that is left; the machine comes up, and the run goes on with `resumed`. */
  #cut({ kept, astray }: { readonly kept: boolean; readonly astray: boolean }): never {
    const left = this.#facts.slice(0, kept ? this.#facts.length : this.#synced);
    this.#facts = toEvents(left).map(
      (event) => RunEvent.parse(JSON.parse(JSON.stringify(event))).fact,
    );
    this.#synced = this.#facts.length;
    this.#asks = this.#asks.filter(({ facts }) => facts <= left.length);
    this.#state = fold(this.#facts);
    const { phase, restart, environment, fatal } = this.#state;
    if (phase === 'running' || phase === 'restarting') {
      const inOs = environment === 'full-os';
      // A run that only has to say that it failed says so wherever it is.
      const elsewhere = astray && fatal === null;
      this.#resume(restart === null ? inOs !== elsewhere : restart.next === 'disk');
    }
    throw new PowerCut();
  }
}

/** What happened, in the words of the model. Restarts back to where a power cut led from are left out. */
export function traceOf(facts: readonly RunFact[]): readonly string[] {
  const trace: string[] = [];
  let state = initialState();
  for (const event of toEvents(facts)) {
    const { fact } = event;
    if (fact.kind === 'condition-answered') trace.push(`decide ${fact.stepId} ${fact.verdict}`);
    if (fact.kind === 'step-skipped') trace.push(`skip ${fact.stepId} ${fact.reason}`);
    if (fact.kind === 'group-entered') trace.push(`enter ${fact.stepId}`);
    if (fact.kind === 'group-left')
      trace.push(`leave ${fact.stepId} ${fact.succeeded ? 'ok' : 'failed'}`);
    if (fact.kind === 'step-finished')
      trace.push(`run ${fact.stepId} ${fact.code} ${fact.succeeded ? 'ok' : 'failed'}`);
    if (fact.kind === 'step-interrupted') trace.push(`cut ${fact.stepId}`);
    if (fact.kind === 'restart-requested' && state.restart === null)
      trace.push(`restart ${fact.next}`);
    state = reduce(state, event);
  }
  return trace;
}
