/**
 * Serves the engine's asks: journal, act, flush, journal, report. What is recorded is synced before
 * anything acts or waits, and `finished` is recorded after the effect is flushed: so after a power cut
 * the journal tells exactly what is sure, and a step costs one flush beside its own: its `started`
 * goes out with the `finished` of the step before, as nothing is done between them. The server has a
 * copy of every event; what destroys data waits until it has the `started`, because the disk that the
 * journal lies on may be the one that is erased.
 */
import { asking } from './driver/asking.ts';
import { refusalBeforeStart } from './driver/before-start.ts';
import { Rate } from './driver/rate.ts';
import { countDown, restartMessage } from './driver/restart-notice.ts';
import { RunSecrets } from './driver/run-secrets.ts';
import { runErrorOf, runStep } from './driver/run-step.ts';
import type { RunResult, RunSetup } from './driver/setup.ts';
import { packageKey, releasedVariables, siteAccounts } from './driver/site-accounts.ts';
import { stagePe } from './driver/stage-pe.ts';
import { startFromDisk } from './driver/start-from-disk.ts';
import { conditionVariables, stepWithSecrets } from './driver/step-secrets.ts';
import type { Progress, RunError, RunFact, StepId, VariableChange } from './protocol/run-event.ts';
import { assertSameDisk } from './sequence/chosen-disk.ts';
import { answerCondition } from './sequence/condition-answer.ts';
import { type Ask, countSteps, next, stepPosition } from './sequence/engine.ts';
import { restartRefusal } from './sequence/restart-refusal.ts';
import { initialState, type RunState, reduce } from './sequence/state.ts';
import type { HandOverImage } from './sequence/step.ts';
import { StepError } from './sequence/step-error.ts';
import type { ReleaseVariables } from './sequence/step-variables.ts';
import { hideSecrets, type Variables } from './sequence/variables.ts';

/**
 * Drives a run to its end. A restart does not come back. The last event is on this machine and on
 * the server when this returns. @throws {TransportError} `run.forked`; {JournalError}; {SequenceError}
 */
export async function driveRun(setup: RunSetup, signal: AbortSignal): Promise<RunResult> {
  return new Driver(setup, signal).run();
}

class Driver {
  readonly #setup: RunSetup;
  readonly #signal: AbortSignal;
  readonly #secrets: RunSecrets;
  /** What steps were given since the machine started: hidden from the texts of those that follow. */
  readonly #given = new Set<string>();
  readonly #former = (text: string): Iterable<string> => [
    ...this.#given,
    ...(this.#setup.findGiven?.(text) ?? []),
  ];
  #state: RunState;

