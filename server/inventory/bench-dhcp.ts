import { z } from 'zod';
import { DeviceId } from '#agent/protocol/identity.ts';
import { addressNumber, addressText, networkEnds } from '../dhcp/bench/address.ts';
import { type BenchDhcp, type BenchPool, isIn } from '../dhcp/bench/pool.ts';
import { InventoryError } from './error.ts';
import { parseSubnet } from './subnet.ts';

/** Addresses that are granted on one interface of one server, or behind a relay that asks there. */
export const BenchPoolSettings = z.strictObject({
  interfaceName: z.string().min(1).max(64),
  /** Name of the server, where several share a database. */
  server: z.string().max(255).default(''),
  /** Network behind a relay, `10.5.0.0/24`; null: that of the interface. */
  subnet: z.string().nullable().default(null),
  first: z.ipv4(),
  last: z.ipv4(),
  router: z.ipv4().nullable().default(null),
  dnsServers: z.array(z.ipv4()).max(8).default([]),
  domain: z
    .string()
    .regex(/^[\w-]+(\.[\w-]+)*$/, 'is a name such as bench.example.org')
    .max(253)
    .nullable()
    .default(null),
  leaseMinutes: z.int().min(2).max(525_600).default(60),
});
export type BenchPoolSettings = z.infer<typeof BenchPoolSettings>;

/** What the DHCP server of isolated benches grants. */
export const BenchDhcpSettings = z.strictObject({
  pools: z.array(BenchPoolSettings).max(256).default([]),
  reservations: z
    .array(z.strictObject({ device: DeviceId, address: z.ipv4() }))
    .max(100_000)
    .default([]),
});
export type BenchDhcpSettings = z.infer<typeof BenchDhcpSettings>;

interface Interface {
  readonly name: string;
  readonly address: string;
  readonly netmask: string;
}

/** A pool can have this many addresses. */
const MOST = 65_536;

/** The pools that one server grants from, as its interfaces are now. A pool that fits none of them is left out. */
export function benchDhcp(
  { pools, reservations }: BenchDhcpSettings,
  { interfaces, server }: { readonly interfaces: readonly Interface[]; readonly server: string },
): BenchDhcp {
  return {
    pools: pools.flatMap((pool) => {
      const on = interfaces.find(({ name }) => name === pool.interfaceName);
      if (on === undefined || (server !== '' && pool.server !== server)) return [];
      const made = poolOn(pool, on);
      return problemOf(made) === undefined ? [made] : [];
    }),
    reservations: reservations.map(({ device, address }) => ({ deviceId: device, address })),
  };
}

/** @throws {InventoryError} `dhcp.pool` where a pool cannot be granted from, `dhcp.pools` where two are at odds */
export function checkPools(pools: readonly BenchPoolSettings[], interfaces: readonly Interface[]) {
  const made = pools.flatMap((pool) => {
    const on = interfaces.find(({ name }) => name === pool.interfaceName);
    if (on === undefined) return [];
    const one = poolOn(pool, on);
    const problem = problemOf(one);
    if (problem !== undefined)
      throw new InventoryError('dhcp.pool', `${pool.first} to ${pool.last}: ${problem}`, {
        hint: `The network is ${one.network.address}, netmask ${one.network.netmask}; name a first and a last address of it.`,
      });
    return [{ ...one, server: pool.server }];
  });
  for (const [index, one] of made.entries())
    for (const other of made.slice(index + 1))
      if (one.server === other.server && overlaps(one, other))
        throw new InventoryError(
          'dhcp.pools',
          `${one.first} to ${one.last} and ${other.first} to ${other.last} are of one network`,
          { hint: 'A network has one pool: remove one of them, or make the other one wider.' },
        );
}

function poolOn(
  { subnet, leaseMinutes, server: _server, ...pool }: BenchPoolSettings,
  on: Interface,
): BenchPool {
  const parsed = subnet === null ? undefined : parseSubnet(subnet);
  const network =
    parsed === undefined
      ? { address: on.address, netmask: on.netmask }
      : { address: addressText(parsed.network), netmask: addressText(parsed.mask) };
  return { ...pool, network, relayed: parsed !== undefined, leaseSeconds: leaseMinutes * 60 };
}

function problemOf(pool: BenchPool): string | undefined {
  const { first, last, network } = pool;
  const [low, high] = [addressNumber(first), addressNumber(last)];
  if (low > high) return 'the first address comes after the last';
  if (high - low >= MOST) return `more than ${MOST} addresses`;
  if (!isIn(first, pool) || !isIn(last, pool)) return 'not in the network';
  const router = pool.router;
  if (router !== null && !isIn(router, pool)) return `the router ${router} is not in the network`;
  const ends = networkEnds(network);
  return ends.last - ends.first < 3 ? 'the network has no room' : undefined;
}

function overlaps(one: BenchPool, other: BenchPool): boolean {
  const [a, b] = [networkEnds(one.network), networkEnds(other.network)];
  return a.first <= b.last && b.first <= a.last;
}
