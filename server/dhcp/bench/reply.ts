import type { NetbootSnapshot } from '../../netboot/snapshot.ts';
import { localBoot } from '../local-boot.ts';
import { option, options, rawOption } from '../options.ts';
import { type DhcpOption, type DhcpPacket, UNSPECIFIED } from '../packet.ts';
import { bootNames, type Endpoint, echo, type NbpChoice } from '../proxy.ts';
import type { PxeClient } from '../pxe-client.ts';
import { addressText, networkEnds } from './address.ts';
import type { Grant } from './grant.ts';
import type { BenchPool } from './pool.ts';

/** What an answer is made of. */
export interface ReplyParts {
  readonly pool: BenchPool;
  /** Option 54, and where boot files are. */
  readonly serverAddress: string;
  /** Name of the machine's record; null where there is none that is a host name. */
  readonly hostName: string | null;
  /** What the client boots; undefined for one that does not, or is not to. */
  readonly boot: { readonly client: PxeClient; readonly choice: NbpChoice } | undefined;
  /** Who wants to boot, and is to start from its disk. */
  readonly toDisk?: Pick<PxeClient, 'vendorClass'> | undefined;
  readonly snapshot: NetbootSnapshot;
}
type Answered = Extract<Grant, { kind: 'offer' | 'ack' | 'nak' | 'inform' }>;

const BROADCAST = '255.255.255.255';
const BROADCAST_FLAG = 0x8000;

/** The answer to one request (RFC 2131, table 3), with what to boot in the same packet. */
export function makeGrantReply(
  request: DhcpPacket,
  grant: Answered,
  parts: ReplyParts,
): DhcpPacket {
  const { serverAddress, boot, snapshot, toDisk } = parts;
  const isNak = grant.kind === 'nak';
  const names =
    boot === undefined || isNak
      ? { file: '', options: [] }
      : bootNames({ ...boot, address: serverAddress, snapshot });
  const isHttp = boot?.client.vendorClass === 'HTTPClient';
  return {
    op: 'reply',
    htype: request.htype,
    hlen: request.hlen,
    hops: 0,
    xid: request.xid,
    secs: 0,
    // A client that is refused has no address to be reached by, also behind a relay (4.3.2).
    flags: isNak && request.giaddr !== UNSPECIFIED ? request.flags | BROADCAST_FLAG : request.flags,
    ciaddr: grant.kind === 'ack' || grant.kind === 'inform' ? request.ciaddr : UNSPECIFIED,
    yiaddr: grant.kind === 'offer' || grant.kind === 'ack' ? grant.address : UNSPECIFIED,
    siaddr: boot === undefined || isNak ? UNSPECIFIED : serverAddress,
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    sname: '',
    file: names.file,
    options: [
      option(options.messageType, grant.kind === 'inform' ? 'ack' : grant.kind),
      option(options.serverIdentifier, serverAddress),
      ...(isNak ? [option(options.message, grant.reason)] : configuration(grant, request, parts)),
      // As of a DHCP server that knows of no PXE: without `PXEClient` firmware takes `file` as it is, and
      // does not ask on 4011. HTTP Boot takes no URL without its class.
      ...(isHttp && !isNak ? [option(options.vendorClass, 'HTTPClient')] : []),
      ...(boot === undefined || isHttp ? [] : inOptions(request, names.file, serverAddress)),
      // The menu is one of PXE's: without the class it is another vendor's option.
      ...(toDisk === undefined || isNak
        ? []
        : [
            option(options.vendorClass, toDisk.vendorClass),
            localBoot(toDisk, { address: serverAddress, bootHttp: snapshot.ports.bootHttp }),
          ]),
      ...names.options,
      ...echo(request, options.clientIdentifier),
      ...(boot === undefined && toDisk === undefined ? [] : echo(request, options.clientGuid)),
      ...echo(request, options.relayAgentInformation),
    ],
  };
}

function configuration(
  grant: Exclude<Answered, { kind: 'nak' }>,
  { giaddr }: DhcpPacket,
  { pool, hostName }: ReplyParts,
): DhcpOption[] {
  const { network, leaseSeconds, domain, dnsServers, relayed } = pool;
  const router = pool.router ?? (relayed && giaddr !== UNSPECIFIED ? giaddr : null);
  return [
    // An INFORM is answered without times (RFC 2131, 4.3.5).
    ...(grant.kind === 'inform'
      ? []
      : [
          option(options.leaseTime, leaseSeconds),
          option(options.renewalTime, Math.floor(leaseSeconds / 2)),
          option(options.rebindingTime, Math.floor(leaseSeconds * 0.875)),
        ]),
    option(options.subnetMask, network.netmask),
    option(options.broadcastAddress, addressText(networkEnds(network).last)),
    ...(router === null ? [] : [option(options.routers, [router])]),
    ...(dnsServers.length === 0 ? [] : [option(options.dnsServers, dnsServers)]),
    ...(hostName === null ? [] : [option(options.hostName, hostName)]),
    ...(domain === null ? [] : [option(options.domainName, domain)]),
  ];
}

/** Server and file as options 66 and 67, for clients that ask for them there; ROMs without read the fields. */
function inOptions(request: DhcpPacket, file: string, server: string): DhcpOption[] {
  const wanted = rawOption(request, options.parameterRequestList) ?? new Uint8Array();
  return [
    ...(wanted.includes(66) ? [option(options.tftpServerName, server)] : []),
    ...(wanted.includes(67) && file !== '' ? [option(options.bootFile, file)] : []),
  ];
}

/**
 * Where an answer goes (RFC 2131, 4.1). A client without an address gets it by broadcast: a socket of Node
 * cannot put its MAC address into the system's table.
 */
export function grantDestination(request: DhcpPacket, kind: Answered['kind']): Endpoint {
  if (request.giaddr !== UNSPECIFIED) return { address: request.giaddr, port: 67 };
  const isKnown = request.ciaddr !== UNSPECIFIED && kind !== 'nak';
  return { address: isKnown ? request.ciaddr : BROADCAST, port: 68 };
}
