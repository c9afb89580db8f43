import { option, options } from './options.ts';
import { type DhcpPacket, UNSPECIFIED } from './packet.ts';

/** Client architecture of UEFI for x64 (RFC 4578, section 2.1). */
const UEFI_X64 = 7;
/** The answer is to be broadcast: the asker has no address yet (RFC 2131, section 2). */
const BROADCAST_FLAG = 0x8000;

/**
 * A DHCPDISCOVER (RFC 2131, 4.4.1): of firmware that starts from the network (RFC 4578), or a plain one.
 * @param mac six bytes
 */
export function discoverPacket({
  xid,
  mac,
  boots = true,
}: {
  readonly xid: number;
  readonly mac: Uint8Array;
  /** False for a client that only wants an address. */
  readonly boots?: boolean;
}): DhcpPacket {
  const chaddr = new Uint8Array(16);
  chaddr.set(mac);
  return {
    op: 'request',
    htype: 1,
    hlen: 6,
    hops: 0,
    xid,
    secs: 0,
    flags: BROADCAST_FLAG,
    ciaddr: UNSPECIFIED,
    yiaddr: UNSPECIFIED,
    siaddr: UNSPECIFIED,
    giaddr: UNSPECIFIED,
    chaddr,
    sname: '',
    file: '',
    options: [
      option(options.messageType, 'discover'),
      ...(boots
        ? [
            option(options.vendorClass, 'PXEClient:Arch:00007:UNDI:003016'),
            option(options.clientArchitecture, [UEFI_X64]),
          ]
        : [option(options.parameterRequestList, Uint8Array.of(1, 3, 6, 66, 67))]),
    ],
  };
}
