import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CollectionId, DeviceId, MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import type { Device } from '#server/inventory/device.ts';
import type { CollectionRule } from '#server/inventory/membership/rule.ts';
import { startMembershipEvaluator } from '#server/membership-evaluator.ts';
import type { Store } from '#server/store/operations.ts';
import { below, type Figure, told } from '../benchmark.ts';
import { sumUp } from './latencies.ts';

/** How large the site is. */
export interface InventorySize {
  readonly devices: number;
  readonly collections: number;
}

const MODELS = ['Latitude 7450', 'OptiPlex 7010', 'ThinkPad X1', 'EliteBook 840', 'ESPRIMO P6012'];
const MAKERS = ['Dell Inc.', 'Dell Inc.', 'LENOVO', 'HP', 'FUJITSU'];
/** Calls that are under way at once while the site is filled. */
const AT_ONCE = 200;
const ASKED = 300;
/** How often something small is asked for beside an evaluation, so that it is felt and takes no part itself. */
const ASK_EVERY_MS = 5;

/** Fills an empty store with devices. */
export async function fillInventory(store: Store, devices: number): Promise<readonly DeviceId[]> {
  const ids = Array.from({ length: devices }, () => DeviceId.parse(randomUUID()));
  for (let from = 0; from < ids.length; from += AT_ONCE)
    await Promise.all(
      ids
        .slice(from, from + AT_ONCE)
        .map((id, index) => store.devices.put(deviceOf(id, from + index))),
    );
  return ids;
}

/**
 * Measures a store with devices: policy of a device, evaluation of all collections and what it does to other
 * calls, PXE's records, list and search. Takes half a minute.
 */
export async function benchInventory(
  store: Store,
  ids: readonly DeviceId[],
  size: InventorySize,
): Promise<readonly Figure[]> {
  const collections = await addCollections(store, size.collections);
  await addDeployments(store, collections);
  const first = await evaluate(store);
  await store.memberships.request(null, Date.now());
  const again = await evaluate(store);
  const members = (await store.memberships.standings()).reduce(
    (sum, { id, memberCount }) => (id.startsWith('SMS') ? sum : sum + memberCount),
    0,
  );
  const asked = Array.from({ length: ASKED }, (_, index) => ids[(index * 7919) % ids.length]);
  const policy = await each(asked, async (deviceId) => {
    if (deviceId === undefined) return;
    await store.policy.facts({ deviceId, keyThumbprint: 'bench', nowMs: Date.now() });
  });
  const search = await each(asked, async (_, index) => {
    await store.devices.find(`PC-${String((index * 7919) % size.devices).padStart(6, '0')}`);
  });
  // In the middle of a serial number, which no index finds; and one that nobody has.
  const part = await each(['2f4', '7a1c', 'pc-0991', 'none has it'], async (text) => {
    await store.deviceSearch.page({ search: text, state: null, after: null, limit: 100 });
  });
  const page = await each(asked.slice(0, 50), async (id) => {
    const devices = await store.devices.page({ after: id ?? '', limit: 100 });
    await store.memberships.ofDevices(devices.map((device) => device.id));
  });
  const list = await each(
    asked.slice(0, 5),
    async () => void (await store.memberships.standings()),
  );
  const records = await netbootRecords(store);
  return [
    told('memberships', members, ''),
    below('policy for a device, p99', policy.p99Ms, 50, 'ms'),
    told('policy for a device, median', policy.medianMs, 'ms'),
    below('full evaluation, all memberships new', first.tookMs / 1000, 10, 's'),
    below('full evaluation, none new', again.tookMs / 1000, 10, 's'),
    below(
      'a call that comes during an evaluation waits, at most',
      Math.max(first.waitMs, again.waitMs),
      100,
      'ms',
    ),
    below('device by name, p99', search.p99Ms, 200, 'ms'),
    below('devices by a part of name or number, max', part.maxMs, 200, 'ms'),
    below('100 devices with their collections, p99', page.p99Ms, 200, 'ms'),
    below('all collections with their counts, max', list.maxMs, 200, 'ms'),
    told('all records for PXE', records.tookMs / 1000, 's'),
    below('a call that comes meanwhile waits, at most', records.waitMs, 100, 'ms'),
  ];
}

