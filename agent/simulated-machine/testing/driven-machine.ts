/**
 * The real driver on a simulated machine: its journal on the machine's system partition, the server that it
 * talks to, and whatever can go wrong between them.
 */
import { HiddenValueFinder } from '#agent/protocol/hidden-values.ts';
import { RunGrant } from '#agent/protocol/policy.ts';
import type { RunEvent, RunFact } from '#agent/protocol/run-event.ts';
import type { Platform } from '#agent/sequence/platform.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { TaskSequence } from '#agent/sequence/task-sequence.ts';
import { steps } from '#agent/steps/index.ts';
import { ServerClock } from '../../driver/clock.ts';
import { Outbox } from '../../driver/outbox.ts';
import type { ReleaseSecrets } from '../../driver/site-accounts.ts';
import { takeUp } from '../../driver/take-up.ts';
import { driveRun } from '../../driver.ts';
import { parseJournal } from '../../journal/format.ts';
import type { JournalMedium } from '../../journal/medium.ts';
import type { FoundJournal, JournalPlaces } from '../../journal/places.ts';
import { runContent } from '../../transport/run-content.ts';
import { SimulatedMachine } from '../machine.ts';
import { PowerCut, Restarted } from '../power.ts';
import { FakeServer, type Network } from './fake-server.ts';

const JOURNAL_BYTES = 512 * 1024;

/** A run, the machine it is driven on, and what goes wrong. */
export interface DrivenOptions {
  readonly document: { readonly name: string; readonly steps: readonly object[] };
  /** Packages that the grant has. */
  readonly content?: RunGrant['content'];
  /** Variables that the grant has. */
  readonly variables?: RunGrant['variables'];
  /** Gives away what steps need in secret. */
  readonly releaseSecrets?: ReleaseSecrets;
  /** As a server gave it, instead of one made of the document, content and variables. */
  readonly grant?: RunGrant;
  /** The grant as a later start of the machine asks for it; else it stays as it is. */
  readonly grantAgain?: () => Promise<RunGrant>;
  /** Takes the events, instead of the server of these tests. */
  readonly postEvents?: (events: readonly RunEvent[]) => Promise<{ readonly have: number }>;
  /** Programs of the machine: each ends with 0. */
  readonly programs?: readonly string[];
  /** Others, by name, with what they print. */
  readonly prints?: Readonly<Record<string, string>>;
  /** Bytes of each disk; one of 20 GB. */
  readonly disks?: readonly number[];
  /** The moment of the machine at which its power is cut. */
  readonly machineCut?: number;
  /** The moment of the journal and the network at which it is cut. */
  readonly cutAt?: number;
  readonly network?: Network;
  /** After a power cut the firmware starts the disk, if it can. */
  readonly diskFirst?: boolean;
  /** Put between the driver and the machine, at each of its starts, counted from 1. */
  readonly platform?: (platform: Platform, starts: number) => Platform;
  /** Put between the journal and its medium. */
  readonly medium?: (medium: JournalMedium) => JournalMedium;
}

/** A machine with one journal on its system partition, and the server it talks to. */
export class DrivenMachine {
  readonly server: FakeServer;
  readonly machine: SimulatedMachine;
  /** Moments of writing the journal and of talking to the server, counted from 1. */
  moments = 0;
  starts = 0;
  /** What it logged, over all its starts. */
  readonly log: string[] = [];
  /** What the machine said that it waits for. */
  readonly waited: string[] = [];
  readonly #options: DrivenOptions;
  readonly grant: RunGrant;
  readonly #sequence: TaskSequence;
  #wasCut = false;
  #platter = new Uint8Array();
  #cache = new Uint8Array();
  #system: string | undefined;

  constructor(options: DrivenOptions) {
    const {
      document,
      content = {},
      programs = [],
      prints = {},
      disks = [20 * 1024 ** 3],
    } = options;
    this.#options = options;
    const pinned: unknown =
      options.grant === undefined ? document : JSON.parse(options.grant.documentJson);
    this.#sequence = parseTaskSequence(pinned, steps);
    this.grant =
      options.grant ??
      RunGrant.parse({
        runId: '6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e5f',
        deploymentId: 'MWL20001',
        sequenceName: document.name,
        purpose: 'required',
        documentJson: JSON.stringify(document),
        documentSha256: 'd'.repeat(64),
        deviceName: 'PC1',
        variables: options.variables ?? [],
        content,
        resumeToken: 'token',
        runKey: Buffer.alloc(32, 7).toString('base64'),
        have: 0,
      });
    this.server = new FakeServer(options.network);
    this.machine = new SimulatedMachine({
      disks: disks.map((sizeBytes) => ({ sizeBytes })),
      powerCuts: options.machineCut === undefined ? [] : [options.machineCut],
      programs: {
        ...Object.fromEntries(programs.map((name) => [name, () => ({ code: 0 })])),
        ...Object.fromEntries(
          Object.entries(prints).map(([name, output]) => [name, () => ({ code: 0, output })]),
        ),
      },
    });
  }

