import type { Socket } from 'node:dgram';
import { heardServer } from '../dhcp/heard-server.ts';
import { options, readOption } from '../dhcp/options.ts';
import { parsePacket } from '../dhcp/packet.ts';
import { WireError } from '../wire-error.ts';
import { canBindToDevice, openUdpSocket, SocketError } from './ffi-socket.ts';
import type { NetbootInterface, NetbootReport } from './snapshot.ts';

/** Interfaces come and go; looked at so often. */
const LOOK_EVERY_MS = 5000;
/** How long this machine's addresses are taken for true: to list them takes longer than all else about a packet. */
const OWN_HOLD_MS = 1000;
/**
 * The sockets are bound to the broadcast address: on Linux such a socket gets broadcasts and nothing
 * else, so it takes no packet away from this machine's own DHCP client or from the sockets that answer.
 */
const BROADCAST = '255.255.255.255';

/** What hearing needs; `ports` are 67 and 68 but in tests. */
export interface HearingSettings {
  readonly interfaces: () => readonly NetbootInterface[];
  readonly ports: { readonly dhcp: number; readonly dhcpClient: number };
  readonly nowMs: () => number;
  readonly onReport: (report: Extract<NetbootReport, { kind: 'heard-server' }>) => void;
  /** Called once for each interface and reason. */
  readonly onError: (interfaceName: string, error: SocketError) => void;
}

/**
 * Hears other DHCP and PXE servers on every interface, also where nobody is answered: broadcast offers
 * and acks (port 68), and the server that a client's broadcast request names (port 67). Sends nothing.
 */
export function startPassiveHearing(settings: HearingSettings): {
  /** Resolves when the interfaces there are now are listened on. */
  readonly ready: Promise<void>;
  close(): void;
} {
  const open = new Map<string, readonly Socket[]>();
  const told = new Set<string>();
  let closed = false;
  let own: ReadonlySet<string> = new Set();
  let listedMs = Number.NEGATIVE_INFINITY;

  const list = (): readonly NetbootInterface[] => {
    const interfaces = settings.interfaces();
    own = new Set(interfaces.map(({ address }) => address));
    listedMs = settings.nowMs();
    return interfaces;
  };

  const look = async (): Promise<void> => {
    const now = new Map(list().map((each) => [`${each.name} ${each.address}`, each]));
    for (const [key, sockets] of open) {
      if (now.has(key)) continue;
      for (const socket of sockets) socket.close();
      open.delete(key);
    }
    for (const [key, on] of now) {
      if (open.has(key)) continue;
      open.set(key, []);
      const sockets = await openBoth(on);
      if (!closed && open.has(key)) open.set(key, sockets);
      else for (const socket of sockets) socket.close();
    }
  };

  const openBoth = async (on: NetbootInterface): Promise<Socket[]> => {
    const sockets: Socket[] = [];
    for (const port of [settings.ports.dhcp, settings.ports.dhcpClient]) {
      try {
        const socket = await openUdpSocket({
          address: BROADCAST,
          port,
          device: on.name,
          shared: true,
        });
        socket.on('message', (datagram) => hear(on, datagram));
        socket.on('error', () => socket.close());
        sockets.push(socket);
      } catch (error) {
        if (!(error instanceof SocketError)) throw error;
        const key = `${on.name} ${error.code}`;
        if (!told.has(key)) settings.onError(on.name, error);
        told.add(key);
      }
    }
    return sockets;
  };

  const hear = (on: NetbootInterface, datagram: Uint8Array): void => {
    try {
      const packet = parsePacket(datagram);
      // Most that comes here names no server.
      if (readOption(packet, options.serverIdentifier) === undefined) return;
      // A clock that is set back lists them again, too.
      if (Math.abs(settings.nowMs() - listedMs) >= OWN_HOLD_MS) list();
      const heard = heardServer(packet, own);
      if (heard === undefined) return;
      const atMs = settings.nowMs();
      settings.onReport({ kind: 'heard-server', atMs, interfaceName: on.name, ...heard });
    } catch (error) {
      // Anything may come on these ports; what is no DHCP betrays no DHCP server.
      if (!(error instanceof WireError)) throw error;
    }
  };

  let looking = canBindToDevice ? look() : Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    ready: looking,
    close() {
      closed = true;
      clearInterval(timer);
      for (const sockets of open.values()) for (const socket of sockets) socket.close();
      open.clear();
    },
  };
}
