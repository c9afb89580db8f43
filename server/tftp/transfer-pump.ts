import { type Datagrams, openDatagrams, type PeerNumber } from '../netboot/ffi-datagrams.ts';

/** A socket that the pump reads. */
interface PumpedSocket {
  readonly descriptor: number;
  onDatagram(bytes: Uint8Array, from: PeerNumber): void;
  /** The system did not take this; `bytes` is a view that holds until it returns. */
  onRefused(bytes: Uint8Array, to: PeerNumber, errno: number): void;
  /** Sends again what the system had no room for. @returns whether something is left */
  sendBacklog(): boolean;
}
/** Reads and writes the transfers' sockets of one thread while there are transfers. */
export interface TransferPump {
  readonly datagrams: Datagrams;
  add(socket: PumpedSocket): void;
  remove(socket: PumpedSocket): void;
  /** A transfer begins. @returns what is to be called when it is over */
  begin(): () => void;
  /** Puts a datagram that was laid out into the batch; it is sent at once, or with the others of this turn. */
  send(socket: PumpedSocket, bytes: number, to: PeerNumber): void;
}

/** Timers are at most so late. */
const LONGEST_WAIT_MS = 5;
/** How soon what the system had no room for is tried again. */
const BACKLOG_WAIT_MS = 1;

/**
 * Opens the pump of this thread; undefined where there is no `node:ffi`. While transfers are under way, each
 * turn of the event loop waits for their sockets and for all else that the loop has to do, whichever comes
 * first, and goes on with the transfers alone for as long as only they have something. With none under way it
 * does nothing at all, and what then comes to a transfer's socket is late, and dropped.
 */
export function openTransferPump(): TransferPump | undefined {
  const datagrams = openDatagrams();
  return datagrams === undefined ? undefined : makePump(datagrams);
}

function makePump(datagrams: Datagrams): TransferPump {
  const sockets = new Map<number, PumpedSocket>();
  let list: readonly PumpedSocket[] = [];
  let descriptors: readonly number[] = [];
  let active = 0;
  let running = false;
  let inTurn = false;
  let backlog = false;

  const changed = () => {
    list = [...sockets.values()];
    descriptors = [...sockets.keys()];
  };
  datagrams.onRefused = (descriptor, bytes, to, errno) => {
    sockets.get(descriptor)?.onRefused(bytes, to, errno);
    backlog = true;
  };
  const work = (until: number): void => {
    for (;;) {
      if (backlog) backlog = list.filter((socket) => socket.sendBacklog()).length > 0;
      datagrams.flush();
      const { readable, loop } = datagrams.wait(
        descriptors,
        backlog ? BACKLOG_WAIT_MS : LONGEST_WAIT_MS,
      );
      for (const index of readable) {
        const socket = list[index];
        if (socket !== undefined)
          datagrams.receive(socket.descriptor, (bytes, from) => socket.onDatagram(bytes, from));
      }
      datagrams.flush();
      if (loop || readable.length === 0 || performance.now() > until) return;
    }
  };
  const turn = (): void => {
    running = active > 0;
    if (!running) return;
    inTurn = true;
    try {
      work(performance.now() + LONGEST_WAIT_MS);
    } finally {
      inTurn = false;
    }
    setImmediate(turn);
  };
  return {
    datagrams,
    add(socket) {
      sockets.set(socket.descriptor, socket);
      changed();
    },
    remove(socket) {
      datagrams.flush();
      sockets.delete(socket.descriptor);
      changed();
    },
    begin() {
      if (active === 0) for (const { descriptor } of list) drop(datagrams, descriptor);
      active += 1;
      if (!running) setImmediate(turn);
      running = true;
      return () => {
        active -= 1;
      };
    },
    send(socket, bytes, to) {
      datagrams.queue(socket.descriptor, bytes, to);
      if (!inTurn) datagrams.flush();
    },
  };
}

/** Late duplicates for transfers that are long over. */
function drop(datagrams: Datagrams, descriptor: number): void {
  while (datagrams.receive(descriptor, () => {}) > 0);
}
