import { options, readOption } from './options.ts';
import { type DhcpPacket, UNSPECIFIED } from './packet.ts';
import { readMac } from './pxe-client.ts';

/** Another DHCP or PXE server that a packet betrays. */
export interface HeardServer {
  readonly address: string;
  /** It answers boot clients, so it may compete with this one. */
  readonly pxe: boolean;
  /** It gives addresses, or a client takes one of it. */
  readonly grants: boolean;
  /** What it offered; null where only a client named it. */
  readonly offered: ServerOffer | null;
}

/** What another server offered last. */
interface ServerOffer {
  /** To whom; empty for hardware that is no Ethernet. */
  readonly client: string;
  /** The address; null of a server that only tells what to boot. */
  readonly address: string | null;
  readonly router: string | null;
  /** Server and name of the boot file; empty where it names none. */
  readonly nextServer: string;
  readonly file: string;
}

/**
 * Finds the server that a packet speaks of: who sent an OFFER or ACK, or whose offer a client takes
 * (option 54 of a broadcast REQUEST). Undefined when that is nobody, or one of `own`.
 * @throws {WireError} `dhcp.value`
 */
export function heardServer(packet: DhcpPacket, own: ReadonlySet<string>): HeardServer | undefined {
  const address = readOption(packet, options.serverIdentifier);
  if (address === undefined || own.has(address) || address === UNSPECIFIED) return undefined;
  const type = readOption(packet, options.messageType);
  if (packet.op === 'request')
    return type === 'request' ? { address, pxe: false, grants: true, offered: null } : undefined;
  if (type !== 'offer' && type !== 'ack') return undefined;
  const vendorClass = readOption(packet, options.vendorClass) ?? '';
  const file = packet.file === '' ? (readOption(packet, options.bootFile) ?? '') : packet.file;
  const pxe = /^(PXE|HTTP)Client/.test(vendorClass) || file !== '';
  const { yiaddr, siaddr } = packet;
  const grants = yiaddr !== UNSPECIFIED;
  const offered: ServerOffer = {
    client: readMac(packet) ?? '',
    address: grants ? yiaddr : null,
    router: routerOf(packet),
    nextServer: siaddr === UNSPECIFIED ? '' : siaddr,
    file,
  };
  return { address, pxe, grants, offered };
}

/** A server that is told of is told of whatever else is wrong with its packet. */
function routerOf(packet: DhcpPacket): string | null {
  const raw = packet.options.find(({ code }) => code === options.routers.code)?.value;
  return raw === undefined || raw.length < 4 ? null : raw.subarray(0, 4).join('.');
}
