import { type BootWish, type ChainChoice, chooseChain } from '#boot/chain.ts';
import { bcdPath } from '#boot/windows-tree.ts';
import type {
  NetbootAction,
  NetbootInterface,
  NetbootSnapshot,
  NetbootTarget,
  PxeOffer,
} from '../netboot/snapshot.ts';
import { machineKey } from '../netboot/windows-clients.ts';
import { refusedByRules } from './client-rule.ts';
import { serverBefore } from './first-server.ts';
import { localBoot, localBootMenu } from './local-boot.ts';
import { option, options, rawOption, readOption } from './options.ts';
import { type DhcpOption, type DhcpPacket, UNSPECIFIED } from './packet.ts';
import { type PxeClient, readPxeClient } from './pxe-client.ts';

/** Where and whence a packet came. */
export interface Arrival {
  readonly interface: NetbootInterface;
  /** `dhcp` is UDP 67; `proxy` is 4011, where a client that has an address asks for its boot file. */
  readonly port: 'dhcp' | 'proxy';
  readonly from: Endpoint;
}
export type NbpChoice = Extract<ChainChoice, { kind: 'nbp' }>;
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** An answer, and what the machine is sent to by it. */
export interface Answer {
  readonly kind: 'offer' | 'ack';
  readonly reply: DhcpPacket;
  readonly to: Endpoint;
  readonly client: PxeClient;
  readonly choice: NbpChoice;
  readonly reason: string;
  readonly offer: PxeOffer | undefined;
}

/** An answer that sends a machine on to its disk. */
interface DiskAnswer extends Pick<Answer, 'reply' | 'to' | 'client' | 'reason'> {
  readonly kind: 'disk';
  /** There is nothing for it here, which its firmware shows. */
  readonly refused: boolean;
}

/** What to do with one packet. `reason` is a whole sentence; `client` is null where no boot client waits. */
export type Decision =
  | Answer
  | DiskAnswer
  | { readonly kind: 'ignore'; readonly client: PxeClient | null; readonly reason: string };

const BROADCAST_FLAG = 0x8000;
/** Seconds that a client has asked (`secs`, RFC 2131) before it is refused aloud. */
const REFUSE_AFTER_S = 4;

/**
 * The whole choice of the proxyDHCP server: an OFFER for a DISCOVER on 67, an ACK for a REQUEST or
 * INFORM on 4011, or silence. It grants no address: `yiaddr` stays zero (PXE 2.1, sections 2.2.3, 2.2.4).
 * @throws {WireError} `dhcp.value` when an option it needs cannot be read
 */
export function decide(request: DhcpPacket, snapshot: NetbootSnapshot, arrival: Arrival): Decision {
  const type = readOption(request, options.messageType);
  if (request.op !== 'request' || type === undefined) {
    return ignore(null, 'It is not a DHCP request.');
  }
  const client = readPxeClient(request);
  if (client === undefined) {
    return ignore(null, 'It asks for an address only, not to boot (no PXEClient in option 60).');
  }
  const expected =
    arrival.port === 'dhcp' ? type === 'discover' : ['request', 'inform'].includes(type);
  if (!expected) {
    // Part of the talk with the DHCP server that grants the address: nobody waits for us here.
    return ignore(
      null,
      `A ${type.toUpperCase()} on this port is for the server that grants addresses.`,
    );
  }
  const addressee = readOption(request, options.serverIdentifier);
  if (addressee !== undefined && addressee !== arrival.interface.address) {
    return ignore(client, `It is addressed to the server ${addressee} (option 54).`);
  }
  const boot = chooseBoot(client, snapshot);
  const kind = type === 'discover' ? 'offer' : 'ack';
  if (boot.kind === 'none') {
    // Another PXE server may have something for it: it is refused aloud once nobody else has answered.
    const isAloud = boot.said !== null && client.vendorClass === 'PXEClient';
    if (!isAloud || (kind === 'offer' && request.secs < REFUSE_AFTER_S))
      return ignore(client, boot.reason);
  }
  const before = kind === 'offer' ? otherServer(request, snapshot, arrival) : undefined;
  if (before !== undefined)
    return ignore(
      client,
      `Server ${before.name} answers this machine; this one does when it has asked for over 4 seconds.`,
    );
  const to = destinationOf(request, arrival);
  if (boot.kind !== 'boot') {
    const { address } = arrival.interface;
    const told =
      boot.kind === 'none'
        ? localBootMenu(boot.said ?? undefined)
        : localBoot(client, { address, bootHttp: snapshot.ports.bootHttp });
    const reply = replyWith(request, { kind, client, address }, { file: '', options: [told] });
    const refused = boot.kind === 'none';
    return { kind: 'disk', reply, to, client, reason: boot.reason, refused };
  }
  const { choice } = boot;
  return {
    kind,
    reply: makeReply({ request, kind, client, choice, arrival, snapshot }),
    to,
    client,
    choice,
    reason: boot.reason,
    offer: boot.offer,
  };
}

