import { networkInterfaces } from 'node:os';
import type { DeviceId, RunId } from '#agent/protocol/identity.ts';
import type { Policy } from '#agent/protocol/policy.ts';
import type { Progress } from '#agent/protocol/run-event.ts';
import type {
  BenchDhcpState,
  BootDecision,
  BootImageState,
  HeardServerState,
  ListenerState,
  LiveState,
} from './http/services.ts';
import { NETBOOT_WORKER } from './netboot/netboot.ts';
import type { BootPlace, NetbootInterface, NetbootReport } from './netboot/snapshot.ts';

const KEPT_DECISIONS = 500;
const KEPT_PROGRESS = 5000;
const KEPT_REFUSALS = 5000;
const KEPT_PLACES = 20_000;
/** Anyone on the wire can invent servers. */
const KEPT_SERVERS = 1000;
/** How long something that failed once, such as an answer that could not be sent, is shown. */
const PASSING_MS = 10 * 60_000;
const PURPOSE = 'network boot';

/** The live state with the ends that the composition root feeds. */
export interface LiveStateFeed extends LiveState {
  noteProgress(run: RunId, progress: Progress): void;
  /** @returns whether that is another policy than the last */
  notePolicy(device: DeviceId, policy: Policy): boolean;
  noteReport(report: NetbootReport): void;
  /** Another DHCP server has this MAC address. */
  noteServerMac(server: Pick<HeardServerState, 'interfaceName' | 'address'>, mac: string): void;
  /** Where a machine with one of these addresses last asked for its boot; null when that is not known. */
  bootPlace(macs: readonly string[]): BootPlace | null;
  setListeners(listeners: readonly ListenerState[]): void;
  setBootImages(images: readonly BootImageState[]): void;
}

/** Keeps in memory what is known of the moment. */
export function createLiveState(nowMs: () => number = Date.now): LiveStateFeed {
  const progress = new Map<RunId, Progress>();
  const refusals = new Map<DeviceId, string>();
  const heard = new Map<string, HeardServerState>();
  const benches = new Map<string, BenchDhcpState>();
  const places = new Map<string, BootPlace>();
  const decisions = makeNewest<BootDecision>(KEPT_DECISIONS);
  let listeners: readonly ListenerState[] = [];
  let images: readonly BootImageState[] = [];
  const sockets = new Map<string, ListenerState>();
  const passing = new Map<string, { readonly atMs: number; readonly state: ListenerState }>();
  return {
    progress: (run) => progress.get(run) ?? null,
    refusal: (device) => refusals.get(device) ?? null,
    decisions: decisions.all,
    lastDecision: (macs, guid) =>
      decisions.find((one) => macs.includes(one.mac) || (guid !== null && one.guid === guid)) ??
      null,
    bootPlace(macs) {
      const mac = macs.find((each) => places.has(each));
      return mac === undefined ? null : (places.get(mac) ?? null);
    },
    heardServers: () => [...heard.values()],
    benches: () => [...benches.values()],
    interfaces: listInterfaces,
    listeners: () => [
      ...listeners,
      ...sockets.values(),
      ...[...benches.values()].map(describeBench),
      ...[...passing.values()]
        .filter(({ atMs }) => nowMs() - atMs < PASSING_MS)
        .map(({ state }) => state),
    ],
    bootImages: () => images,
    noteProgress(run, latest) {
      keepNewest(progress, run, latest, KEPT_PROGRESS);
    },
    notePolicy(device, policy) {
      const before = refusals.get(device);
      refusals.delete(device);
      const [oldest] = refusals.keys();
      if (refusals.size >= KEPT_REFUSALS && oldest !== undefined) refusals.delete(oldest);
      if (policy.kind === 'none') refusals.set(device, policy.reason);
      return before !== refusals.get(device);
    },
    noteReport(report) {
      switch (report.kind) {
        case 'decision':
          decisions.add(report);
          if (report.place !== undefined) keepNewest(places, report.mac, report.place, KEPT_PLACES);
          return;
        case 'heard-server': {
          const { kind: _kind, atMs, ...server } = report;
          const key = `${server.interfaceName} ${server.address}`;
          const before = heard.get(key);
          keepNewest(
            heard,
            key,
            {
              ...server,
              pxe: server.pxe || before?.pxe === true,
              grants: server.grants || before?.grants === true,
              offered: server.offered ?? before?.offered ?? null,
              mac: before?.mac ?? null,
              firstHeardMs: before?.firstHeardMs ?? atMs,
              lastHeardMs: atMs,
            },
            KEPT_SERVERS,
          );
          return;
        }
        case 'socket-error': {
          const { subject, code, reason, atMs } = report;
          // A worker that died has taken all its sockets along; the next one reports its own.
          if (subject === NETBOOT_WORKER) {
            sockets.clear();
            benches.clear();
          }
          const state = { purpose: PURPOSE, address: code, ok: false, detail: reason };
          if (subject === undefined) passing.set(code, { atMs, state });
          else sockets.set(subject, state);
          return;
        }
        case 'socket-state': {
          const { subject, state, address } = report;
          if (state === 'gone') sockets.delete(subject);
          else sockets.set(subject, { purpose: PURPOSE, address, ok: true, detail: subject });
          return;
        }
        case 'bench': {
          const { kind: _kind, atMs, ...bench } = report;
          if (bench.state === 'off') benches.delete(bench.interfaceName);
          else benches.set(bench.interfaceName, { ...bench, sinceMs: atMs });
          return;
        }
        case 'transfer':
        case 'loader':
          return;
      }
    },
    noteServerMac({ interfaceName, address }, mac) {
      const key = `${interfaceName} ${address}`;
      const before = heard.get(key);
      if (before !== undefined) heard.set(key, { ...before, mac });
    },
    setListeners(next) {
      listeners = next;
    },
    setBootImages(next) {
      images = next;
    },
  };
}

function describeBench({ interfaceName, state, reason }: BenchDhcpState): ListenerState {
  const ok = state !== 'stopped';
  return { purpose: 'DHCP of a bench', address: interfaceName, ok, detail: reason };
}

/**
 * Puts the newest last; the oldest go when there are too many, a tenth at a time: a map passes over all that was taken
 * from its beginning, to find what is first.
 */
function keepNewest<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  const left = 0.9 * most;
  for (const oldest of map.keys()) {
    if (map.size <= left) return;
    map.delete(oldest);
  }
}

/** The newest values, of which there may be thousands a second: to add one copies none of the others. */
function makeNewest<Value>(most: number) {
  let values: Value[] = [];
  return {
    add(value: Value): void {
      values.push(value);
      if (values.length >= 2 * most) values = values.slice(-most);
    },
    /** The newest first. */
    all: (): Value[] => values.slice(-most).toReversed(),
    /** The newest that fits. */
    find: (fits: (value: Value) => boolean): Value | undefined =>
      values.slice(-most).findLast(fits),
  };
}

/**
 * Interfaces of this machine with an IPv4 address, loopback left out, as they are now: who has just plugged one in may
 * name it at once.
 */
function listInterfaces(): NetbootInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) => {
    const found = addresses?.find((one) => one.family === 'IPv4' && !one.internal);
    return found === undefined ? [] : [{ name, address: found.address, netmask: found.netmask }];
  });
}
