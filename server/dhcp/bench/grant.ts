import { options, rawOption, readOption } from '../options.ts';
import { type DhcpPacket, UNSPECIFIED } from '../packet.ts';
import { addressNumber } from './address.ts';
import { type Binding, isHeld, type Lease, type LeaseView } from './lease-table.ts';
import { type BenchPool, isIn } from './pool.ts';

/** What an address is granted by. */
export interface GrantParts {
  readonly pool: BenchPool;
  readonly leases: LeaseView;
  /** Option 54 of ours. */
  readonly serverAddress: string;
  /** The address that is set aside for this machine. */
  readonly reserved: string | undefined;
  /** What nobody gets but whom it is for: reservations, routers, this server. */
  readonly taken: ReadonlySet<string>;
  /** Name of the machine, or what the client calls itself; for people. */
  readonly hostName: string;
  readonly nowMs: number;
}

/**
 * What to say to a client of the bench's DHCP server. `binding` is to be put into the table at once; where
 * `keep` is there, the answer goes out when the store has it.
 */
export type Grant =
  | { readonly kind: 'offer'; readonly address: string; readonly binding: Binding | undefined }
  | {
      readonly kind: 'ack';
      readonly address: string;
      readonly binding: Binding;
      readonly keep: Lease | undefined;
    }
  | { readonly kind: 'nak'; readonly reason: string }
  /** Options only, for a client that has its address from elsewhere (RFC 2131, 4.3.5). */
  | { readonly kind: 'inform'; readonly address: string }
  /** Noted without an answer: an address was given back, or found to be another machine's. */
  | { readonly kind: 'noted'; readonly binding: Binding; readonly reason: string }
  | { readonly kind: 'ignore'; readonly reason: string };

/** A client that was offered an address takes it within seconds; firmware collects offers first. */
const OFFER_MS = 60_000;
/** An address that answers though nobody was given it stays out for so long. */
export const DECLINED_MS = 60 * 60_000;

/**
 * Who a client is: its hardware address with its identifier (option 61). Not by the identifier alone, as
 * RFC 2131 has it: firmware makes it of the SMBIOS UUID, and boards exist that share one. So two machines
 * never get one address, and firmware and an operating system may get one each.
 */
export function clientKey(request: DhcpPacket): string {
  const { htype, hlen, chaddr } = request;
  const hardware = Buffer.from(chaddr.subarray(0, hlen)).toString('hex');
  const id = rawOption(request, options.clientIdentifier);
  return `${htype}:${hardware}${id === undefined ? '' : `/${Buffer.from(id).toString('hex')}`}`;
}

/** The whole choice of the DHCP server of a bench (RFC 2131, section 4.3); reads no clock, changes nothing. */
export function decideGrant(request: DhcpPacket, parts: GrantParts): Grant {
  const client = clientKey(request);
  if (client === `${request.htype}:`) return ignore('It has neither a hardware address nor an id.');
  switch (readOption(request, options.messageType)) {
    case 'discover':
      return discover(request, client, parts);
    case 'request':
      return requested(request, client, parts);
    case 'decline':
      return declined(request, client, parts);
    case 'release':
      return released(request, client, parts);
    case 'inform':
      return { kind: 'inform', address: request.ciaddr };
    case 'offer':
    case 'ack':
    case 'nak':
    case undefined:
      return ignore('It is no request of DHCP.');
  }
}

function discover(request: DhcpPacket, client: string, parts: GrantParts): Grant {
  const { leases, nowMs, pool } = parts;
  const address = chooseAddress(request, client, parts);
  if (address === undefined)
    return ignore(`All addresses from ${pool.first} to ${pool.last} are in use.`);
  const before = leases.at(address);
  // A promise does not shorten what the client has already.
  if (before?.client === client && before.untilMs >= nowMs + OFFER_MS)
    return { kind: 'offer', address, binding: undefined };
  const binding = bind(request, { address, client, state: 'offered' }, parts);
  return { kind: 'offer', address, binding };
}

/** In the order of RFC 2131, 4.3.1, a reservation first: own, wished for, free. */
function chooseAddress(request: DhcpPacket, client: string, parts: GrantParts): string | undefined {
  const { leases, pool, reserved, taken, nowMs } = parts;
  if (reserved !== undefined && isIn(reserved, pool) && isFreeFor(client, reserved, parts))
    return reserved;
  const own = leases.ofClient(client, pool)?.address;
  if (own !== undefined && mayHave(own, client, parts)) return own;
  const wished = readOption(request, options.requestedAddress);
  if (wished !== undefined && mayHave(wished, client, parts)) {
    const holder = leases.at(wished);
    if (holder === undefined || holder.state === 'released') return wished;
  }
  return leases.findFree(pool, taken, nowMs);
}

