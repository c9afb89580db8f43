import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openUdpSocket } from '#server/netboot/ffi-socket.ts';
import { BRIDGE } from './namespace.ts';

const discover = join(import.meta.dirname, '../../server/dhcp/testdata/ovmf-discover.hex');
/** Offsets in a BOOTP message (RFC 951): transaction id, seconds, hardware address. */
const XID = 4;
const SECS = 8;
const CHADDR = 28;
/** siaddr: the server that the answer names. */
const SIADDR = 20;

/** Addresses of the servers that answered each client, by the number of the client. */
export type PxeAnswers = ReadonlyMap<number, readonly string[]>;

/** Broadcasts the DISCOVER of UEFI firmware for many machines at once, and collects what answers. */
export async function askPxe(
  clients: readonly number[],
  { secs = 0, waitMs = 2500 }: { readonly secs?: number; readonly waitMs?: number } = {},
): Promise<PxeAnswers> {
  const text = await readFile(discover, 'utf8');
  const answers = new Map<number, string[]>(clients.map((client) => [client, []]));
  const socket = await openUdpSocket({
    address: '0.0.0.0',
    port: 68,
    device: BRIDGE,
    shared: true,
  });
  socket.on('message', (bytes) => {
    const client = bytes.readUInt32BE(XID) - 0x1000;
    answers.get(client)?.push([...bytes.subarray(SIADDR, SIADDR + 4)].join('.'));
  });
  try {
    for (const client of clients) {
      const packet = Buffer.from(text.trim(), 'hex');
      packet.writeUInt32BE(0x1000 + client, XID);
      packet.writeUInt16BE(secs, SECS);
      packet.set([0x52, 0x54, 0x00, 0x77, 0x02, client], CHADDR);
      socket.send(packet, 67, '255.255.255.255');
    }
    await pause(waitMs);
  } finally {
    socket.close();
  }
  return answers;
}
