import { randomBytes, randomInt } from 'node:crypto';
import type { Socket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { discoverPacket } from '../dhcp/discover.ts';
import { type HeardServer, heardServer } from '../dhcp/heard-server.ts';
import { formatPacket, parsePacket } from '../dhcp/packet.ts';
import { openUdpSocket } from '../netboot/ffi-socket.ts';
import { WireError } from '../wire-error.ts';
import type { Finding } from './finding.ts';

const SERVER_PORT = 67;
const CLIENT_PORT = 68;

/** Where to ask: the interface, and for how long to listen. */
export interface DhcpProbe {
  readonly interfaceName: string;
  readonly waitMs: number;
  /** 67 and 68, but in tests. */
  readonly ports?: { readonly server: number; readonly client: number; readonly to: string };
}

/**
 * Broadcasts one DHCPDISCOVER (RFC 2131, 4.4.1) on one interface and lists the servers that offer. Only
 * done when asked for: a packet goes out, and a DHCP server may set an address aside for a minute.
 */
export async function probeDhcp(probe: DhcpProbe, signal: AbortSignal): Promise<Finding[]> {
  const { interfaceName } = probe;
  const ports = probe.ports ?? { server: SERVER_PORT, client: CLIENT_PORT, to: '255.255.255.255' };
  let socket: Socket;
  try {
    socket = await openUdpSocket({
      address: '0.0.0.0',
      port: ports.client,
      device: interfaceName,
      shared: true,
    });
  } catch (error) {
    const hint = error instanceof Error && 'hint' in error ? String(error.hint) : 'run it as root';
    return [
      {
        level: 'problem',
        code: 'doctor.probe',
        message: `cannot ask on ${interfaceName}: ${error instanceof Error ? error.message : String(error)}`,
        hint,
      },
    ];
  }
  const heard = new Map<string, HeardServer>();
  try {
    // Of class `PXEClient`, so that PXE servers answer too; the address is locally administered: nobody's.
    const mac = Uint8Array.from([0x02, ...randomBytes(5)]);
    const discover = discoverPacket({ xid: randomInt(2 ** 32), mac });
    socket.on('message', (datagram) => {
      const server = offerOf(datagram, discover.xid);
      if (server !== undefined) {
        const before = heard.get(server.address);
        if (before?.pxe !== true) heard.set(server.address, server);
      }
    });
    socket.send(formatPacket(discover), ports.server, ports.to);
    await delay(probe.waitMs, undefined, { signal }).catch(() => undefined);
  } finally {
    socket.close();
  }
  if (heard.size === 0) {
    return [
      {
        level: 'warning',
        code: 'doctor.probe',
        message: `no DHCP server answered on ${interfaceName} within ${probe.waitMs / 1000} s`,
        hint: 'machines get their address from one: start it, or check cable, VLAN and relay',
      },
    ];
  }
  return [...heard].map(([address, { pxe, offered }]): Finding => {
    if (!pxe) {
      return {
        level: 'ok',
        code: 'doctor.probe',
        message: `DHCP server ${address} answers on ${interfaceName}; it gives the addresses${offered?.address == null ? '' : ` (${offered.address})`}`,
      };
    }
    return {
      level: 'warning',
      code: 'doctor.probe',
      message: `${address} on ${interfaceName} answers network boots too${offered?.file ? ` (${offered.file})` : ''}`,
      hint: 'machines take whichever answers first: stop it, or take options 66 and 67 out of its settings',
    };
  });
}

function offerOf(datagram: Uint8Array, xid: number): ReturnType<typeof heardServer> {
  try {
    const packet = parsePacket(datagram);
    return packet.op === 'reply' && packet.xid === xid ? heardServer(packet, new Set()) : undefined;
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
