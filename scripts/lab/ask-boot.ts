import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openUdpSocket } from '#server/netboot/ffi-socket.ts';
import { BRIDGE } from './namespace.ts';
import { readBootp, type WireEvent } from './wire-summary.ts';

const discover = join(import.meta.dirname, '../../server/dhcp/testdata/ovmf-discover.hex');
/** Offsets in a BOOTP message (RFC 951), and of option 97 in this capture. */
const XID = 4;
const CHADDR = 28;
const WAIT_MS = 20_000;
/** Firmware asks again too: what was changed a moment ago takes its time. */
const AGAIN_MS = 1000;

export type BootOffer = Extract<WireEvent, { kind: 'dhcp' }>;

/** Who asks, and where. */
export interface Asker {
  readonly mac: string;
  /** SMBIOS UUID; without one the firmware sends zeros. */
  readonly uuid?: string;
  /** Interface of the bench that it hangs on. */
  readonly on?: string;
  /** How long it asks, again and again. */
  readonly waitMs?: number;
}

/**
 * Broadcasts the DISCOVER of a UEFI machine as OVMF sends it, and returns our server's answer, read without any of
 * its codecs; undefined where none came in time.
 */
export async function askBoot({
  mac,
  uuid,
  on = BRIDGE,
  waitMs = WAIT_MS,
}: Asker): Promise<BootOffer | undefined> {
  const packet = Buffer.from((await readFile(discover, 'utf8')).trim(), 'hex');
  const xid = Number.parseInt(mac.replaceAll(':', '').slice(-7), 16);
  packet.writeUInt32BE(xid, XID);
  packet.set(Buffer.from(mac.replaceAll(':', ''), 'hex'), CHADDR);
  packet.set(guidBytes(uuid), packet.indexOf(Buffer.from([97, 17, 0])) + 3);
  const socket = await openUdpSocket({ address: '0.0.0.0', port: 68, device: on, shared: true });
  const answers: BootOffer[] = [];
  socket.on('message', (bytes) => {
    if (bytes.readUInt32BE(XID) !== xid) return;
    const answer = readBootp(bytes, { from: '', to: '', mac: '' });
    // The site's DHCP server answers too, without a word of PXE.
    if (answer?.vendorClass === 'PXEClient') answers.push(answer);
  });
  try {
    for (let waited = 0; waited < waitMs && answers.length === 0; waited += 100) {
      if (waited % AGAIN_MS === 0) socket.send(packet, 67, '255.255.255.255');
      await pause(100);
    }
  } finally {
    socket.close();
  }
  return answers[0];
}

/** Option 97 lays the first three fields little-endian (RFC 4578, 2.3). */
function guidBytes(uuid = '00000000-0000-0000-0000-000000000000'): Buffer {
  const [a = '', b = '', c = '', d = '', e = ''] = uuid.split('-');
  const little = (hex: string): Buffer => Buffer.from(hex, 'hex').reverse();
  return Buffer.concat([little(a), little(b), little(c), Buffer.from(d + e, 'hex')]);
}
