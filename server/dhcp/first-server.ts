import { inNetwork } from '../inventory/live-servers.ts';

/** Servers that answer PXE beside each other. */
export interface NetbootServers {
  /** Id of this one. */
  readonly self: string;
  /** All that live, this one too. */
  readonly live: readonly {
    readonly id: string;
    readonly name: string;
    readonly addresses: readonly { readonly address: string; readonly netmask: string }[];
  }[];
}

/** Seconds that a client has tried (`secs`, RFC 2131) after which any server answers, not the first alone. */
const PATIENCE_S = 4;

/** A request, as far as it tells which server is to answer. */
interface Asked {
  /** What the client is told apart by: its MAC address, the same in firmware and loaders. */
  readonly key: string;
  readonly secs: number;
  /** The network that it is in; undefined where it came through a relay. */
  readonly network: { readonly address: string; readonly netmask: string } | undefined;
}

/**
 * The server that answers this client in our stead, or undefined when we do: highest random weight over
 * the servers that live and are in the client's network, so that each has its share, and the share of one
 * that dies falls to all others. No server asks another, or the database.
 */
export function serverBefore(
  { key, secs, network }: Asked,
  { self, live }: NetbootServers,
): { readonly name: string } | undefined {
  if (secs > PATIENCE_S) return undefined;
  const near = live.filter(
    ({ id, addresses }) =>
      id === self ||
      network === undefined ||
      addresses.some(({ address }) => inNetwork(address, network)),
  );
  const [first] = near
    .map((server) => ({ server, weight: weigh(`${key} ${server.id}`) }))
    .toSorted(
      (one, other) => other.weight - one.weight || (one.server.id < other.server.id ? -1 : 1),
    );
  return first === undefined || first.server.id === self ? undefined : first.server;
}

/** FNV-1a, 32 bits, mixed by MurmurHash3's end: addresses of a bench differ in their last digit only. */
function weigh(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
