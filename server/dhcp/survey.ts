import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { MacAddress } from '#agent/protocol/identity.ts';
import { openUdpSocket } from '../netboot/ffi-socket.ts';
import { WireError } from '../wire-error.ts';
import { type HeardServer, heardServer } from './heard-server.ts';
import { option, options } from './options.ts';
import { type DhcpPacket, formatPacket, parsePacket } from './packet.ts';

/** One look at one network. */
export interface SurveySettings {
  readonly interfaceName: string;
  /** Sent as the client's; use the interface's own, which the network's servers may know. */
  readonly mac: MacAddress;
  /** Addresses of this server, which are not reported. */
  readonly own: ReadonlySet<string>;
  /** A server that checks whether an address is free answers after 3 s only. */
  readonly waitMs: number;
  /** For tests; 67 and 68. */
  readonly ports?: { readonly server: number; readonly client: number };
}

/**
 * Asks who answers DHCP on a network: sends one DISCOVER of an x64 UEFI boot client and collects the
 * OFFERs. It takes no address. To be done only when a person asks, on interfaces that are named.
 * @throws {SocketError}
 */
export async function surveyServers(
  settings: SurveySettings,
  signal: AbortSignal,
): Promise<readonly HeardServer[]> {
  const { interfaceName, mac, own, waitMs } = settings;
  const ports = settings.ports ?? { server: 67, client: 68 };
  const socket = await openUdpSocket({
    address: '0.0.0.0',
    port: ports.client,
    device: interfaceName,
    shared: true,
  });
  const found = new Map<string, HeardServer>();
  const discover = makeDiscover(mac, randomInt(2 ** 32));
  try {
    socket.on('message', (datagram) => {
      const heard = readOffer(datagram, discover.xid, own);
      if (heard === undefined) return;
      const pxe = heard.pxe || (found.get(heard.address)?.pxe ?? false);
      found.set(heard.address, { ...heard, pxe });
    });
    socket.send(formatPacket(discover), ports.server, '255.255.255.255');
    await wait(waitMs, undefined, { signal });
  } finally {
    socket.close();
  }
  return [...found.values()];
}

function readOffer(
  datagram: Uint8Array,
  xid: number,
  own: ReadonlySet<string>,
): HeardServer | undefined {
  try {
    const packet = parsePacket(datagram);
    return packet.op === 'reply' && packet.xid === xid ? heardServer(packet, own) : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

function makeDiscover(mac: MacAddress, xid: number): DhcpPacket {
  const chaddr = new Uint8Array(16);
  chaddr.set(Buffer.from(mac.replaceAll(':', ''), 'hex'));
  const none = '0.0.0.0';
  return {
    op: 'request',
    htype: 1,
    hlen: 6,
    hops: 0,
    xid,
    secs: 0,
    flags: 0x8000,
    ciaddr: none,
    yiaddr: none,
    siaddr: none,
    giaddr: none,
    chaddr,
    sname: '',
    file: '',
    options: [
      option(options.messageType, 'discover'),
      option(options.parameterRequestList, Uint8Array.of(1, 3, 43, 54, 60, 66, 67)),
      option(options.vendorClass, 'PXEClient:Arch:00007:UNDI:003000'),
      option(options.clientArchitecture, [7]),
      option(options.clientInterface, Uint8Array.of(1, 3, 0)),
    ],
  };
}
