import type { NetbootInterface, NetbootReport, NetbootSnapshot } from '../../netboot/snapshot.ts';
import type { HeardServer } from '../heard-server.ts';
import { options, readOption } from '../options.ts';
import { type DhcpPacket, UNSPECIFIED } from '../packet.ts';
import { type Arrival, type BootChoice, chooseBoot, type Endpoint, findTarget } from '../proxy.ts';
import { type PxeClient, readMac, readPxeClient } from '../pxe-client.ts';
import { decideGrant, type Grant } from './grant.ts';
import { makeLeaseKeeper } from './lease-keeper.ts';
import { type Binding, type Lease, type LeaseTable, makeLeaseTable } from './lease-table.ts';
import { type BenchPool, poolOf } from './pool.ts';
import { grantDestination, makeGrantReply } from './reply.ts';
import { type BenchState, makeWatch, type Watch } from './watch.ts';

/** What the bench's DHCP server works with. */
export interface BenchSettings {
  readonly snapshot: () => NetbootSnapshot;
  /** Resolves when the store has them. */
  readonly write: (leases: readonly Lease[]) => Promise<void>;
  readonly onReport: (report: NetbootReport) => void;
  /** For reports. */
  readonly now: () => number;
  /** What leases end by: a clock that never jumps, so that none ends because somebody sets the time. */
  readonly clockMs?: () => number;
  /** Listens for other servers; another one is for tests. */
  readonly watch?: typeof makeWatch;
}

/** Sends a packet out of the interface that the other one came in by. */
type Send = (packet: DhcpPacket, to: Endpoint) => void;

/** What became of a request of a machine that wants to boot. */
export interface BenchAnswer {
  readonly client: PxeClient;
  readonly boot: BootChoice;
  readonly reason: string;
  /** The address it has now; null while it is only offered one. */
  readonly address: string | null;
}

/** The DHCP server of isolated benches: of those interfaces that have a pool. */
export interface BenchServer {
  /** What the store has; before it came nobody is answered. */
  load(leases: readonly Lease[]): void;
  /** A socket of an interface is open: the wire is asked for other servers, then the pool is granted from. */
  open(on: NetbootInterface, send: Send): { close(): void };
  /** Whether requests of this kind here are answered by this server, and not by proxyDHCP. */
  takes(request: DhcpPacket, on: NetbootInterface): boolean;
  /** Answers one. `onAnswer` is called once, if a machine that wants to boot is answered or left alone. */
  receive(
    request: DhcpPacket,
    arrival: Arrival,
    to: { readonly send: Send; readonly onAnswer: (answer: BenchAnswer) => void },
  ): void;
  /** Another server was heard: one that gives addresses stops this one. */
  heard(on: NetbootInterface, server: HeardServer, packet: DhcpPacket): void;
  /** An operator starts it again. */
  start(interfaceName: string): void;
  /** It had stopped already, before the thread was started anew. */
  stop(interfaceName: string, reason: string): void;
}

/** Answers that wait for the store; more are not taken on. */
const MOST_WAITING = 20_000;

