/**
 * One start of the agent: who is this machine, what is it to do, and doing it. Ends with an exit code,
 * or with a restart that does not come back.
 */
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { AgentError } from '../agent-error.ts';
import { AGENT_VERSION } from '../agent-version.ts';
import { chooseByHand } from '../by-hand/choose.ts';
import type { ByHand } from '../by-hand/options.ts';
import type { FoundJournal } from '../journal/places.ts';
import { askVariables } from '../menu/ask-variables.ts';
import { chooseOffer } from '../menu/choose.ts';
import { machineKey } from '../platform/linux/identity.ts';
import { RunId } from '../protocol/identity.ts';
import { formatMediaClaim } from '../protocol/media-proof.ts';
import type { Policy, Registration, RunGrant, RunRequest } from '../protocol/policy.ts';
import type { RunEvent } from '../protocol/run-event.ts';
import { TransportError } from '../transport/transport-error.ts';
import { handOverRuns } from './hand-over-runs.ts';
import { hardwareInventory } from './hardware-inventory.ts';
import { LeavePe } from './leave-pe.ts';
import { otherBootImage } from './other-boot-image.ts';
import { closeOthers, runOnMachine } from './run-on-machine.ts';
import { askServer, type SessionEnd, type SessionParts } from './session-parts.ts';

