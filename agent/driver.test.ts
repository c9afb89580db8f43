import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { ServerClock } from './driver/clock.ts';
import { Outbox } from './driver/outbox.ts';
import { takeUp } from './driver/take-up.ts';
import { driveRun } from './driver.ts';
import { parseJournal } from './journal/format.ts';
import type { JournalMedium } from './journal/medium.ts';
import type { FoundJournal, JournalPlaces } from './journal/places.ts';
import { ContentManifest } from './protocol/content.ts';
import { RunGrant } from './protocol/policy.ts';
import type { RunEvent } from './protocol/run-event.ts';
import { parseTaskSequence } from './sequence/schema.ts';
import { SimulatedMachine } from './simulated-machine/machine.ts';
import { PowerCut, Restarted } from './simulated-machine/power.ts';
import { steps } from './steps/index.ts';
import { runContent } from './transport/run-content.ts';
import { TransportError } from './transport/transport-error.ts';

const GB = 1024 ** 3;
const manifest = ContentManifest.parse({
  packageId: 'MWL00001',
  version: 1,
  name: 'Debian 12',
  kind: 'os-image',
  objects: [{ path: 'os.wim', sizeBytes: 1000, sha256: 'ab'.repeat(32), chunks: [] }],
  images: [{ index: 1, name: 'Debian', architecture: 'x64', totalBytes: GB, kind: 'linux' }],
});
const command = (name: string) => ({
  step: name,
  type: 'run-command',
  params: { commandLine: name },
});
const document = {
  name: 'Install',
  steps: [
    command('first'),
    {
      step: 'Partition',
      type: 'format-disk',
      params: {
        partitions: [
          { type: 'efi', size: { mb: 512 } },
          { name: 'root', fileSystem: 'ext4', variable: 'OSVolume' },
        ],
      },
    },
    {
      step: 'Apply',
      type: 'apply-image',
      params: { image: { id: 'MWL00001' }, destination: { variable: 'OSVolume' } },
    },
    command('in-pe'),
    { step: 'Restart', type: 'restart', params: { target: 'hd' } },
    command('in-os'),
  ],
};
const commands = ['first', 'in-pe', 'in-os'];
const grant = RunGrant.parse({
  runId: '6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e5f',
  deploymentId: 'MWL20001',
  sequenceName: 'Install',
  purpose: 'required',
  documentJson: JSON.stringify(document),
  documentSha256: 'd'.repeat(64),
  deviceName: 'PC1',
  variables: [],
  content: { MWL00001: { kind: 'found', manifest, sources: ['http://dp'] } },
  resumeToken: 'token',
  runKey: Buffer.alloc(32, 7).toString('base64'),
  have: 0,
});
const sequence = parseTaskSequence(document, steps);
const header = { runId: grant.runId, machineKey: 'k', resumeToken: 'token', siteFingerprint: 's' };

/** What the network does to one POST of events, by its number from 1. */
type Network = (post: number) => 'well' | 'lost' | 'ack-lost' | 'twice';

/** Keeps each event once, as the server does. */
class FakeServer {
  readonly events: RunEvent[] = [];
  posts = 0;
  readonly #network: Network;
  constructor(network: Network = () => 'well') {
    this.#network = network;
  }

  post(events: readonly RunEvent[]): { have: number } {
    this.posts += 1;
    const what = this.#network(this.posts);
    if (what === 'lost') throw new TransportError('transport.unreachable', 'lost');
    this.#keep(events);
    if (what === 'twice') this.#keep(events);
    if (what === 'ack-lost') throw new TransportError('transport.unreachable', 'answer lost');
    return { have: this.events.length };
  }

  #keep(events: readonly RunEvent[]): void {
    for (const event of events) {
      const kept = this.events[event.seq - 1];
      if (kept && !isDeepStrictEqual(kept, event))
        throw new TransportError('run.forked', 'other bytes', { status: 409 });
      if (event.seq === this.events.length + 1) this.events.push(structuredClone(event));
    }
  }
}

