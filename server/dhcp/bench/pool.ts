import type { NetbootInterface } from '../../netboot/snapshot.ts';
import { options, rawOption } from '../options.ts';
import { type DhcpPacket, UNSPECIFIED } from '../packet.ts';
import { readLinkSelection } from '../values/relay-agent-information.ts';
import { addressNumber, type Network, networkEnds } from './address.ts';

/** Addresses that this server grants in one network, and what goes with them. */
export interface BenchPool {
  /** Where requests for it come in. */
  readonly interfaceName: string;
  /** The network; behind a relay another one than that of the interface. */
  readonly network: Network;
  readonly relayed: boolean;
  /** First and last address that anybody gets; reservations may be outside. */
  readonly first: string;
  readonly last: string;
  readonly router: string | null;
  readonly dnsServers: readonly string[];
  readonly domain: string | null;
  readonly leaseSeconds: number;
}

/** What the bench's DHCP server goes by. */
export interface BenchDhcp {
  readonly pools: readonly BenchPool[];
  readonly reservations: readonly { readonly deviceId: string; readonly address: string }[];
}

/**
 * The pool that a request is for (RFC 2131, 4.3.1): of the subnet that the relay names (RFC 3527), of the
 * relay's own, of the address that the client has already, else of the interface it came in by.
 */
export function poolOf(
  request: Pick<DhcpPacket, 'giaddr' | 'ciaddr' | 'options'>,
  { pools }: Pick<BenchDhcp, 'pools'>,
  on: Pick<NetbootInterface, 'name'>,
): BenchPool | undefined {
  const here = pools.filter(({ interfaceName }) => interfaceName === on.name);
  const { giaddr, ciaddr } = request;
  if (giaddr !== UNSPECIFIED) {
    const relayed = rawOption(request, options.relayAgentInformation);
    const subnet = (relayed === undefined ? undefined : readLinkSelection(relayed)) ?? giaddr;
    return here.find((pool) => isIn(subnet, pool));
  }
  // A renewal comes straight from behind a relay, too.
  const own = ciaddr === UNSPECIFIED ? undefined : here.find((pool) => isIn(ciaddr, pool));
  return own ?? here.find(({ relayed }) => !relayed);
}

/** Whether an address is in the network of a pool, and could be a machine's. */
export function isIn(address: string, { network }: Pick<BenchPool, 'network'>): boolean {
  const { first, last } = networkEnds(network);
  const number = addressNumber(address);
  return number > first && number < last;
}
