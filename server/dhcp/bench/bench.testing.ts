import { randomBytes } from 'node:crypto';
import { PLAIN_WISH } from '#boot/chain.ts';
import type { NetbootSnapshot } from '../../netboot/snapshot.ts';
import { option, options } from '../options.ts';
import type { DhcpOption, DhcpPacket } from '../packet.ts';
import type { BenchPool } from './pool.ts';

/** The interface of a bench in tests. */
export const benchInterface = { name: 'eth1', address: '10.9.0.1', netmask: '255.255.255.0' };

/** A pool on it. */
export function benchPool(changes: Partial<BenchPool> = {}): BenchPool {
  return {
    interfaceName: 'eth1',
    network: benchInterface,
    relayed: false,
    first: '10.9.0.10',
    last: '10.9.0.12',
    router: null,
    dnsServers: [],
    domain: null,
    leaseSeconds: 600,
    ...changes,
  };
}

/** What is decided by: Linux PE for all unknown machines, and the pools. */
export function benchSnapshot(
  pools: readonly BenchPool[],
  changes: Partial<NetbootSnapshot> = {},
): NetbootSnapshot {
  return {
    revision: 1,
    answerOn: [benchInterface],
    byMac: new Map(),
    byGuid: new Map(),
    unknown: { kind: 'boot', reason: 'Unknown machines are deployed.', wish: PLAIN_WISH },
    excludedMacs: new Set(),
    sharedMacs: new Set(),
    bootImages: new Set(['uefi-x64']),
    windows: { images: [], wimboot: false, signers: new Map() },
    ports: { bootHttp: 7480 },
    bench: { pools, reservations: [] },
    ...changes,
  };
}

type MessageType = NonNullable<ReturnType<typeof options.messageType.codec.parse>>;

/** A message of a client, by the last byte of its MAC address 52:54:00:00:00:xx. */
export function clientMessage(
  client: number,
  type: MessageType,
  more: Partial<Omit<DhcpPacket, 'options'>> & { readonly options?: readonly DhcpOption[] } = {},
): DhcpPacket {
  const chaddr = new Uint8Array(16);
  chaddr.set([0x52, 0x54, 0, 0, 0, client]);
  const none = '0.0.0.0';
  return {
    op: 'request',
    htype: 1,
    hlen: 6,
    hops: 0,
    xid: randomBytes(4).readUInt32BE(),
    secs: 0,
    flags: 0,
    ciaddr: none,
    yiaddr: none,
    siaddr: none,
    giaddr: none,
    chaddr,
    sname: '',
    file: '',
    ...more,
    options: [option(options.messageType, type), ...(more.options ?? [])],
  };
}

/** Options 54 and 50, as a client takes an offer. */
export function selecting(server: string, address: string): DhcpOption[] {
  return [option(options.serverIdentifier, server), option(options.requestedAddress, address)];
}