/** A machine with one journal on its system partition, and the server it talks to. */
class Bench {
  readonly server: FakeServer;
  readonly machine: SimulatedMachine;
  readonly #cutAt: number | undefined;
  readonly #diskFirst: boolean;
  #wasCut = false;
  /** Moments of writing the journal and of talking to the server, counted from 1. */
  moments = 0;
  starts = 0;
  /** What the machine said that it waits for. */
  readonly waited: string[] = [];
  #platter = new Uint8Array();
  #cache = new Uint8Array();
  #system: string | undefined;

  constructor(
    options: {
      machineCut?: number;
      cutAt?: number;
      network?: Network;
      disks?: number[];
      /** After a power cut the firmware starts the disk, if it can. */
      diskFirst?: boolean;
    } = {},
  ) {
    this.#cutAt = options.cutAt;
    this.#diskFirst = options.diskFirst ?? false;
    this.server = new FakeServer(options.network);
    this.machine = new SimulatedMachine({
      disks: (options.disks ?? [20 * GB]).map((sizeBytes) => ({ sizeBytes })),
      powerCuts: options.machineCut === undefined ? [] : [options.machineCut],
      programs: Object.fromEntries(commands.map((name) => [name, () => ({ code: 0 })])),
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

  async start() {
    const restart = this.server.events.findLast(({ fact }) => fact.kind === 'restart-requested');
    const asked = restart?.fact.kind === 'restart-requested' ? restart.fact.next : 'pe';
    const next = this.#wasCut && this.#diskFirst ? 'disk' : asked;
    const platform = this.machine.start(next);
    const { signal } = this.machine.power;
    this.#cache = this.#platter.slice();
    const places = this.#places(signal);
    const { journal, from, have } = await takeUp(await places.find(signal), {
      grant,
      sequence,
      header,
      serverEvents: this.server.events.slice(),
    });
    await using outbox = new Outbox({
      journal,
      have,
      firstWaitMs: 0.1,
      onTrouble: () => {},
      transport: {
        postEvents: async (_run, events) => {
          this.#tick(signal);
          const ack = this.server.post(events);
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
        content: runContent(grant, { fetchChunk: async () => new Uint8Array() }, signal),
        clock: new ServerClock(() => 0),
        agentVersion: 'test',
        machineKey: 'k',
        builtInVariables: [],
        observer: {
          progress() {},
          waiting: (reason) => reason !== undefined && this.waited.push(reason),
          log() {},
          warn() {},
          async beforeRestart() {},
        },
        lookAgain: async () => {},
      },
      signal,
    );
    return { result, journal };
  }

  /** What the server had when the step of that name was begun on the machine. */
  facts(kind: RunEvent['fact']['kind']) {
    return this.server.events.map(({ fact }) => fact).filter((fact) => fact.kind === kind);
  }

  runs(name: string): number {
    return this.machine.commands.filter(([program]) => program === name).length;
  }

  #tick(signal: AbortSignal): void {
    signal.throwIfAborted();
    this.moments += 1;
    if (this.moments === this.#cutAt) this.machine.power.cut();
  }

  #systemVolume(): string | undefined {
    return this.machine.storage
      .list()
      .flatMap(({ partitions }) => partitions)
      .find(({ type }) => type === 'efi')?.volume;
  }

  #medium(signal: AbortSignal): JournalMedium {
    return {
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
        this.#cache = new Uint8Array(512 * 1024);
        this.#platter = this.#cache.slice();
        return this.#medium(signal);
      },
    };
  }
}

/** Whatever happened: nothing ran twice, and the run has ended in words. */
function expectSound(bench: Bench, succeeded: boolean, code: string | undefined): void {
  const { events } = bench.server;
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(bench.facts('run-finished')).toHaveLength(1);
  for (const name of commands) expect(bench.runs(name)).toBeLessThanOrEqual(1);
  if (succeeded) expect(commands.map((name) => bench.runs(name))).toEqual([1, 1, 1]);
  else expect(code).toBe('run.interrupted');
}

describe('M56 a run through restarts and power cuts', () => {
  it('ends on this machine and on the server alike', async () => {
    const bench = new Bench();
    const { result, journal } = await bench.runToEnd();
    expect(result.succeeded).toBe(true);
    expect(journal.events).toEqual(bench.server.events);
    expect(journal.inMemory).toBe(false);
    expect(bench.starts).toBe(2);
    expectSound(bench, true, undefined);
  });

  it('runs nothing twice and skips nothing, wherever the power is cut on the machine', async () => {
    const whole = new Bench();
    await whole.runToEnd();
    const endings = new Set<string>();
    for (let cut = 1; cut <= whole.machine.power.moment; cut += 1) {
      const bench = new Bench({ machineCut: cut });
      const { result } = await bench.runToEnd();
      expectSound(bench, result.succeeded, result.error?.code);
      endings.add(result.error?.code ?? 'succeeded');
    }
    expect(endings).toEqual(new Set(['succeeded', 'run.interrupted']));
  });

  it('goes back to the PE when the firmware starts the half-made OS after a power cut', async () => {
    const whole = new Bench();
    await whole.runToEnd();
    let wentBack = 0;
    for (let cut = 1; cut <= whole.machine.power.moment; cut += 1) {
      const bench = new Bench({ machineCut: cut, diskFirst: true });
      const { result } = await bench.runToEnd();
      expectSound(bench, result.succeeded, result.error?.code);
      if (bench.facts('restart-requested').length > 1) wentBack += 1;
    }
    expect(wentBack).toBeGreaterThan(0);
  });

  it('runs nothing twice and skips nothing, wherever it is cut between journal and server', async () => {
    const whole = new Bench();
    await whole.runToEnd();
    for (let cutAt = 1; cutAt <= whole.moments; cutAt += 1) {
      const bench = new Bench({ cutAt });
      const { result } = await bench.runToEnd();
      expectSound(bench, result.succeeded, result.error?.code);
    }
  });

  it.each([
    { name: 'lost', network: (post: number) => (post % 3 === 0 ? 'well' : 'lost') },
    { name: 'answered in vain', network: (post: number) => (post % 2 === 0 ? 'well' : 'ack-lost') },
    { name: 'doubled', network: () => 'twice' },
  ] satisfies { name: string; network: Network }[])(
    'keeps each event once when posts are $name',
    async ({ network }) => {
      const bench = new Bench({ network });
      const { result, journal } = await bench.runToEnd();
      expect(result.succeeded).toBe(true);
      expect(bench.server.events).toEqual(journal.events);
    },
  );

  it('runs and erases nothing before the server has the step, while no disk keeps the journal', async () => {
    let away = true;
    const bench = new Bench({ network: () => (away ? 'lost' : 'well') });
    const running = bench.runToEnd();
    await vi.waitUntil(() => bench.waited.includes('Waiting for the server before "first"'));
    expect(bench.runs('first')).toBe(0);
    expect(bench.machine.storage.list()[0]?.partitions).toEqual([]);
    away = false;
    expect((await running).result.succeeded).toBe(true);
  });

  it('goes on with the server’s copy where the journal is behind or gone', async () => {
    const bench = new Bench({ cutAt: 3 });
    const { result } = await bench.runToEnd();
    expectSound(bench, result.succeeded, result.error?.code);
    expect(bench.facts('resumed')[0]).toMatchObject({ from: 'server' });
  });

  it('stops when another machine went on with the run', async () => {
    const bench = new Bench();
    await expect(bench.start()).rejects.toBeInstanceOf(Restarted);
    const other = bench.server.events.at(-1);
    if (!other) throw new Error('no events');
    bench.server.events[bench.server.events.length - 1] = { ...other, atMs: 99_999 };
    await expect(bench.start()).rejects.toThrow(expect.objectContaining({ code: 'run.forked' }));
  });

  it('M43 ends before the first step when the disk is too small, and writes nothing', async () => {
    const bench = new Bench({ disks: [1 * GB] });
    const { result } = await bench.runToEnd();
    expect(result.error?.code).toMatch(/^(disk|image)\./);
    expect(bench.facts('step-started')).toEqual([]);
    expect(bench.machine.storage.list()[0]?.partitions).toEqual([]);
  });
});