/** Makes it. */
export function makeBenchServer(settings: BenchSettings): BenchServer {
  const { snapshot, onReport, now } = settings;
  const { clockMs: nowMs = () => performance.timeOrigin + performance.now() } = settings;
  const keeper = makeLeaseKeeper(settings.write);
  const watches = new Map<string, Watch>();
  const stopped = new Map<string, string>();
  const wanted = new Map<string, Lease>();
  let table: LeaseTable | undefined;
  let waiting = 0;

  const tell = (interfaceName: string, state: BenchState): void =>
    onReport({ kind: 'bench', atMs: now(), interfaceName, ...state });

  const stop = (interfaceName: string, reason: string, server?: HeardServer): void => {
    stopped.set(interfaceName, reason);
    watches.get(interfaceName)?.stop();
    const { address = null } = server ?? {};
    tell(interfaceName, { state: 'stopped', reason, server: address });
  };

  const poolFor = (request: DhcpPacket, on: NetbootInterface): BenchPool | undefined => {
    const { bench } = snapshot();
    return bench === undefined ? undefined : poolOf(request, bench, on);
  };

  /**
   * Holds it in the store; what the client was told before stays true if that fails. Resolves with whether
   * the store has it, and nothing newer is said of the address: a client that has given it back meanwhile,
   * or asks again, is not answered to what it asked first.
   */
  const keep = async (lease: Lease, binding: Binding, before: Binding | undefined) => {
    const leases = table;
    wanted.set(lease.address, lease);
    waiting += 1;
    try {
      await keeper.keep(lease);
      if (wanted.get(lease.address) !== lease) return false;
      leases?.kept(lease);
      return true;
    } catch (error) {
      if (leases?.at(lease.address) === binding)
        leases.put(before ?? { ...binding, state: 'released', untilMs: nowMs() });
      const why = error instanceof Error ? error.message : String(error);
      const reason = `The lease of ${lease.address} cannot be kept, so it is not granted: ${why}.`;
      onReport({ kind: 'socket-error', atMs: now(), code: 'dhcp.lease-not-kept', reason });
      return false;
    } finally {
      waiting -= 1;
      if (wanted.get(lease.address) === lease) wanted.delete(lease.address);
    }
  };

  return {
    load(leases) {
      table = makeLeaseTable(leases);
    },
    open(on, send) {
      const watch = (settings.watch ?? makeWatch)({
        isWanted: () =>
          snapshot().bench?.pools.some(({ interfaceName }) => interfaceName === on.name) ?? false,
        send,
        onState: (state) => tell(on.name, state),
      });
      watches.set(on.name, watch);
      const reason = stopped.get(on.name);
      if (reason !== undefined) watch.stop();
      return {
        close() {
          watch.close();
          if (watches.get(on.name) === watch) watches.delete(on.name);
        },
      };
    },
    takes(request, on) {
      if (request.op !== 'request' || stopped.has(on.name)) return false;
      return poolFor(request, on) !== undefined;
    },
    receive(request, arrival, { send, onAnswer }) {
      const { interface: on } = arrival;
      const watch = watches.get(on.name);
      const pool = poolFor(request, on);
      // What asks for other servers is heard by this one, too.
      if (pool === undefined || watch?.isOwn(request) === true) return;
      const all = snapshot();
      const client = readPxeClient(request);
      const mac = readMac(request);
      const boot: BootChoice =
        client === undefined ? { kind: 'none', reason: '', said: null } : chooseBoot(client, all);
      const answer = (reason: string, address: string | null): void => {
        if (client !== undefined) onAnswer({ client, boot, reason, address });
      };
      const notYet =
        table === undefined
          ? 'The leases are still being read from the store.'
          : watch?.isServing() === true
            ? undefined
            : 'Other DHCP servers are listened for before an address is granted.';
      const type = readOption(request, options.messageType);
      if (table === undefined || notYet !== undefined || waiting > MOST_WAITING) {
        if (type === 'discover') answer(notYet ?? 'Too many answers wait for the store.', null);
        return;
      }
      const target = findTarget({ mac, guid: client?.guid ?? null }, all);
      const { reservedFor, taken } = reservationsOf(all);
      const grant = decideGrant(request, {
        pool,
        leases: table,
        serverAddress: on.address,
        reserved: target === undefined ? undefined : reservedFor.get(target.deviceId),
        taken,
        hostName: target?.name ?? nameOf(request),
        nowMs: nowMs(),
      });
      const respond = (answered: Extract<Grant, { kind: 'offer' | 'ack' | 'nak' | 'inform' }>) => {
        const reply = makeGrantReply(request, answered, {
          pool,
          serverAddress: on.address,
          hostName: target !== undefined && isHostName(target.name) ? target.name : null,
          boot:
            client === undefined || boot.kind !== 'boot'
              ? undefined
              : { client, choice: boot.choice },
          toDisk: boot.kind === 'disk' ? client : undefined,
          snapshot: all,
        });
        send(reply, grantDestination(request, answered.kind));
      };
      const before =
        'binding' in grant && grant.binding ? table.at(grant.binding.address) : undefined;
      if ('binding' in grant && grant.binding !== undefined) table.put(grant.binding);
      switch (grant.kind) {
        case 'offer':
          respond(grant);
          answer(`It is offered ${grant.address}. ${boot.reason}`, null);
          return;
        case 'ack': {
          const told = `It has ${grant.address}. ${boot.reason}`;
          if (grant.keep === undefined) {
            respond(grant);
            answer(told, grant.address);
            return;
          }
          void keep(grant.keep, grant.binding, before).then((isKept) => {
            if (!isKept || stopped.has(on.name)) return;
            respond(grant);
            answer(told, grant.address);
          });
          return;
        }
        case 'nak':
        case 'inform':
          respond(grant);
          return;
        case 'noted': {
          const { keptUntilMs: _kept, state, ...lease } = grant.binding;
          if (state === 'declined') tellDeclined(on, grant.reason);
          const isKept = (before?.keptUntilMs ?? 0) > 0 || wanted.has(lease.address);
          if (state === 'declined' || isKept)
            void keep(
              { ...lease, state: state === 'declined' ? state : 'released' },
              grant.binding,
              before,
            );
          return;
        }
        case 'ignore':
          if (type === 'discover') answer(grant.reason, null);
      }
    },
    heard(on, server, packet) {
      const watch = watches.get(on.name);
      if (!server.grants || watch === undefined || !watch.isOn()) return;
      // What goes through a relay is of another network.
      if (packet.op === 'reply' && packet.giaddr !== UNSPECIFIED) return;
      const what =
        server.offered?.address == null
          ? 'a client takes an address of it'
          : `it gives ${server.offered.address} to ${server.offered.client}`;
      const reason = `Another DHCP server, ${server.address}, answers on ${on.name} (${what}): this one grants no addresses there any more.`;
      stop(on.name, reason, server);
    },
    start(interfaceName) {
      stopped.delete(interfaceName);
      watches.get(interfaceName)?.start();
    },
    stop: (interfaceName, reason) => stop(interfaceName, reason),
  };

  function tellDeclined(on: NetbootInterface, reason: string): void {
    const code = 'dhcp.address-in-use';
    onReport({ kind: 'socket-error', atMs: now(), code, reason: `${on.name}: ${reason}` });
  }
}

interface Reservations {
  readonly reservedFor: ReadonlyMap<string, string>;
  readonly taken: ReadonlySet<string>;
}

const known = new WeakMap<object, Reservations>();

/** What is set aside, worked out once for each snapshot. */
function reservationsOf({ bench, answerOn }: NetbootSnapshot): Reservations {
  if (bench === undefined) return { reservedFor: new Map(), taken: new Set() };
  const before = known.get(bench);
  if (before !== undefined) return before;
  const routers = bench.pools.flatMap(({ router }) => (router === null ? [] : [router]));
  const made: Reservations = {
    reservedFor: new Map(bench.reservations.map(({ deviceId, address }) => [deviceId, address])),
    taken: new Set([
      ...bench.reservations.map(({ address }) => address),
      ...routers,
      ...answerOn.map(({ address }) => address),
    ]),
  };
  known.set(bench, made);
  return made;
}

/** What a client calls itself (option 12), for people. */
function nameOf(request: DhcpPacket): string {
  const name = readOption(request, options.hostName) ?? '';
  return name.replaceAll(/[^\u0020-\u007e]/g, '').slice(0, 63);
}

/** Whether a name is a label of DNS (RFC 1123, 2.1). */
function isHostName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name);
}
