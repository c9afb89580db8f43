import type { DhcpOption, DhcpPacket } from './packet.ts';
import { ipv4, ipv4List } from './values/address.ts';
import { bytes } from './values/bytes.ts';
import { clientGuid } from './values/client-guid.ts';
import type { ValueCodec } from './values/codec.ts';
import { messageType } from './values/message-type.ts';
import { terminatedText } from './values/terminated-text.ts';
import { text } from './values/text.ts';
import { uint16List } from './values/uint16-list.ts';
import { uint32 } from './values/uint32.ts';

/** One known DHCP option: code, codec of its value, where it is defined. */
export interface OptionRow<T> {
  readonly code: number;
  readonly codec: ValueCodec<T>;
  readonly section: string;
}

/** The options that this server reads or sends; all others are kept as bytes. */
export const options = {
  subnetMask: row(1, ipv4, 'RFC 2132, 3.3'),
  routers: row(3, ipv4List, 'RFC 2132, 3.5'),
  dnsServers: row(6, ipv4List, 'RFC 2132, 3.8'),
  hostName: row(12, text, 'RFC 2132, 3.14'),
  domainName: row(15, text, 'RFC 2132, 3.17'),
  broadcastAddress: row(28, ipv4, 'RFC 2132, 5.3'),
  vendorSpecific: row(43, bytes, 'RFC 2132, 8.4; of PXE, 2.1, table 2-1'),
  requestedAddress: row(50, ipv4, 'RFC 2132, 9.1'),
  leaseTime: row(51, uint32, 'RFC 2132, 9.2'),
  messageType: row(53, messageType, 'RFC 2132, 9.6'),
  serverIdentifier: row(54, ipv4, 'RFC 2132, 9.7'),
  parameterRequestList: row(55, bytes, 'RFC 2132, 9.8'),
  message: row(56, text, 'RFC 2132, 9.9'),
  renewalTime: row(58, uint32, 'RFC 2132, 9.11'),
  rebindingTime: row(59, uint32, 'RFC 2132, 9.12'),
  vendorClass: row(60, text, 'RFC 2132, 9.13'),
  clientIdentifier: row(61, bytes, 'RFC 2132, 9.14; echoed, RFC 6842'),
  tftpServerName: row(66, text, 'RFC 2132, 9.4'),
  bootFile: row(67, text, 'RFC 2132, 9.5'),
  userClass: row(77, text, 'RFC 3004; iPXE sends its name without a length'),
  relayAgentInformation: row(82, bytes, 'RFC 3046; echoed, last'),
  clientArchitecture: row(93, uint16List, 'RFC 4578, 2.1'),
  clientGuid: row(97, clientGuid, 'RFC 4578, 2.3'),
  bootConfigurationPath: row(252, terminatedText, 'private number of WDS; WPAD for others'),
} as const;

function row<T>(code: number, codec: ValueCodec<T>, section: string): OptionRow<T> {
  return { code, codec, section };
}

/** The raw bytes of an option, or undefined. */
export function rawOption(
  packet: Pick<DhcpPacket, 'options'>,
  { code }: { readonly code: number },
): Uint8Array | undefined {
  return packet.options.find((option) => option.code === code)?.value;
}

/** The value of an option, or undefined. @throws {WireError} `dhcp.value` if it cannot be read */
export function readOption<T>(packet: DhcpPacket, option: OptionRow<T>): T | undefined {
  const raw = rawOption(packet, option);
  return raw === undefined ? undefined : option.codec.parse(raw);
}

/** Makes an option for a packet. */
export function option<T>({ code, codec }: OptionRow<T>, value: T): DhcpOption {
  return { code, value: codec.format(value) };
}
