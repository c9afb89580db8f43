/**
 * One start of the agent: who is this machine, what is it to do, and doing it. Ends with an exit code,
 * or with a restart that does not come back.
 */
import { createHash, randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Agent } from 'undici';
import { AGENT_VERSION } from '../agent-version.ts';
import { driveRun } from '../driver.ts';
import type { FoundJournal } from '../journal/places.ts';
import type { RunLog } from '../log/run-log.ts';
import { LogUpload } from '../log/upload.ts';
import { chooseOffer } from '../menu/choose.ts';
import { plainFace, progressFace } from '../menu/progress-face.ts';
import type { Terminals } from '../menu/terminals.ts';
import { machineKey } from '../platform/linux/identity.ts';
import type { Machine } from '../platform/machine.ts';
import { RunId } from '../protocol/identity.ts';
import type { Policy, Registration, RunGrant } from '../protocol/policy.ts';
import type { RunEvent } from '../protocol/run-event.ts';
import { parseTaskSequence } from '../sequence/schema.ts';
import { hideSecrets, type Variables } from '../sequence/variables.ts';
import { steps } from '../steps/index.ts';
import { packageFolders } from '../transport/content-folder.ts';
import { downloadRetry } from '../transport/download-retry.ts';
import { httpChunks } from '../transport/fetch-chunk.ts';
import type { HttpTransport } from '../transport/http.ts';
import { retry } from '../transport/retry.ts';
import { runContent } from '../transport/run-content.ts';
import { TransportError } from '../transport/transport-error.ts';
import { builtInVariables } from './built-in-variables.ts';
import type { ServerClock } from './clock.ts';
import { postAction } from './end-of-run.ts';
import { Outbox } from './outbox.ts';
import { ProgressReport } from './progress-report.ts';
import { runErrorOf, type ServeVariables } from './run-step.ts';
import type { RunObserver, RunResult } from './setup.ts';
import { takeUp } from './take-up.ts';

const POLL_NONE_MS = 15_000;
const LAST_LOG_MS = 15_000;

export interface SessionParts {
  readonly machine: Machine;
  readonly transport: HttpTransport;
  readonly terminals: Terminals;
  readonly log: RunLog;
  readonly clock: ServerClock;
  /** Site CA, PEM: its fingerprint is in the journal's header. */
  readonly siteCa: string;
  readonly serveVariables: ServeVariables;
}

/** How a session ended; undefined where there was no run to go on with. */
export type SessionEnd = { readonly runId: RunId; readonly sequence: string } & RunResult;

/** Runs what the server has for this machine. */
export async function runSession(
  parts: SessionParts,
  signal: AbortSignal,
): Promise<SessionEnd | undefined> {
  return new Session(parts, signal).run();
}

class Session {
  readonly #parts: SessionParts;
  readonly #signal: AbortSignal;
  readonly #key: string;
  readonly #site: string;
  #journals: readonly FoundJournal[] = [];

  constructor(parts: SessionParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#key = machineKey(parts.machine.identity);
    this.#site = createHash('sha256').update(parts.siteCa).digest('hex');
  }

  async run(): Promise<SessionEnd | undefined> {
    const { terminals, machine, transport } = this.#parts;
    terminals.show({ kind: 'starting', text: 'Looking for a run that was begun on this machine' });
    await this.#findJournals();
    terminals.show({ kind: 'starting', text: 'Registering with the server' });
    await this.#register();
    for (;;) {
      const policy = await this.#ask(async (trying) => transport.policy(trying));
      if (policy.kind === 'resume') return this.#resume(policy.runId);
      if (machine.platform.environment === 'full-os') return this.#nothingToResume();
      const grant = await this.#begin(policy);
      if (grant) return this.#drive(grant, []);
    }
  }

  async #findJournals(): Promise<void> {
    const { machine, log } = this.#parts;
    const found = await machine.journals.find(this.#signal);
    const kept: FoundJournal[] = [];
    for (const journal of found) {
      if (journal.kind === 'damaged') {
        log.write('error', `${journal.where}: ${journal.error.code}: ${journal.error.message}`);
        kept.push(journal);
        continue;
      }
      const { header, events } = journal.parsed;
      if (header.machineKey === this.#key && header.siteFingerprint === this.#site) {
        log.write(
          'info',
          `${journal.where} has the journal of run ${header.runId}, ${events.length} records`,
        );
        kept.push(journal);
      } else {
        // A cloned disk, or a site before this one: never gone on with.
        log.write(
          'warn',
          `${journal.where}: journal.foreign: run ${header.runId} of ${header.machineKey} is ignored`,
        );
        await journal.medium.close();
      }
    }
    this.#journals = kept;
  }