const POLL_NONE_MS = 15_000;
/** Reading the hardware takes a second or two; WMI, where there is one, sometimes far more. */
const INVENTORY_MS = 30_000;

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

  readonly #leavePe: LeavePe;

  constructor(parts: SessionParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#leavePe = new LeavePe(parts.machine);
    this.#key = machineKey(parts.machine.identity);
    this.#site = createHash('sha256').update(parts.siteCa).digest('hex');
  }

  async run(): Promise<SessionEnd | undefined> {
    const { terminals, machine, transport, byHand } = this.#parts;
    terminals.show({ kind: 'starting', text: 'Looking for a run that was begun on this machine' });
    await this.#findJournals();
    terminals.show({ kind: 'starting', text: 'Registering with the server' });
    await this.#register();
    await handOverRuns(this.#parts, this.#signal);
    for (;;) {
      const policy = await this.#ask(async (trying) => transport.policy(trying));
      if (policy.kind === 'resume') return this.#resume(policy.runId);
      if (machine.platform.environment === 'full-os' && byHand === undefined)
        return this.#nothingToResume();
      const grant = await (byHand === undefined
        ? this.#begin(policy)
        : this.#beginByHand(policy, byHand));
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
    const { transport, machine, clock, terminals, log, bootImage, media } = this.#parts;
    const preferredDeployment = media?.preferredDeployment ?? this.#parts.preferredDeployment;
    const [own] = this.#journals.flatMap((found) =>
      found.kind === 'journal' ? [found.parsed] : [],
    );
    const registration: Registration = {
      identity: machine.identity,
      environment: machine.platform.environment,
      agentVersion: AGENT_VERSION,
      ...(bootImage ? { bootImage } : {}),
      ...(preferredDeployment ? { preferredDeployment } : {}),
      ...(media?.key
        ? { media: formatMediaClaim(media.key, media.id, transport.keyThumbprint) }
        : {}),
      ...(await this.#inventory()),
      ...(own ? { resume: { runId: own.header.runId, resumeToken: own.header.resumeToken } } : {}),
    };
    const registered = await this.#ask(async (trying) => transport.register(registration, trying));
    clock.tell(registered.serverTimeMs);
    if (registered.deviceName !== null) terminals.setHeader({ deviceName: registered.deviceName });
    log.write('info', `Registered as ${this.#key}, device ${registered.deviceId ?? 'unknown'}`);
    if (own?.header.recovery !== undefined && registered.resumeKnown === false)
      await this.#recover(own.header.runId, own.header.recovery);
  }

  /** The server was restored from a backup that is older than the run: it takes the run in again. */
  async #recover(runId: RunId, recovery: string): Promise<void> {
    const { transport, log } = this.#parts;
    log.write('warn', `The server does not know run ${runId}: it is asked to take it in again`);
    try {
      await this.#ask(async (trying) => transport.recover(runId, { recovery }, trying));
      transport.rememberRecovery(runId, { recovery });
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      log.write('error', `Run ${runId} is lost: ${error.code}: ${error.message}`);
    }
  }

  /** The machine's hardware; nothing when it cannot be read in time: a machine registers all the same. */
  async #inventory(): Promise<Pick<Registration, 'inventory'>> {
    const { machine, log } = this.#parts;
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(INVENTORY_MS)]);
    try {
      return { inventory: hardwareInventory(await machine.platform.query.inventory(signal)) };
    } catch (error) {
      this.#signal.throwIfAborted();
      log.write('warn', `The inventory of this machine is not sent: ${String(error)}`);
      return {};
    }
  }

  /** A new run, or undefined when the server is to be asked again. */
  async #begin(policy: Exclude<Policy, { kind: 'resume' }>): Promise<RunGrant | undefined> {
    const { terminals, transport, log } = this.#parts;
    if (policy.kind !== 'offers') {
      const { code, reason } = policy;
      terminals.show({ kind: 'waiting', code, reason });
      await this.#leavePe.after(policy, performance.now(), this.#signal);
      const waitMs = policy.kind === 'wait' ? policy.pollAfterMs : POLL_NONE_MS;
      await wait(waitMs, undefined, { signal: this.#signal });
      return undefined;
    }
    const required = policy.offers.find(({ deploymentId }) => deploymentId === policy.start);
    const offer =
      required ??
      (await chooseOffer(terminals, policy.offers, { signal: this.#signal, ...againOf(policy) }));
    // Nobody chose, and one may start by itself by now.
    if (offer === undefined) return undefined;
    // Nobody is at a machine that starts by itself.
    const typed =
      required === undefined && policy.asks !== undefined
        ? await askVariables(terminals, policy.asks, { signal: this.#signal, ...againOf(policy) })
        : [];
    if (typed === undefined) return undefined;
    terminals.show({ kind: 'starting', text: `Starting "${offer.name}"` });
    const request: RunRequest = {
      runId: RunId.parse(randomUUID()),
      deploymentId: offer.deploymentId,
      ...(typed.length === 0 ? {} : { variables: typed }),
    };
    try {
      return await this.#ask(async (trying) => transport.startRun(request, trying));
    } catch (error) {
      if (
        !(error instanceof TransportError) ||
        !/^(run|deployment|device|policy|sequence|feature|boot-image|image|machine)\./.test(
          error.code,
        )
      )
        throw error;
      // Withdrawn or changed since it was offered: what the server says now counts.
      log.write('warn', `"${offer.name}" was not granted: ${error.code}: ${error.message}`);
      terminals.show({ kind: 'waiting', code: error.code, reason: error.message });
      await wait(5_000, undefined, { signal: this.#signal });
      return undefined;
    }
  }

  /** A person waits before it: what cannot begin is told, and not waited for, but for an approval. */
  async #beginByHand(
    policy: Exclude<Policy, { kind: 'resume' }>,
    byHand: ByHand,
  ): Promise<RunGrant | undefined> {
    const { terminals, transport } = this.#parts;
    if (policy.kind === 'wait') return this.#begin(policy);
    if (policy.kind === 'none') throw new AgentError(policy.code, policy.reason);
    const chosen = await chooseByHand(policy, byHand, this.#parts, this.#signal);
    if (chosen === undefined) return undefined;
    terminals.show({ kind: 'starting', text: `Starting "${chosen.name}"` });
    const request: RunRequest = { runId: RunId.parse(randomUUID()), ...chosen.request };
    return await this.#ask(async (trying) => transport.startRun(request, trying));
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
    const { log, machine, bootImage } = this.#parts;
    const note = otherBootImage(grant, { environment: machine.platform.environment, bootImage });
    if (note !== undefined) log.write('warn', note, 'Engine');
    const owner = { machineKey: this.#key, siteFingerprint: this.#site };
    const run = { grant, serverEvents, journals: this.#journals, owner };
    return runOnMachine(this.#parts, run, this.#signal);
  }

  /** The installed OS starts no run of its own; an agent without one takes itself away. */
  async #nothingToResume(): Promise<undefined> {
    const { log, machine } = this.#parts;
    log.write('warn', 'The server has no open run for this machine; the agent is removed');
    await closeOthers(this.#journals, undefined);
    await machine.journals.remove(this.#signal);
    await machine.removeAgent();
    return undefined;
  }

  async #ask<Value>(ask: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
    return askServer(this.#parts, ask, this.#signal);
  }
}

function againOf({ pollAfterMs }: Extract<Policy, { kind: 'offers' }>): { againMs?: number } {
  return pollAfterMs === undefined ? {} : { againMs: pollAfterMs };
}