  constructor(setup: RunSetup, signal: AbortSignal) {
    this.#setup = setup;
    this.#signal = signal;
    const { runId, runKey } = setup.grant;
    this.#secrets = new RunSecrets(runId, runKey);
    this.#state = setup.journal.events
      .map((event) => this.#secrets.unseal(event))
      .reduce(reduce, initialState());
  }

  async run(): Promise<RunResult> {
    const { journal, sequence } = this.#setup;
    this.#setup.journals.onErase(async () => journal.leave());
    await this.#begin();
    for (;;) {
      this.#signal.throwIfAborted();
      const ask = next(sequence, this.#state);
      if (ask.kind === 'done') break;
      await this.#serve(ask);
    }
    await this.#sync();
    await this.#acked(journal.lastSeq, 'the server to take the end of the run');
    const { result } = this.#state;
    const { variables } = this.#state;
    return { succeeded: result?.succeeded === true, error: result?.error, variables };
  }

  async #begin(): Promise<void> {
    const { grant, platform, builtInVariables } = this.#setup;
    if (this.#state.phase === 'finished') return;
    const { environment } = platform;
    if (this.#state.phase === 'new') {
      const known = new Set(grant.variables.map(({ name }) => name.toLowerCase()));
      const own = builtInVariables.filter(({ name }) => !known.has(name.toLowerCase()));
      this.#record({
        kind: 'run-started',
        documentSha256: grant.documentSha256,
        agentVersion: this.#setup.agentVersion,
        machineKey: this.#setup.machineKey,
        variables: [...own, ...grant.variables, ...(this.#setup.mediaVariables ?? [])].map(
          (change) => this.#secrets.seal(change),
        ),
        environment,
      });
    } else {
      const before = this.#state;
      this.#record({ kind: 'resumed', environment, from: this.#setup.from });
      if (this.#mismatched()) return;
      await this.#goBack(before);
    }
    // Media that can be written take it before the first step: there is no server that keeps a copy.
    if (this.#setup.journals.temporary !== undefined) await this.#settle();
    if (this.#state.cursor.kind === 'begin') await this.#check();
  }

  /**
   * After a power cut the firmware starts what is first: the disk, when the step that was cut off had
   * just made its boot entry. A run that was in the PE goes back there, one of the OS to the OS.
   */
  async #goBack({ phase, environment, restart }: RunState): Promise<void> {
    const wasInOs = environment === 'full-os';
    const isInOs = this.#setup.platform.environment === 'full-os';
    if (phase !== 'running' || restart !== null || environment === null || wasInOs === isInOs)
      return;
    this.#setup.observer.warn(`The run was in ${environment}: restarting to it`, 'Engine');
    await this.#restart({ kind: 'restart', next: wasInOs ? 'disk' : 'pe', delayMs: 0 });
  }

  /** Whether the run went on from another document than it was begun with; then it has ended. */
  #mismatched(): boolean {
    const { grant, agentVersion, observer } = this.#setup;
    if (this.#state.agentVersion !== agentVersion)
      observer.warn(
        `The run began with agent ${this.#state.agentVersion}, this is ${agentVersion}`,
      );
    if (this.#state.documentSha256 === grant.documentSha256) return false;
    this.#end({
      code: 'run.document-mismatch',
      message: `The run began with document ${this.#state.documentSha256}, the server has ${grant.documentSha256} now`,
      hint: 'Deploy the machine again from the beginning.',
    });
    return true;
  }

  /** Before the first step: what cannot go well is not begun. */
  async #check(): Promise<void> {
    await this.#sync();
    const error = await refusalBeforeStart(this.#setup, this.#state.variables, this.#signal);
    if (error) this.#end(error);
  }

  #end(error: RunError): void {
    this.#record({
      kind: 'run-finished',
      succeeded: false,
      code: 0x80004005,
      error,
      next: 'disk',
    });
  }

  async #serve(ask: Exclude<Ask, { kind: 'done' }>): Promise<void> {
    switch (ask.kind) {
      case 'record':
        this.#tell(ask.fact);
        return this.#record(ask.fact);
      case 'condition': {
        const { platform } = this.#setup;
        const variables = await this.#conditionVariables(ask);
        if (variables === undefined) return;
        const { verdict, detail } = await answerCondition(ask.condition, {
          variables,
          // Most conditions are answered at once: only one that lets wait has a flush of its own.
          query: asking(platform.query, async () => this.#sync()),
          hide: (text) => hideSecrets(text, variables, this.#former(text)),
          signal: this.#signal,
        });
        this.#setup.observer.log(`Condition of "${ask.name}": ${verdict}. ${detail}`, 'Engine');
        const { stepId } = ask;
        return this.#record({
          kind: 'condition-answered',
          stepId,
          verdict,
          detail: detail.slice(0, 2000),
        });
      }
      case 'step':
        return this.#step(ask);
      case 'restart':
        return this.#restart(ask);
      case 'finish':
        await this.#sync();
        await this.#settle();
        return this.#record(ask.fact);
    }
  }

  /** Undefined: what it is decided on cannot be had, and the run has ended with why. */
  async #conditionVariables(ask: Ask & { kind: 'condition' }): Promise<Variables | undefined> {
    try {
      return await conditionVariables(ask, this.#releasing('condition', ask.stepId));
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      this.#end(runErrorOf(error));
      return undefined;
    }
  }

  /** Gives withheld variables to one step; undefined without a server. */
  #releasing(what: 'step' | 'condition', stepId: StepId): ReleaseVariables | undefined {
    const { releaseSecrets, journal } = this.#setup;
    if (releaseSecrets === undefined) return undefined;
    return async (names) => {
      // Only a step that the server knows to run is given anything.
      if (what === 'step') await this.#acked(journal.lastSeq, 'the server to give a secret');
      const given = await releasedVariables(
        releaseSecrets,
        { for: what, stepId, names },
        this.#signal,
      );
      for (const { value } of given) this.#given.add(value);
      return given;
    };
  }

  /** Only a step that the server knows to run may hand over what it has captured. */
  #handingOver(stepId: string, name: string): { readonly handOverImage?: HandOverImage } {
    const { handOverImage, journal } = this.#setup;
    if (handOverImage === undefined) return {};
    const acked = async () => this.#acked(journal.lastSeq, `the server before "${name}"`);
    return {
      handOverImage: async function* (image, signal) {
        await acked();
        return yield* handOverImage(stepId)(image, signal);
      },
    };
  }

  async #step(ask: Ask & { kind: 'step' }): Promise<void> {
    const { journal, platform, content, registry, observer, clock, serveVariables } = this.#setup;
    const { stepId, name, attempt } = ask;
    try {
      journal.reserve();
    } catch (error) {
      this.#end(runErrorOf(error));
      return;
    }
    this.#record({ kind: 'step-started', stepId, name, attempt });
    await this.#sync();
    observer.log(`Step ${stepId} "${name}" (${ask.type}) started, attempt ${attempt}`, 'Engine');
    for (const unknown of ask.unknownVariables)
      if (ask.variables.get(unknown) === undefined)
        observer.warn(`%${unknown}% has no value and became empty`, 'Engine');
    this.#progress(ask, {});
    // A journal in memory is lost with the power: only the server knows then that the step began.
    if (ask.destructive || journal.inMemory)
      await this.#acked(journal.lastSeq, `the server before "${name}"`);
    const startedMs = clock.now();
    const rate = new Rate();
    const logPath = await this.#logPath();
    const release = this.#releasing('step', stepId);
    content.stepStarted?.(async (packageId, asking) => {
      await this.#acked(journal.lastSeq, `the server before "${name}"`);
      const wish = { stepId, packageId };
      return await packageKey(
        this.#setup.releaseSecrets,
        wish,
        AbortSignal.any([this.#signal, asking]),
      );
    });
    const outcome = await runStep(
      { ...ask, variables: ask.variables.setAll(logPath) },
      {
        registry,
        platform,
        content,
        ...(serveVariables === undefined ? {} : { serveVariables }),
        claimDisk: async (disk) => {
          assertSameDisk(this.#state, stepId, disk);
          this.#record({ kind: 'disk-chosen', stepId, name, attempt, disk });
          await this.#sync();
          await this.#acked(journal.lastSeq, `the server before "${name}"`);
        },
        accounts: async (names) => {
          // Only a step that the server knows to run is given anything.
          await this.#acked(journal.lastSeq, `the server before "${name}"`);
          const wish = { stepId, names };
          const given = await siteAccounts(this.#setup.releaseSecrets, wish, this.#signal);
          for (const { password } of given) this.#given.add(password);
          return given;
        },
        runKey: `${this.#setup.grant.runId}-${stepId.replaceAll('/', '-')}`,
        ...this.#handingOver(stepId, name),
        withSecrets: async (planned) => stepWithSecrets(planned, this.#setup, release),
        secrets: { former: this.#former, ...(release === undefined ? {} : { release }) },
        log: (message) => observer.log(message, ask.type),
        onProgress: (progress) => {
          const { doneBytes, totalBytes } = progress;
          if (doneBytes !== undefined) rate.add(clock.now(), doneBytes);
          const speed = rate.bytesPerSecond();
          const remainingMs = totalBytes === undefined ? undefined : rate.remainingMs(totalBytes);
          this.#progress(ask, {
            ...progress,
            ...(speed === undefined ? {} : { bytesPerSecond: speed }),
            ...(remainingMs === undefined ? {} : { remainingMs }),
          });
        },
      },
      this.#signal,
    );
    const durationMs = Math.max(0, clock.now() - startedMs);
    await content
      .stepEnded?.()
      .catch((error: unknown) => observer.warn(`Content stays: ${String(error)}`, 'Content'));
    if (outcome.error)
      observer.warn(`"${name}" failed: ${outcome.error.code}: ${outcome.error.message}`, 'Engine');
    else observer.log(`"${name}" finished with code ${outcome.code}`, 'Engine');
    this.#record({
      kind: 'step-finished',
      stepId,
      name,
      attempt,
      durationMs,
      ...outcome,
      variables: [...outcome.variables, ...(await this.#logPath())].map((change) =>
        this.#secrets.seal(change),
      ),
    });
    await this.#settle();
    if (journal.inMemory) await this.#acked(journal.lastSeq, `the server after "${name}"`);
  }

  /** `_SMSTSLogPath`, where it is another than the run knows. */
  async #logPath(): Promise<readonly VariableChange[]> {
    const value = await this.#setup.logFolder?.();
    const known = this.#state.variables.value('_SMSTSLogPath');
    return value === undefined || value === known
      ? []
      : [{ name: '_SMSTSLogPath', value, secret: false }];
  }

  async #restart({ next, delayMs }: Ask & { kind: 'restart' }): Promise<void> {
    const { platform, journal, observer, sequence, registry } = this.#setup;
    await this.#sync();
    const message = restartMessage(sequence, registry, this.#state);
    const error =
      (await restartRefusal(platform, next, this.#signal)) ??
      (next === 'pe' ? await stagePe(this.#setup, this.#signal) : undefined);
    if (error) return this.#record({ kind: 'restart-refused', next, error });
    this.#record({ kind: 'restart-requested', next, delayMs });
    await this.#sync();
    // The server's PXE obeys this event: it must have it before the firmware asks.
    await this.#acked(journal.lastSeq, 'the server before the restart');
    const why = message === undefined ? '' : `: ${message}`;
    observer.log(`Restarting to ${next === 'pe' ? 'the PE' : 'the disk'}${why}`, 'Engine');
    if (next === 'disk') await startFromDisk(platform, observer, this.#signal);
    await countDown({ message, delayMs }, (text) => observer.waiting(text), this.#signal);
    await observer.beforeRestart();
    return platform.power.restart(next);
  }

  /** Once there is a system partition, the journal lies on it, with all that was recorded before. */
  async #settle(): Promise<void> {
    const { journal, journals, from, observer } = this.#setup;
    if (!journal.inMemory && !journal.isTemporary) return;
    const lasting = await journals.create(from === 'server' ? 'any' : 'made-here', this.#signal);
    const medium =
      lasting ?? (journal.inMemory ? await journals.temporary?.(this.#signal) : undefined);
    if (!medium) return;
    try {
      const wasTemporary = journal.isTemporary;
      await journal.moveTo(medium, lasting === undefined);
      if (wasTemporary) await journals.dropTemporary?.(this.#signal);
      const where = lasting === undefined ? 'the media' : 'the system partition';
      observer.log(`The journal is on ${where} now: ${journal.lastSeq} records`);
    } catch (error) {
      await medium.close();
      observer.warn(`The journal stays in memory: ${String(error)}`);
    }
  }

  /** Into the journal; durable after the next `#sync`. */
  #record(fact: RunFact): void {
    const { journal, clock } = this.#setup;
    const event = journal.append(fact, clock.now());
    this.#state = reduce(this.#state, this.#secrets.unseal(event));
  }

  /** Before anything acts or waits: what was recorded is on the disk, and on its way to the server. */
  async #sync(): Promise<void> {
    const { journal, outbox } = this.#setup;
    await journal.sync();
    outbox.notify();
  }

  async #acked(seq: number, whatFor: string): Promise<void> {
    const { outbox, observer } = this.#setup;
    if (outbox.have >= seq) return;
    observer.waiting(`Waiting for ${whatFor}`);
    await outbox.acked(seq, this.#signal);
    observer.waiting(undefined);
  }

  #progress(ask: Ask & { kind: 'step' }, progress: Partial<Progress>): void {
    const { sequence, observer } = this.#setup;
    const latest = {
      stepId: ask.stepId,
      index: stepPosition(sequence, ask.stepId),
      total: countSteps(sequence),
      title: ask.name,
      ...progress,
    };
    observer.progress(latest, this.#state.variables);
  }

  #tell(fact: RunFact): void {
    const { observer } = this.#setup;
    if (fact.kind === 'step-skipped')
      observer.log(`Step ${fact.stepId} "${fact.name}" skipped: ${fact.reason}`, 'Engine');
    if (fact.kind === 'group-left' && !fact.succeeded)
      observer.warn(`Group "${fact.name}" failed`, 'Engine');
    if (fact.kind === 'step-interrupted')
      observer.warn(
        `"${fact.name}" was interrupted in attempt ${fact.attempt}; it is ${fact.again ? 'run again' : 'not run again'}`,
        'Engine',
      );
  }
}