function requested(request: DhcpPacket, client: string, parts: GrantParts): Grant {
  const { leases, pool, serverAddress, nowMs } = parts;
  const server = readOption(request, options.serverIdentifier);
  const wished = readOption(request, options.requestedAddress);
  if (server !== undefined && server !== serverAddress) {
    const offered = leases.ofClient(client, pool);
    const reason = `It takes the offer of the server ${server}.`;
    if (offered?.state !== 'offered') return ignore(reason);
    return { kind: 'noted', binding: over(offered, nowMs), reason };
  }
  // SELECTING and INIT-REBOOT say it in option 50, RENEWING and REBINDING in `ciaddr` (4.3.2, table 4).
  const address = request.ciaddr === UNSPECIFIED ? wished : request.ciaddr;
  if (address === undefined) return ignore('Its request names no address.');
  if (!isIn(address, pool))
    return { kind: 'nak', reason: `${address} is not in the network it is in now.` };
  // One that nobody has is granted also where nothing is known of it: this server is the only one here, and
  // a store that was restored from a backup has forgotten what machines still use.
  const before = leases.at(address);
  const isOwn = before?.client === client && before.state === 'leased' && isHeld(before, nowMs);
  if (!isOwn && !mayHave(address, client, parts))
    return { kind: 'nak', reason: `${address} is another machine's, or not for this one.` };
  return granted(request, { address, client }, parts);
}

function granted(
  request: DhcpPacket,
  { address, client }: Pick<Binding, 'address' | 'client'>,
  parts: GrantParts,
): Grant {
  const { leases, pool } = parts;
  const before = leases.at(address);
  const mine = before?.client === client ? before : undefined;
  const binding = bind(request, { address, client, state: 'leased' }, parts);
  if (mine !== undefined && mine.keptUntilMs >= binding.untilMs)
    return { kind: 'ack', address, binding, keep: undefined };
  const { keptUntilMs: _kept, state: _state, ...lease } = binding;
  // Held in the store for half a lease more than is promised: the next renewal, and whatever asks again
  // while a machine boots, costs no write.
  const untilMs = binding.untilMs + pool.leaseSeconds * 500;
  return { kind: 'ack', address, binding, keep: { ...lease, state: 'leased', untilMs } };
}

function declined(request: DhcpPacket, client: string, { leases, nowMs }: GrantParts): Grant {
  const address = readOption(request, options.requestedAddress);
  const binding = address === undefined ? undefined : leases.at(address);
  if (binding?.client !== client) return ignore('It declines an address that it was not given.');
  return {
    kind: 'noted',
    binding: {
      ...binding,
      client: '',
      state: 'declined',
      untilMs: nowMs + DECLINED_MS,
      keptUntilMs: 0,
    },
    reason: `Another machine uses ${binding.address} already: it is not granted for an hour.`,
  };
}

function released(request: DhcpPacket, client: string, { leases, nowMs }: GrantParts): Grant {
  const binding = leases.at(request.ciaddr);
  if (binding?.client !== client) return ignore('It gives back an address that it does not have.');
  return {
    kind: 'noted',
    binding: over(binding, nowMs),
    reason: `It gives ${binding.address} back.`,
  };
}

/** Whether a client may get this address by what is set, and nobody else holds it. */
function mayHave(address: string, client: string, parts: GrantParts): boolean {
  const { pool, reserved, taken } = parts;
  const number = addressNumber(address);
  const inRange = number >= addressNumber(pool.first) && number <= addressNumber(pool.last);
  const allowed = address === reserved ? isIn(address, pool) : inRange && !taken.has(address);
  return allowed && isFreeFor(client, address, parts);
}

function isFreeFor(client: string, address: string, { leases, nowMs }: GrantParts): boolean {
  const holder = leases.at(address);
  return holder === undefined || holder.client === client || !isHeld(holder, nowMs);
}

function bind(
  { chaddr, hlen, htype }: DhcpPacket,
  { address, client, state }: Pick<Binding, 'address' | 'client' | 'state'>,
  { leases, pool, nowMs, hostName }: GrantParts,
): Binding {
  const before = leases.at(address);
  const ms = state === 'leased' ? pool.leaseSeconds * 1000 : OFFER_MS;
  const isEthernet = htype === 1 && hlen === 6;
  const mac = Buffer.from(chaddr.subarray(0, 6))
    .toString('hex')
    .replaceAll(/(..)(?!$)/g, '$1:');
  return {
    address,
    client,
    mac: isEthernet ? mac : '',
    hostName,
    state,
    untilMs: nowMs + ms,
    keptUntilMs: before?.client === client ? before.keptUntilMs : 0,
  };
}

/** It is free; the machine gets it again, unless another one has it by then. */
function over(binding: Binding, nowMs: number): Binding {
  return { ...binding, state: 'released', untilMs: nowMs, keptUntilMs: 0 };
}

function ignore(reason: string): Grant {
  return { kind: 'ignore', reason };
}