  /** Starts the machine again and again until its run has ended. */
  async runToEnd() {
    for (this.starts = 1; this.starts < 20; this.starts += 1) {
      try {
        return await this.start();
      } catch (error) {
        if (!(error instanceof PowerCut) && !(error instanceof Restarted)) throw error;
        this.#wasCut = error instanceof PowerCut;
      }
    }
    throw new Error('the run does not end');
  }

  /** One start of the machine. @throws {Restarted}, {PowerCut} when it ends before the run does */
  async start() {
    const { releaseSecrets, grantAgain } = this.#options;
    const grant = (this.starts > 1 ? await grantAgain?.() : undefined) ?? this.grant;
    const given = grant.hidden === undefined ? undefined : new HiddenValueFinder(grant.hidden);
    const sequence = this.#sequence;
    const restart = this.server.events.findLast(({ fact }) => fact.kind === 'restart-requested');
    const asked = restart?.fact.kind === 'restart-requested' ? restart.fact.next : 'pe';
    const next = this.#wasCut && this.#options.diskFirst === true ? 'disk' : asked;
    const started = this.machine.start(next);
    const platform = this.#options.platform?.(started, this.starts) ?? started;
    const { signal } = this.machine.power;
    this.#cache = this.#platter.slice();
    const places = this.#places(signal);
    const { journal, from, have } = await takeUp(await places.find(signal), {
      grant,
      sequence,
      header: {
        runId: grant.runId,
        machineKey: 'k',
        resumeToken: grant.resumeToken,
        siteFingerprint: 's',
      },
      serverEvents: this.server.events.slice(),
    });
    await using outbox = new Outbox({
      journal,
      have,
      firstWaitMs: 0.1,
      longestWaitMs: 500,
      onTrouble: () => {},
      transport: {
        postEvents: async (_run, events) => {
          this.#tick(signal);
          const ack = (await this.#options.postEvents?.(events)) ?? this.server.post(events);
          this.#tick(signal);
          return ack;
        },
      },
    });
    const result = await driveRun(
      {
        grant,
        sequence,
        registry: steps,
        journal,
        from,
        journals: places,
        outbox,
        platform,
        // Nothing on a simulated machine reads an image's bytes.
        content: runContent(() => grant, { fetchChunk: async () => new Uint8Array() }, signal),
        clock: new ServerClock(() => 0),
        agentVersion: 'test',
        machineKey: 'k',
        builtInVariables: [],
        observer: {
          progress() {},
          waiting: (reason) => reason !== undefined && this.waited.push(reason),
          log: (message) => this.log.push(message),
          warn: (message) => this.log.push(message),
          async beforeRestart() {},
        },
        lookAgain: async () => {},
        ...(releaseSecrets === undefined ? {} : { releaseSecrets }),
        ...(given === undefined ? {} : { findGiven: (text: string) => given.find(text) }),
      },
      signal,
    );
    return { result, journal };
  }

  /** What lies on its disk as the journal of the run. */
  get journalBytes(): Uint8Array {
    return this.#platter;
  }

  /** What the server was told of that kind. */
  facts(kind: RunFact['kind']): readonly RunFact[] {
    return this.server.events.map(({ fact }) => fact).filter((fact) => fact.kind === kind);
  }

  /** How often the program of that name was run to its end. */
  runs(name: string): number {
    return this.machine.commands.filter(([program]) => program === name).length;
  }

  #tick(signal: AbortSignal): void {
    signal.throwIfAborted();
    this.moments += 1;
    if (this.moments === this.#options.cutAt) this.machine.power.cut();
  }

  #systemVolume(): string | undefined {
    return this.machine.storage
      .list()
      .flatMap(({ partitions }) => partitions)
      .find(({ type }) => type === 'efi')?.volume;
  }

  #medium(signal: AbortSignal): JournalMedium {
    const medium: JournalMedium = {
      capacityBytes: this.#cache.length,
      read: async () => this.#cache.slice(),
      write: async (offset, bytes) => {
        this.#tick(signal);
        this.#cache.set(bytes, offset);
      },
      sync: async () => {
        this.#tick(signal);
        this.#platter = this.#cache.slice();
      },
      close: async () => {},
    };
    return this.#options.medium?.(medium) ?? medium;
  }

  #places(signal: AbortSignal): JournalPlaces {
    return {
      onErase() {},
      async remember() {},
      async remove() {},
      find: async (): Promise<FoundJournal[]> => {
        if (this.#system !== this.#systemVolume()) return [];
        const parsed = parseJournal(this.#cache);
        return parsed
          ? [{ kind: 'journal', parsed, medium: this.#medium(signal), where: 'p1' }]
          : [];
      },
      create: async () => {
        signal.throwIfAborted();
        this.#system = this.#systemVolume();
        if (this.#system === undefined) return undefined;
        this.#cache = new Uint8Array(JOURNAL_BYTES);
        this.#platter = this.#cache.slice();
        return this.#medium(signal);
      },
    };
  }
}