/** What a client is to boot, or why nothing. `reason` is whole sentences. */
export type BootChoice =
  | {
      readonly kind: 'boot';
      readonly choice: NbpChoice;
      readonly reason: string;
      readonly offer: PxeOffer | undefined;
    }
  | { readonly kind: 'disk'; readonly reason: string }
  /** `said`: for the screen of its firmware; null where others may have something for it, or nobody is to know. */
  | { readonly kind: 'none'; readonly reason: string; readonly said: string | null };

/** Chooses what a client boots, by what is known of it and by what there is for its architecture. */
export function chooseBoot(client: PxeClient, snapshot: NetbootSnapshot): BootChoice {
  const none = (reason: string): BootChoice => ({ kind: 'none', reason, said: null });
  if (client.mac !== null && snapshot.excludedMacs.has(client.mac))
    return none(`The adapter ${client.mac} is on the list of adapters never served.`);
  const refused = snapshot.rules === undefined ? undefined : refusedByRules(client, snapshot.rules);
  if (refused !== undefined) return none(refused);
  const target = findTarget(client, snapshot);
  const action = target === undefined ? snapshot.unknown : actionOf(target, client, snapshot);
  if (action.kind === 'silent') return none(action.reason);
  const hasMenu = snapshot.pxeMenu !== false;
  if (action.kind === 'disk' && client.vendorClass === 'PXEClient' && !hasMenu)
    return none(`${action.reason} Menus of PXE are switched off, so it is not told to.`);
  if (action.kind === 'disk')
    return { kind: 'disk', reason: `${action.reason} It is told to start from its disk.` };
  const choice = chooseFile(client, action.wish, snapshot);
  if (choice.kind === 'refused')
    return {
      kind: 'none',
      reason: choice.reason,
      said: hasMenu ? `Metalwright: ${choice.reason}` : null,
    };
  const reason = `${action.reason} ${choice.reason} It is told to fetch ${choice.file}.`;
  return { kind: 'boot', choice, reason, offer: action.offer };
}

/** The server that answers a DISCOVER in our stead. Whoever is asked by name, on 4011, answers. */
function otherServer(
  { chaddr, giaddr, secs }: DhcpPacket,
  { servers }: NetbootSnapshot,
  arrival: Arrival,
): { readonly name: string } | undefined {
  if (servers === undefined) return undefined;
  const network = giaddr === UNSPECIFIED ? arrival.interface : undefined;
  return serverBefore({ key: chaddr.join(), secs, network }, servers);
}

/**
 * The record of a client. The GUID wins over the MAC: a dock's adapter goes from machine to machine, the
 * board stays. An adapter known to be shared identifies nobody.
 */
export function findTarget(
  { guid, mac }: Pick<PxeClient, 'guid' | 'mac'>,
  snapshot: Pick<NetbootSnapshot, 'byGuid' | 'byMac' | 'sharedMacs'>,
): NetbootTarget | undefined {
  const byGuid = guid === null ? undefined : snapshot.byGuid.get(guid);
  if (byGuid !== undefined || mac === null || snapshot.sharedMacs.has(mac)) return byGuid;
  return snapshot.byMac.get(mac);
}

/**
 * What a record says of this client. A machine with its GUID, and an adapter that is none of those known, may be another
 * board with the same GUID: sent to its disk it would never come to say who it is.
 */
function actionOf(
  { name, action, macs = [] }: NetbootTarget,
  { guid, mac }: PxeClient,
  { byGuid, sharedMacs, unknown }: NetbootSnapshot,
): NetbootAction {
  const isKnown = mac === null || macs.length === 0 || macs.includes(mac) || sharedMacs.has(mac);
  const isByGuid = guid !== null && byGuid.get(guid) !== undefined;
  if (isKnown || !isByGuid || action.kind === 'boot' || unknown.kind !== 'boot') return action;
  const reason = `It has the GUID of "${name}" and another adapter: it starts to say which machine it is.`;
  return { ...unknown, reason };
}

