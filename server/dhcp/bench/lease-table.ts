import { inNetwork } from '../../inventory/live-servers.ts';
import { addressNumber, addressText } from './address.ts';
import type { BenchPool } from './pool.ts';

/** An address that was granted, or found to be another's, as the store keeps it. */
export interface Lease {
  readonly address: string;
  /** `clientKey` of who has it; empty for one that a client declined. */
  readonly client: string;
  /** For people; empty for hardware that is no Ethernet. */
  readonly mac: string;
  readonly hostName: string;
  readonly state: 'leased' | 'released' | 'declined';
  /** Until then nobody else gets it. */
  readonly untilMs: number;
}

/** What is known of one address. `offered`: promised for a moment, in memory alone. */
export interface Binding extends Omit<Lease, 'state'> {
  readonly state: Lease['state'] | 'offered';
  /** Until when the store holds it for this client; 0 where it does not. */
  readonly keptUntilMs: number;
}

/** What a decision may ask of the table. */
export interface LeaseView {
  at(address: string): Binding | undefined;
  /** The address that a client has or had in the network of a pool. */
  ofClient(client: string, pool: BenchPool): Binding | undefined;
  /** An address of the pool that nobody has: one never used, else the one that is free for the longest time. */
  findFree(pool: BenchPool, taken: ReadonlySet<string>, nowMs: number): string | undefined;
}

/** All bindings of one server, by address and by client. */
export interface LeaseTable extends LeaseView {
  /** Puts a binding in the place of what was at its address. */
  put(binding: Binding): void;
  /** The store holds an address for a client until then. */
  kept(lease: Lease): void;
  all(): Iterable<Binding>;
}

interface Search {
  /** All before it were given to somebody once. */
  unused: number;
  /** Until then nothing is free, as was found by looking at all. */
  fullUntilMs: number;
}

/** Whether nobody else may get the address now. */
export function isHeld({ untilMs }: Pick<Binding, 'untilMs'>, nowMs: number): boolean {
  return untilMs > nowMs;
}

/** Makes a table of what the store has; bindings that are over stay, so that machines get theirs again. */
export function makeLeaseTable(leases: readonly Lease[] = []): LeaseTable {
  /** In the order of use, the longest unused first. */
  const byAddress = new Map<string, Binding>();
  const byClient = new Map<string, Set<string>>();
  /** How far a search came, by pool; another set of reservations begins anew. */
  let searches = new Map<string, Search>();
  let searchedFor: ReadonlySet<string> | undefined;

  const put = (binding: Binding): void => {
    const { address, client } = binding;
    const before = byAddress.get(address);
    if (before !== undefined && before.client !== client) {
      const others = byClient.get(before.client);
      others?.delete(address);
      if (others?.size === 0) byClient.delete(before.client);
    }
    byAddress.delete(address);
    byAddress.set(address, binding);
    if (client !== '') {
      const own = byClient.get(client) ?? new Set();
      own.add(address);
      byClient.set(client, own);
    }
    if (before !== undefined && binding.untilMs < before.untilMs)
      for (const search of searches.values()) search.fullUntilMs = 0;
  };

  for (const lease of leases.toSorted((one, other) => one.untilMs - other.untilMs))
    put({ ...lease, keptUntilMs: lease.untilMs });

  return {
    put,
    at: (address) => byAddress.get(address),
    all: () => byAddress.values(),
    ofClient(client, { network }) {
      const own = [...(byClient.get(client) ?? [])].flatMap((address) => {
        const binding = byAddress.get(address);
        return binding !== undefined && inNetwork(address, network) ? [binding] : [];
      });
      return own.toSorted((one, other) => other.untilMs - one.untilMs)[0];
    },
    findFree(pool, taken, nowMs) {
      const [first, last] = [addressNumber(pool.first), addressNumber(pool.last)];
      if (searchedFor !== taken) searches = new Map();
      searchedFor = taken;
      const key = `${pool.first} ${pool.last}`;
      const search = searches.get(key) ?? { unused: first, fullUntilMs: 0 };
      searches.set(key, search);
      for (; search.unused <= last; search.unused += 1) {
        const address = addressText(search.unused);
        if (!byAddress.has(address) && !taken.has(address)) return address;
      }
      if (search.fullUntilMs > nowMs) return undefined;
      let soonestMs = Number.POSITIVE_INFINITY;
      for (const [address, { untilMs }] of byAddress) {
        const number = addressNumber(address);
        if (number < first || number > last || taken.has(address)) continue;
        if (untilMs <= nowMs) return address;
        soonestMs = Math.min(soonestMs, untilMs);
      }
      search.fullUntilMs = soonestMs;
      return undefined;
    },
    kept({ address, client, untilMs }) {
      const binding = byAddress.get(address);
      if (binding?.client !== client) return;
      // In its place: to be kept is no use of it.
      byAddress.set(address, { ...binding, keptUntilMs: untilMs });
    },
  };
}
