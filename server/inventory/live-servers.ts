import { addressNumber } from '../dhcp/bench/address.ts';

/** A server of the site, as it says in the database. */
export interface SiteServer {
  readonly id: string;
  /** Name of its machine. */
  readonly name: string;
  /** IPv4 addresses that it listens on. */
  readonly addresses: readonly { readonly address: string; readonly netmask: string }[];
  readonly bootPort: number;
  readonly agentPort: number;
  readonly version: string;
  /** Counts up while it lives. */
  readonly beat: number;
  /** Count what was changed by it: for network boots, and at all. */
  readonly bootRevision: number;
  readonly viewRevision: number;
  /** By its own clock, for people to read. */
  readonly heartbeatMs: number;
}

/** When each server was last heard, by a clock of ours that never jumps. */
export type HeardServers = ReadonlyMap<
  string,
  { readonly server: SiteServer; readonly atMs: number; readonly lives: boolean }
>;

/** A server whose beat stands still for so long is dead. */
const SILENT_MS = 6000;

/** What a reading of all servers tells. */
export interface Heard {
  readonly heard: HeardServers;
  /** Servers that live, in an order that all servers share. */
  readonly live: readonly SiteServer[];
  /** Another server has changed what PXE decides by, or one has come or gone. */
  readonly bootChanged: boolean;
  readonly viewChanged: boolean;
}

/**
 * Takes a reading of all servers in. No clock of another machine decides: a server lives while its beat
 * changes. One that was never read before counts as alive until it has had its time.
 */
export function noteServers(
  before: HeardServers,
  rows: readonly SiteServer[],
  { self, nowMs }: { readonly self: string; readonly nowMs: number },
): Heard {
  const heard: HeardServers = new Map(
    rows.map((server) => {
      const last = before.get(server.id);
      const stands = server.id !== self && last?.server.beat === server.beat;
      const atMs = stands ? last.atMs : nowMs;
      return [server.id, { server, atMs, lives: nowMs - atMs < SILENT_MS }];
    }),
  );
  const live = [...heard.values()].filter(({ lives }) => lives).map(({ server }) => server);
  const lived = [...before.values()].filter(({ lives }) => lives).map(({ server }) => server);
  const idsOf = (servers: readonly SiteServer[]) =>
    servers
      .map(({ id }) => id)
      .sort()
      .join(' ');
  const others = rows.filter(({ id }) => id !== self);
  const grew = (key: 'bootRevision' | 'viewRevision') =>
    others.some((server) => before.get(server.id)?.server[key] !== server[key]);
  return {
    heard,
    live: live.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    bootChanged: grew('bootRevision') || idsOf(live) !== idsOf(lived),
    viewChanged: grew('viewRevision'),
  };
}

/**
 * Addresses of a server that are in a network, all of them where none is: a machine of that network
 * reaches it there.
 */
export function addressesFor(
  server: Pick<SiteServer, 'addresses'>,
  network: { readonly address: string; readonly netmask: string } | undefined,
): readonly string[] {
  const all = server.addresses.map(({ address }) => address);
  if (network === undefined) return all;
  const near = all.filter((address) => inNetwork(address, network));
  return near.length > 0 ? near : all;
}

/** Whether an IPv4 address is in the network of another with its netmask. */
export function inNetwork(
  address: string,
  network: { readonly address: string; readonly netmask: string },
): boolean {
  const mask = addressNumber(network.netmask);
  return (addressNumber(address) & mask) === (addressNumber(network.address) & mask);
}
