import { isFull, type PeerNumber, peerNumber } from '../netboot/ffi-datagrams.ts';
import { openUdpDescriptor } from '../netboot/ffi-socket.ts';
import {
  LINGER_MS,
  type LineEnd,
  segmentsPerSend,
  strangerRefusal,
  type TransferPort,
  type TransferPortSettings,
} from './transfer-port.ts';
import type { TransferPump } from './transfer-pump.ts';

/** Sends that wait for room; of more, each is a lost packet, which its client asks for again. */
const MOST_WAITING = 256;

/** A transfer port that is read and written by the batch. @throws {SocketError} */
export function openBatchedPort(settings: TransferPortSettings, pump: TransferPump): TransferPort {
  const { address, device, segmentBytes } = settings;
  const opened = openUdpDescriptor({ address, device, port: 0, segmentBytes });
  const { datagrams } = pump;
  const transfers = new Map<PeerNumber, LineEnd>();
  const lingering = new Map<PeerNumber, NodeJS.Timeout>();
  let waiting: { readonly bytes: Uint8Array; readonly to: PeerNumber }[] = [];
  let segmentation = segmentBytes !== undefined;

  const keep = (bytes: Uint8Array, to: PeerNumber): void => {
    if (waiting.length < MOST_WAITING) waiting.push({ bytes: Uint8Array.from(bytes), to });
  };
  const socket = {
    descriptor: opened.descriptor,
    onDatagram(bytes: Uint8Array, from: PeerNumber) {
      const transfer = transfers.get(from);
      if (transfer !== undefined) transfer.onDatagram(bytes);
      else if (bytes[1] !== 5 && !lingering.has(from)) sendCopy(strangerRefusal, from);
    },
    onRefused(bytes: Uint8Array, to: PeerNumber, errno: number) {
      if (isFull(errno)) keep(bytes, to);
      else if (segmentBytes !== undefined && bytes.length > segmentBytes) {
        // The segment is larger than the interface's MTU, or its driver cannot checksum: one by one, then.
        segmentation = false;
        for (let at = 0; at < bytes.length; at += segmentBytes)
          keep(bytes.subarray(at, at + segmentBytes), to);
      } else transfers.get(to)?.onSendError(`errno ${errno}`);
    },
    sendBacklog() {
      const now = waiting;
      waiting = [];
      for (const { bytes, to } of now) sendCopy(bytes, to);
      datagrams.flush();
      return waiting.length > 0;
    },
  };
  const sendCopy = (bytes: Uint8Array, to: PeerNumber): void => {
    datagrams.reserve(bytes.length).set(bytes);
    pump.send(socket, bytes.length, to);
  };
  pump.add(socket);
  return {
    isFreeFor: ({ address: of, port }) => {
      const peer = peerNumber(of, port);
      return !transfers.has(peer) && !lingering.has(peer);
    },
    attach(client, transfer) {
      const peer = peerNumber(client.address, client.port);
      const over = pump.begin();
      transfers.set(peer, transfer);
      let reserved: Uint8Array | undefined;
      return {
        reserve(bytes) {
          reserved = datagrams.reserve(bytes);
          return reserved;
        },
        send(bytes) {
          const inPlace = bytes === reserved;
          reserved = undefined;
          // Behind what waits, or the end of a window would overtake its beginning.
          if (waiting.length > 0) keep(bytes, peer);
          else if (inPlace) pump.send(socket, bytes.length, peer);
          else sendCopy(bytes, peer);
        },
        close() {
          over();
          transfers.delete(peer);
          const timer = setTimeout(() => lingering.delete(peer), LINGER_MS).unref();
          lingering.set(peer, timer);
        },
      };
    },
    get datagramsPerSend() {
      return segmentation ? segmentsPerSend(segmentBytes) : 1;
    },
    close() {
      for (const timer of lingering.values()) clearTimeout(timer);
      pump.remove(socket);
      opened.close();
    },
  };
}
