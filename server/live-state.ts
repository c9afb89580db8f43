import { networkInterfaces } from 'node:os';
import type { RunId } from '#agent/protocol/identity.ts';
import type { Progress } from '#agent/protocol/run-event.ts';
import type { BootDecision, BootImageState, ListenerState, LiveState } from './http/services.ts';
import type { NetbootInterface, NetbootReport } from './netboot/snapshot.ts';

const KEPT_DECISIONS = 500;
const KEPT_PROGRESS = 5000;

/** The live state with the ends that the composition root feeds. */
export interface LiveStateFeed extends LiveState {
  noteProgress(run: RunId, progress: Progress): void;
  noteReport(report: NetbootReport): void;
  setListeners(listeners: readonly ListenerState[]): void;
  setBootImages(images: readonly BootImageState[]): void;
}

/** Keeps in memory what is known of the moment. */
export function createLiveState(): LiveStateFeed {
  const progress = new Map<RunId, Progress>();
  const heard = new Map<string, ReturnType<LiveState['heardServers']>[number]>();
  let decisions: readonly BootDecision[] = [];
  let listeners: readonly ListenerState[] = [];
  let images: readonly BootImageState[] = [];
  let failures: readonly ListenerState[] = [];
  return {
    progress: (run) => progress.get(run) ?? null,
    decisions: () => decisions,
    lastDecision: (macs, guid) =>
      decisions.find((one) => macs.includes(one.mac) || (guid !== null && one.guid === guid)) ??
      null,
    heardServers: () => [...heard.values()],
    interfaces: listInterfaces,
    listeners: () => [...listeners, ...failures],
    bootImages: () => images,
    noteProgress(run, latest) {
      progress.delete(run); // the newest last: the oldest goes first
      progress.set(run, latest);
      const [oldest] = progress.keys();
      if (progress.size > KEPT_PROGRESS && oldest !== undefined) progress.delete(oldest);
    },
    noteReport(report) {
      switch (report.kind) {
        case 'decision':
          decisions = [report, ...decisions].slice(0, KEPT_DECISIONS);
          return;
        case 'heard-server': {
          const { interfaceName, address, pxe, atMs } = report;
          heard.set(`${interfaceName} ${address} ${pxe}`, {
            interfaceName,
            address,
            pxe,
            lastHeardMs: atMs,
          });
          return;
        }
        case 'socket-error':
          failures = [
            ...failures.filter(({ address }) => address !== report.code),
            { purpose: 'network boot', address: report.code, ok: false, detail: report.reason },
          ];
          return;
        case 'transfer':
          return;
      }
    },
    setListeners(next) {
      listeners = next;
    },
    setBootImages(next) {
      images = next;
    },
  };
}

/** Interfaces of this machine with an IPv4 address, loopback left out. */
function listInterfaces(): NetbootInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) => {
    const found = addresses?.find((one) => one.family === 'IPv4' && !one.internal);
    return found === undefined ? [] : [{ name, address: found.address, netmask: found.netmask }];
  });
}