function deviceOf(id: DeviceId, index: number): Device {
  const hex = index.toString(16).padStart(6, '0');
  const mac = `02:00:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`;
  return {
    id,
    name: `PC-${String(index).padStart(6, '0')}`,
    state: 'known',
    smbiosGuid: SmbiosGuid.parse(randomUUID()),
    macAddresses: [MacAddress.parse(mac)],
    serialNumber: `SN${hex}`,
    assetTag: `A${index % 1000}`,
    manufacturer: MAKERS[index % MAKERS.length] ?? null,
    model: MODELS[index % MODELS.length] ?? null,
    architecture: 'x64',
    firmware: 'uefi',
    unclaimedDevices: [],
    notes: '',
    seenAt: null,
    createdMs: index,
    lastSeenMs: index,
  };
}

/** Of ten: seven queries of several kinds, one with a limit, one that includes, one that excludes. */
async function addCollections(store: Store, count: number): Promise<readonly CollectionId[]> {
  const made: CollectionId[] = [];
  for (let index = 0; index < count; index++) {
    const rules: CollectionRule[] = [{ kind: 'query', name: 'q', query: queryOf(index) }];
    const before = made.at(-5);
    if (index % 10 === 8 && before !== undefined)
      rules.push({ kind: 'include', collection: before });
    if (index % 10 === 9 && before !== undefined)
      rules.push({ kind: 'exclude', collection: before });
    const limitingCollection = index % 10 === 7 ? before : undefined;
    const name = `Collection ${index}`;
    made.push((await store.collections.create({ name, rules, limitingCollection }, Date.now())).id);
  }
  return made;
}

function queryOf(index: number): string {
  switch (index % 5) {
    case 0:
      return `name like "PC-${String(index % 1000).padStart(3, '0')}%"`;
    case 1:
      return `model like "%${index % 100}%" and assetTag = "A${index}"`;
    case 2:
      return `manufacturer = "lenovo" and serial like "%${(index % 256).toString(16).padStart(2, '0')}"`;
    case 3:
      return `lastSeen < "${index} days ago" and assetTag in ("A${index}", "A${index + 1}", "A${index + 2}")`;
    default:
      return `not (model = "ThinkPad X1" or make != "HP") and name like "%${index % 100}"`;
  }
}

/** One available deployment to every tenth collection. */
async function addDeployments(store: Store, collections: readonly CollectionId[]): Promise<void> {
  const { id } = await store.sequences.add(
    {
      name: 'Bench',
      description: '',
      disabled: false,
      documentJson: JSON.stringify({ name: 'Bench', steps: [] }),
      source: { text: '{}', format: 'json' },
      draft: false,
    },
    Date.now(),
  );
  for (const [index, collectionId] of collections.entries())
    if (index % 10 === 0)
      await store.deployments.create(
        { sequenceId: id, collectionId, purpose: 'available', scope: null },
        Date.now(),
      );
}

/** Lets the evaluator of the server do what waits, and asks something small all the while. */
async function evaluate(store: Store): Promise<{ tookMs: number; waitMs: number }> {
  return await whileAsking(store, async () => {
    const errors: unknown[] = [];
    const evaluator = startMembershipEvaluator({
      store,
      onChanged: () => {},
      onError: (error) => errors.push(error),
      nowMs: Date.now,
    });
    await evaluator.settled();
    await evaluator.close();
    if (errors.length > 0) throw errors[0];
  });
}

async function netbootRecords(store: Store): Promise<{ tookMs: number; waitMs: number }> {
  return await whileAsking(store, async () => {
    for (let after: string | null = ''; after !== null; )
      ({ after } = await store.netboot.slice({ after, nowMs: Date.now() }));
  });
}

async function whileAsking(store: Store, work: () => Promise<void>) {
  const done = new AbortController();
  const waits: number[] = [];
  const ask = async () => {
    while (!done.signal.aborted) {
      waits.push(await timed(async () => void (await store.settings.get())));
      await sleep(ASK_EVERY_MS);
    }
  };
  const asking = ask();
  const tookMs = await timed(work);
  done.abort();
  await asking;
  return { tookMs, waitMs: sumUp(waits).maxMs };
}

async function each<Item>(
  items: readonly Item[],
  ask: (item: Item, index: number) => Promise<void>,
) {
  const times: number[] = [];
  for (const [index, item] of items.entries()) times.push(await timed(() => ask(item, index)));
  return sumUp(times);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
