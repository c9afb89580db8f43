import {
  type BenchServer,
  type BenchSettings,
  makeBenchServer,
} from '../dhcp/bench/bench-server.ts';
import { BootFiles } from '../tftp/boot-files.ts';
import { openTransferPump } from '../tftp/transfer-pump.ts';
import { makeDatagramPorts } from './datagram-ports.ts';
import { canBindToDevice } from './ffi-socket.ts';
import { InterfaceSockets, type NetbootPorts } from './interface-sockets.ts';
import { makeMachineFiles } from './machine-files.ts';
import type { BootFileMap, NetbootReport, NetbootSnapshot } from './snapshot.ts';

/** Settings of the service inside the worker. */
export interface NetbootServiceSettings {
  readonly ports: NetbootPorts;
  readonly onReport: (report: NetbootReport) => void;
  readonly now: () => number;
  /** Puts leases of benches into the store. */
  readonly writeLeases: BenchSettings['write'];
}
export interface NetbootService {
  publish(snapshot: NetbootSnapshot): Promise<void>;
  publishFiles(files: BootFileMap): void;
  /** The DHCP server of benches. */
  readonly bench: Pick<BenchServer, 'load' | 'start' | 'stop'>;
  /** Opens what could not be opened before; to be called every few seconds. */
  check(): Promise<void>;
  close(): void;
}

/** DHCP and TFTP on the interfaces of the last snapshot. Before the first one, nobody is answered. */
export function makeNetbootService(settings: NetbootServiceSettings): NetbootService {
  let snapshot: NetbootSnapshot | undefined;
  let files = new BootFiles(new Map());
  let sockets: InterfaceSockets[] = [];
  const current = (): NetbootSnapshot => {
    if (snapshot === undefined) throw new Error('a socket is open before the first snapshot');
    return snapshot;
  };
  const machines = makeMachineFiles({ files: () => files, snapshot: current, now: settings.now });
  const { onReport, now, writeLeases: write } = settings;
  const pump = openTransferPump();
  const bench = makeBenchServer({ snapshot: current, onReport, now, write });
  const datagramPorts = makeDatagramPorts();
  const shared = { machines, bench, pump, datagramPorts };
  const context = { ...settings, snapshot: current, files: () => files, ...shared };

  const subject = 'second interface';
  const allowed = ({ answerOn }: NetbootSnapshot): NetbootSnapshot['answerOn'] => {
    if (canBindToDevice) return answerOn;
    if (answerOn.length <= 1) {
      const atMs = settings.now();
      settings.onReport({ kind: 'socket-state', atMs, subject, state: 'gone', address: '' });
      return answerOn;
    }
    // A broadcast reaches every plain socket of the port: one machine would be answered several times,
    // each time with another address.
    const code = 'netboot.one-interface';
    const reason = `Here sockets cannot be bound to an interface, so only ${answerOn[0]?.name} is answered on.`;
    settings.onReport({ kind: 'socket-error', atMs: settings.now(), code, reason, subject });
    return answerOn.slice(0, 1);
  };

  // One after the other: two at a time would both open what is missing.
  let working = Promise.resolve();
  const check = (): Promise<void> => {
    for (const loader of machines.silent())
      settings.onReport({ kind: 'loader', atMs: settings.now(), ...loader });
    working = working.then(async () => {
      for (const socket of sockets) await socket.check();
    });
    return working;
  };

  return {
    publish: (next) => {
      snapshot = next;
      const wanted = allowed(next);
      for (const socket of sockets) {
        if (!wanted.some((on) => socket.isFor(on))) socket.close();
      }
      sockets = wanted.map(
        (on) => sockets.find((socket) => socket.isFor(on)) ?? new InterfaceSockets(on, context),
      );
      return check();
    },
    publishFiles: (map) => {
      files.retire();
      files = new BootFiles(map);
    },
    bench,
    check,
    close: () => {
      for (const socket of sockets) socket.close();
      sockets = [];
      files.retire();
    },
  };
}
