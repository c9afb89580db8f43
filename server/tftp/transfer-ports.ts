import { openBatchedPort } from './batched-port.ts';
import {
  openPlainPort,
  type Peer,
  type TransferPort,
  type TransferPortSettings,
} from './transfer-port.ts';
import type { TransferPump } from './transfer-pump.ts';

/**
 * The transfer ports of one interface: one for all lock-step transfers, one for each block size that is
 * sent in windows (its socket cuts large sends at that size), and a further one where a client starts
 * again from a port that it used a moment ago.
 */
export interface TransferPorts {
  /** A port where this client has no transfer. @throws {SocketError} */
  portFor(peer: Peer, packetBytes: number, windowSize: number): Promise<TransferPort>;
  close(): void;
}

/** Clients choose block sizes freely; more than this many share the port without segmentation. */
const MOST_SIZES = 16;
/**
 * A segment must fit into one frame; larger blocks go out as IP fragments, one send each. And an OACK or
 * ERROR must fit into one segment, or the kernel would cut it too.
 */
const LARGEST_SEGMENT = 1472;
const SMALLEST_SEGMENT = 512;

/** Makes an empty pool; sockets are opened when they are needed, past dgram where there is a pump. */
export function makeTransferPorts(
  where: Omit<TransferPortSettings, 'segmentBytes'>,
  pump: TransferPump | undefined,
): TransferPorts {
  const bySize = new Map<number, Promise<TransferPort>[]>();
  const opened = new Set<TransferPort>();
  let closed = false;

  const openOne = async (segmentBytes: number): Promise<TransferPort> => {
    const settings = { ...where, segmentBytes: segmentBytes || undefined };
    const port =
      pump === undefined ? await openPlainPort(settings) : openBatchedPort(settings, pump);
    if (closed) port.close();
    opened.add(port);
    return port;
  };

  return {
    portFor: async (peer, packetBytes, windowSize) => {
      const fits = packetBytes >= SMALLEST_SEGMENT && packetBytes <= LARGEST_SEGMENT;
      const wanted = windowSize > 1 && fits ? packetBytes : 0;
      const size = bySize.has(wanted) || bySize.size < MOST_SIZES ? wanted : 0;
      const ports = bySize.get(size) ?? [];
      bySize.set(size, ports);
      for (const pending of ports) {
        const port = await pending;
        if (port.isFreeFor(peer)) return port;
      }
      const pending = openOne(size);
      ports.push(pending);
      pending.catch(() => ports.splice(ports.indexOf(pending), 1));
      return pending;
    },
    close: () => {
      closed = true;
      for (const port of opened) port.close();
    },
  };
}
