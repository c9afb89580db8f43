import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** The discard service: what comes there is dropped. */
const DISCARD = 9;
/** A neighbour in the same network answers ARP at once, or is not there. */
const ANSWER_MS = 300;
const NOBODY = '00:00:00:00:00:00';

/**
 * MAC address of a neighbour, as the system knows it; null where it does not.
 *
 * @param ask sends it one byte, so that the system asks for its MAC address
 */
export async function findNeighbour(
  address: string,
  { interfaceName, ask }: { readonly interfaceName: string; readonly ask: boolean },
): Promise<string | null> {
  const known = await lookUp(address, interfaceName);
  if (known !== null || !ask) return known;
  const socket = createSocket('udp4');
  try {
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => {
      socket.send(Buffer.alloc(1), DISCARD, address, () => resolve());
    });
    await pause(ANSWER_MS);
  } finally {
    socket.close();
  }
  return lookUp(address, interfaceName);
}

async function lookUp(address: string, interfaceName: string): Promise<string | null> {
  return readNeighbour(await readFile('/proc/net/arp', 'utf8').catch(() => ''), {
    address,
    interfaceName,
  });
}

/** Finds a line of `/proc/net/arp`: address, hardware type, flags, MAC address, mask, device (proc_net(5)). */
export function readNeighbour(
  table: string,
  wanted: { readonly address: string; readonly interfaceName: string },
): string | null {
  for (const line of table.split('\n')) {
    const [address, , , mac, , device] = line.split(/\s+/);
    if (address === wanted.address && device === wanted.interfaceName)
      return mac === undefined || mac === NOBODY ? null : mac;
  }
  return null;
}