function chooseFile(
  client: PxeClient,
  wish: BootWish,
  { bootImages, windows }: NetbootSnapshot,
): ChainChoice {
  if (client.architectures.length === 0) {
    return {
      kind: 'refused',
      reason: `It does not say an architecture that is known (option 93: ${client.architecture}).`,
    };
  }
  const transport = client.vendorClass === 'HTTPClient' ? 'http' : 'tftp';
  const fitting = client.architectures.filter((row) => row.transport === transport);
  const key = machineKey(client);
  const memory = key === null ? undefined : windows.signers.get(key);
  const offers = { ...windows, linuxPe: bootImages };
  const { isIpxe } = client;
  const choices = fitting.map((architecture) =>
    chooseChain({ architecture, isIpxe, wish, memory }, offers),
  );
  return (
    choices.find(({ kind }) => kind === 'nbp') ??
    choices[0] ?? {
      kind: 'refused',
      reason: `It calls itself ${client.vendorClass} but is a ${client.architecture} client.`,
    }
  );
}

interface ReplyParts {
  readonly request: DhcpPacket;
  readonly kind: 'offer' | 'ack';
  readonly client: PxeClient;
  readonly choice: NbpChoice;
  readonly arrival: Arrival;
  readonly snapshot: NetbootSnapshot;
}

function makeReply({ request, kind, client, choice, arrival, snapshot }: ReplyParts): DhcpPacket {
  const { address } = arrival.interface;
  const named = bootNames({ client, choice, address, snapshot });
  return replyWith(request, { kind, client, address }, named);
}

/** An answer with these options beside those that each has. */
function replyWith(
  request: DhcpPacket,
  { kind, client, address }: Pick<ReplyParts, 'kind' | 'client'> & { readonly address: string },
  named: { readonly file: string; readonly options: readonly DhcpOption[] },
): DhcpPacket {
  return {
    op: 'reply',
    htype: request.htype,
    hlen: request.hlen,
    hops: 0,
    xid: request.xid,
    secs: 0,
    // An OFFER carries no address, so a relay cannot send it on but by broadcast.
    flags: kind === 'offer' ? request.flags | BROADCAST_FLAG : request.flags,
    ciaddr: request.ciaddr,
    yiaddr: UNSPECIFIED,
    siaddr: address,
    giaddr: request.giaddr,
    chaddr: request.chaddr,
    sname: '',
    file: named.file,
    options: [
      option(options.messageType, kind),
      option(options.serverIdentifier, address),
      option(options.vendorClass, client.vendorClass),
      ...named.options,
      ...echo(request, options.clientIdentifier),
      ...echo(request, options.clientGuid),
      ...echo(request, options.relayAgentInformation),
    ],
  };
}

/** The name of the first file: `file` for PXE, option 67 for HTTP Boot; option 252 for boot managers. */
export function bootNames({
  client,
  choice: { file, transport, boot },
  address,
  snapshot,
}: Pick<ReplyParts, 'client' | 'choice' | 'snapshot'> & { readonly address: string }): {
  readonly file: string;
  readonly options: readonly DhcpOption[];
} {
  const http = client.vendorClass === 'HTTPClient';
  const url = `http://${address}:${snapshot.ports.bootHttp}/boot/${file}`;
  // iPXE asks as a PXE client, and takes a URL for the name of a file.
  const name = transport === 'http' ? url : file;
  return {
    file: http ? '' : name,
    options: [
      ...(http ? [option(options.bootFile, url)] : []),
      ...(boot === null ? [] : [option(options.bootConfigurationPath, bcdPath(boot))]),
    ],
  };
}

/** An option as the client sent it; none where it sent none. */
export function echo(request: DhcpPacket, row: { readonly code: number }): DhcpOption[] {
  const value = rawOption(request, row);
  return value === undefined ? [] : [{ code: row.code, value }];
}

function destinationOf(request: DhcpPacket, { port, from }: Arrival): Endpoint {
  if (request.giaddr !== UNSPECIFIED) return { address: request.giaddr, port: 67 };
  if (port === 'dhcp') return { address: '255.255.255.255', port: 68 };
  const address = from.address === UNSPECIFIED ? '255.255.255.255' : from.address;
  return { address, port: from.port };
}

function ignore(client: PxeClient | null, reason: string): Decision {
  return { kind: 'ignore', client, reason };
}
