import { parentPort, workerData } from 'node:worker_threads';
import type { NetbootPorts } from './interface-sockets.ts';
import { makeNetbootService } from './service.ts';
import type { BootFileMap, NetbootReport, NetbootSnapshot } from './snapshot.ts';

/**
 * The netboot thread: DHCP and TFTP answer from here, whatever the HTTP thread is busy with. It has its
 * snapshot by heart and asks nobody. What goes wrong beyond a packet ends the thread; `netboot.ts`
 * starts it again.
 */
export type ToWorker =
  | { readonly kind: 'snapshot'; readonly snapshot: NetbootSnapshot }
  | { readonly kind: 'files'; readonly files: BootFileMap }
  | { readonly kind: 'close' };
export type FromWorker =
  | { readonly kind: 'report'; readonly report: NetbootReport }
  /** The sockets of this revision are open, or their trouble is reported. */
  | { readonly kind: 'ready'; readonly revision: number };

const CHECK_EVERY_MS = 3000;

const port = parentPort;
if (port === null) throw new Error('worker.ts runs in a worker thread');
const post = (message: FromWorker): void => port.postMessage(message);
const { ports }: { ports: NetbootPorts } = workerData;
const service = makeNetbootService({
  ports,
  onReport: (report) => post({ kind: 'report', report }),
  now: () => Date.now(),
});
const timer = setInterval(() => void service.check(), CHECK_EVERY_MS);

port.on('message', (message: ToWorker) => {
  switch (message.kind) {
    case 'snapshot': {
      const { revision } = message.snapshot;
      void service.publish(message.snapshot).then(() => post({ kind: 'ready', revision }));
      return;
    }
    case 'files':
      service.publishFiles(message.files);
      return;
    case 'close':
      clearInterval(timer);
      service.close();
      port.close();
  }
});