  async #register(): Promise<void> {
    const { transport, machine, clock, terminals, log } = this.#parts;
    const [own] = this.#journals.flatMap((found) =>
      found.kind === 'journal' ? [found.parsed] : [],
    );
    const registration: Registration = {
      identity: machine.identity,
      environment: machine.platform.environment,
      agentVersion: AGENT_VERSION,
      ...(own ? { resume: { runId: own.header.runId, resumeToken: own.header.resumeToken } } : {}),
    };
    const registered = await this.#ask(async (trying) => transport.register(registration, trying));
    clock.tell(registered.serverTimeMs);
    if (registered.deviceName !== null) terminals.setHeader({ deviceName: registered.deviceName });
    log.write('info', `Registered as ${this.#key}, device ${registered.deviceId ?? 'unknown'}`);
  }

  /** A new run, or undefined when the server is to be asked again. */
  async #begin(policy: Exclude<Policy, { kind: 'resume' }>): Promise<RunGrant | undefined> {
    const { terminals, transport, log } = this.#parts;
    if (policy.kind !== 'offers') {
      const { code, reason } = policy;
      terminals.show({ kind: 'waiting', code, reason });
      const waitMs = policy.kind === 'wait' ? policy.pollAfterMs : POLL_NONE_MS;
      await wait(waitMs, undefined, { signal: this.#signal });
      return undefined;
    }
    const required = policy.offers.find(({ deploymentId }) => deploymentId === policy.start);
    const offer = required ?? (await chooseOffer(terminals, policy.offers, this.#signal));
    terminals.show({ kind: 'starting', text: `Starting "${offer.name}"` });
    const request = { runId: RunId.parse(randomUUID()), deploymentId: offer.deploymentId };
    try {
      return await this.#ask(async (trying) => transport.startRun(request, trying));
    } catch (error) {
      if (
        !(error instanceof TransportError) ||
        !/^(run|deployment|device|policy|sequence|feature)\./.test(error.code)
      )
        throw error;
      // Withdrawn or changed since it was offered: what the server says now counts.
      log.write('warn', `"${offer.name}" was not granted: ${error.code}: ${error.message}`);
      terminals.show({ kind: 'waiting', code: error.code, reason: error.message });
      await wait(5_000, undefined, { signal: this.#signal });
      return undefined;
    }
  }

  async #resume(runId: RunId): Promise<SessionEnd> {
    const { transport, terminals } = this.#parts;
    terminals.show({ kind: 'starting', text: 'Going on with the run' });
    const grant = await this.#ask(async (trying) => transport.run(runId, trying));
    const events: RunEvent[] = [];
    while (events.length < grant.have) {
      const more = await this.#ask(async (trying) =>
        transport.eventsAfter(runId, events.length, trying),
      );
      if (more.length === 0) break;
      events.push(...more);
    }
    return this.#drive(grant, events);
  }

  async #drive(grant: RunGrant, serverEvents: readonly RunEvent[]): Promise<SessionEnd> {
    const { machine, transport, terminals, log, clock } = this.#parts;
    const { runId, resumeToken, sequenceName } = grant;
    if (grant.deviceName !== null) terminals.setHeader({ deviceName: grant.deviceName });
    log.hide(grant.variables.filter(({ secret }) => secret).map(({ value }) => value));
    const sequence = parseTaskSequence(JSON.parse(grant.documentJson), steps);
    const header = { runId, resumeToken, machineKey: this.#key, siteFingerprint: this.#site };
    const taken = await takeUp(this.#journals, { grant, sequence, header, serverEvents });
    await this.#closeOthers(runId);
    transport.rememberResume({ runId, resumeToken });
    const { journal } = taken;
    await using upload = new LogUpload({ path: log.path, runId, transport });
    using report = new ProgressReport(runId, transport);
    await using dispatcher = asyncDisposable(new Agent());
    const observer = this.#observer(sequenceName, upload, report);
    await using outbox = new Outbox({
      journal,
      transport,
      have: taken.have,
      onTrouble: ({ error, waitMs }) =>
        log.write('warn', `${error.code}: ${error.message}; again in ${waitMs} ms`, 'Events'),
    });
    await using folders = packageFolders(machine.contentFolder, runId);
    let latest = grant;
    const content = runContent(
      {
        get content() {
          return latest.content;
        },
      },
      {
        fetchChunk: httpChunks(dispatcher.agent),
        folders,
        retry: downloadRetry(grant.variables),
        onTrouble: (trouble) => log.write('warn', trouble, 'Content'),
      },
      this.#signal,
    );
    const result = await driveRun(
      {
        grant,
        sequence,
        registry: steps,
        journal,
        from: taken.from,
        journals: machine.journals,
        outbox,
        platform: machine.platform,
        content,
        clock,
        agentVersion: AGENT_VERSION,
        machineKey: this.#key,
        builtInVariables: builtInVariables(machine.identity, grant, {
          server: transport.server,
          logFolder: dirname(log.path),
          sequence,
        }),
        observer,
        lookAgain: async (trying) => {
          latest = await this.#ask(async () => transport.run(runId, trying));
        },
        serveVariables: this.#parts.serveVariables,
      },
      this.#signal,
    );
    log.write(
      result.succeeded ? 'info' : 'error',
      `Run ${runId} ${result.succeeded ? 'succeeded' : `failed: ${result.error?.code ?? ''}: ${result.error?.message ?? ''}`}`,
    );
    await journal.leave();
    const { succeeded, error } = result;
    const history = { runId, sequence: sequenceName, atMs: clock.now(), succeeded, error };
    await this.#cleanUp(JSON.stringify(history));
    this.#tellPostAction(result.variables);
    await log.close();
    await upload.flush(AbortSignal.timeout(LAST_LOG_MS));
    return { runId, sequence: sequenceName, ...result };
  }

  /** The agent starts it when the session is over; nothing is logged any more then. */
  #tellPostAction(variables: Variables): void {
    const { log } = this.#parts;
    try {
      const action = postAction(variables);
      if (action) log.write('info', `SMSTSPostAction: ${action.shown}`, 'Engine');
    } catch (error) {
      const { code, message } = runErrorOf(error, (text) => hideSecrets(text, variables));
      log.write('warn', `SMSTSPostAction is not run: ${code}: ${message}`, 'Engine');
    }
  }

  #observer(sequence: string, upload: LogUpload, report: ProgressReport): RunObserver {
    const { terminals, log } = this.#parts;
    let progress: Parameters<RunObserver['progress']>[0] | undefined;
    let waiting: string | undefined;
    let face = plainFace;
    const show = (): void => terminals.show({ kind: 'running', sequence, progress, waiting, face });
    show();
    return {
      progress(latest, variables) {
        progress = latest;
        face = progressFace(variables);
        report.report(latest);
        show();
      },
      waiting(reason) {
        waiting = reason;
        show();
      },
      log: (message, component) => log.write('info', message, component),
      warn: (message, component) => log.write('warn', message, component),
      async beforeRestart() {
        await log.close();
        await upload.flush(AbortSignal.timeout(LAST_LOG_MS));
      },
    };
  }

  /** After the end: history stays on the machine, journal and agent go. */
  async #cleanUp(history: string): Promise<void> {
    const { machine, log } = this.#parts;
    try {
      await machine.journals.remember(history, this.#signal);
      await machine.journals.remove(this.#signal);
      if (machine.platform.environment === 'full-os') await machine.removeAgent();
    } catch (error) {
      log.write('warn', `Cleaning up: ${String(error)}`);
    }
  }

  /** The installed OS starts no run of its own; an agent without one takes itself away. */
  async #nothingToResume(): Promise<undefined> {
    const { log, machine } = this.#parts;
    log.write('warn', 'The server has no open run for this machine; the agent is removed');
    await this.#closeOthers(undefined);
    await machine.journals.remove(this.#signal);
    await machine.removeAgent();
    return undefined;
  }

  async #closeOthers(runId: RunId | undefined): Promise<void> {
    for (const found of this.#journals)
      if (found.kind === 'journal' && found.parsed.header.runId !== runId)
        await found.medium.close();
  }

  /** Asks the server until it answers, saying at the machine that it does not. */
  async #ask<Value>(ask: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    const { terminals, log } = this.#parts;
    return retry(
      ask,
      {
        onTrouble: ({ error, waitMs }) => {
          log.write('warn', `${error.code}: ${error.message}; again in ${waitMs} ms`, 'Server');
          terminals.show({ kind: 'waiting', code: error.code, reason: error.message });
        },
      },
      this.#signal,
    );
  }
}

function asyncDisposable(agent: Agent): AsyncDisposable & { readonly agent: Agent } {
  return { agent, [Symbol.asyncDispose]: async () => agent.destroy() };
}
