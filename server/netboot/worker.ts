import { parentPort, workerData } from 'node:worker_threads';
import type { MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import type { Lease } from '../dhcp/bench/lease-table.ts';
import { makeDeviceTables } from './device-tables.ts';
import type { NetbootPorts } from './interface-sockets.ts';
import { makeReportBatch } from './report-batch.ts';
import { makeNetbootService } from './service.ts';
import type { BootFileMap, NetbootDevices, NetbootFrame, NetbootReport } from './snapshot.ts';

/**
 * The netboot thread: DHCP and TFTP answer from here, whatever the HTTP thread is busy with. It has its
 * snapshot by heart and asks nobody. What goes wrong beyond a packet ends the thread; `netboot.ts`
 * starts it again.
 */
export type ToWorker =
  | { readonly kind: 'devices'; readonly change: NetbootDevices }
  /** `whole`: with the records that came since the first of them. */
  | { readonly kind: 'frame'; readonly frame: NetbootFrame; readonly whole: boolean }
  | { readonly kind: 'files'; readonly files: BootFileMap }
  /** What the store has of leases; nothing is granted before. */
  | { readonly kind: 'leases'; readonly leases: readonly Lease[] }
  /** Leases were kept; `error` says why not. */
  | { readonly kind: 'leases-kept'; readonly id: number; readonly error: string | null }
  /** An operator starts a bench's DHCP server again. */
  | { readonly kind: 'bench-start'; readonly interfaceName: string }
  /** It stopped while an earlier thread ran. */
  | { readonly kind: 'bench-stop'; readonly interfaceName: string; readonly reason: string }
  | { readonly kind: 'close' };
export type FromWorker =
  /** In the order that they were made. */
  | { readonly kind: 'reports'; readonly reports: readonly NetbootReport[] }
  | { readonly kind: 'keep-leases'; readonly id: number; readonly leases: readonly Lease[] }
  /** The sockets of this revision are open, or their trouble is reported. */
  | { readonly kind: 'ready'; readonly revision: number };

const CHECK_EVERY_MS = 3000;

const port = parentPort;
if (port === null) throw new Error('worker.ts runs in a worker thread');
const post = (message: FromWorker): void => port.postMessage(message);
const { ports }: { ports: NetbootPorts } = workerData;
const reports = makeReportBatch((some) => post({ kind: 'reports', reports: some }));
const writes = new Map<number, (error: string | null) => void>();
let nextWrite = 1;
const service = makeNetbootService({
  ports,
  onReport: reports.add,
  now: () => Date.now(),
  writeLeases: (leases) => {
    const id = nextWrite++;
    return new Promise((done, failed) => {
      writes.set(id, (error) => (error === null ? done() : failed(new Error(error))));
      post({ kind: 'keep-leases', id, leases });
    });
  },
});
const tables = makeDeviceTables();
const timer = setInterval(() => void service.check(), CHECK_EVERY_MS);

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'devices':
      tables.change(message.change);
      return;
    case 'frame': {
      const { frame, whole } = message;
      const { revision } = frame;
      if (whole) tables.swap();
      const snapshot = {
        ...frame,
        byMac: { get: (mac: MacAddress) => tables.now().byMac.get(mac) },
        byGuid: { get: (guid: SmbiosGuid) => tables.now().byGuid.get(guid) },
      };
      void service.publish(snapshot).then(() => {
        // What could not be opened is known when it is said that all is open or reported.
        reports.flush();
        post({ kind: 'ready', revision });
      });
      return;
    }
    case 'files':
      service.publishFiles(message.files);
      return;
    case 'leases':
      service.bench.load(message.leases);
      return;
    case 'leases-kept':
      writes.get(message.id)?.(message.error);
      writes.delete(message.id);
      return;
    case 'bench-start':
      service.bench.start(message.interfaceName);
      return;
    case 'bench-stop':
      service.bench.stop(message.interfaceName, message.reason);
      return;
    case 'close':
      clearInterval(timer);
      service.close();
      reports.flush();
      port.close();
  }
});
