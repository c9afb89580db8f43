import { options, readOption } from './options.ts';
import type { DhcpPacket } from './packet.ts';

/** Another DHCP or PXE server that a packet betrays. */
export interface HeardServer {
  readonly address: string;
  /** It answers boot clients, so it may compete with this one. */
  readonly pxe: boolean;
}

/**
 * Finds the server that a packet speaks of: who sent an OFFER or ACK, or whose offer a client takes
 * (option 54 of a broadcast REQUEST). Undefined when that is nobody, or one of `own`.
 * @throws {WireError} `dhcp.value`
 */
export function heardServer(packet: DhcpPacket, own: ReadonlySet<string>): HeardServer | undefined {
  const address = readOption(packet, options.serverIdentifier);
  if (address === undefined || own.has(address) || address === '0.0.0.0') return undefined;
  const type = readOption(packet, options.messageType);
  if (packet.op === 'request') return type === 'request' ? { address, pxe: false } : undefined;
  if (type !== 'offer' && type !== 'ack') return undefined;
  const vendorClass = readOption(packet, options.vendorClass) ?? '';
  return { address, pxe: /^(PXE|HTTP)Client/.test(vendorClass) || packet.file !== '' };
}
