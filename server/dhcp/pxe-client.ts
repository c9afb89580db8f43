import {
  isPlaceholderGuid,
  type MacAddress,
  macAddressFromBytes,
  type SmbiosGuid,
} from '#agent/protocol/identity.ts';
import { architectureOfCode, type ClientArchitecture } from '#boot/architecture.ts';
import { options, readOption } from './options.ts';
import type { DhcpPacket } from './packet.ts';

/** Who asks to boot, as far as one packet says. Nothing in it is proof. */
export interface PxeClient {
  /** Null for hardware that is no Ethernet. */
  readonly mac: MacAddress | null;
  /** Null when missing or a placeholder, which identifies no machine. */
  readonly guid: SmbiosGuid | null;
  /** `PXEClient` is answered with a TFTP name, `HTTPClient` with a URL. */
  readonly vendorClass: 'PXEClient' | 'HTTPClient';
  /** All of option 60, `PXEClient:Arch:00007:UNDI:003016`. */
  readonly fullClass: string;
  /** The architectures of option 93 that the registry knows, as ordered by the client. */
  readonly architectures: readonly ClientArchitecture[];
  /** Name of the first one, or the raw code, for reports. */
  readonly architecture: string;
  /** It is iPXE that asks, by its user class. */
  readonly isIpxe: boolean;
}

/**
 * Reads a boot client out of a packet; undefined for a plain DHCP client.
 * @throws {WireError} `dhcp.value` when one of its options cannot be read
 */
export function readPxeClient(packet: DhcpPacket): PxeClient | undefined {
  const vendorClass = readOption(packet, options.vendorClass) ?? '';
  const kind = (['PXEClient', 'HTTPClient'] as const).find((name) => vendorClass.startsWith(name));
  if (kind === undefined) return undefined;
  const codes = readOption(packet, options.clientArchitecture) ?? [];
  const architectures = codes.map(architectureOfCode).filter((row) => row !== undefined);
  const guid = readOption(packet, options.clientGuid) ?? null;
  return {
    mac: readMac(packet),
    guid: guid === null || isPlaceholderGuid(guid) ? null : guid,
    vendorClass: kind,
    fullClass: vendorClass,
    architectures,
    architecture: architectures[0]?.name ?? codes[0]?.toString() ?? 'not given',
    isIpxe: (readOption(packet, options.userClass) ?? '').includes('iPXE'),
  };
}

/** The client's MAC address; null for hardware that is no Ethernet. */
export function readMac({
  htype,
  hlen,
  chaddr,
}: Pick<DhcpPacket, 'htype' | 'hlen' | 'chaddr'>): MacAddress | null {
  if (htype !== 1 || hlen !== 6) return null;
  return macAddressFromBytes(chaddr.subarray(0, 6)) ?? null;
}
