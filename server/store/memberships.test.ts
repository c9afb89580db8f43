import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { type CollectionId, DeviceId, SequenceId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS, type Collection } from '../inventory/collection.ts';
import type { CollectionRule } from '../inventory/membership/rule.ts';
import { testDevice } from '../inventory/testing/test-device.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import { collectionRules } from './collection-rules.ts';
import { collections } from './collections.ts';
import { deployments } from './deployments.ts';
import { deviceInventories } from './device-inventories.ts';
import { devices } from './devices.ts';
import { memberships } from './memberships.ts';
import { migrate } from './migrate.ts';
import { policy } from './policy.ts';
import { settings } from './settings.ts';
import { openSqlite } from './sqlite.ts';
import { variables } from './variables.ts';

async function open() {
  const file = openSqlite(':memory:');
  await migrate(file);
  const { db } = file;
  const find = async (name: string) => {
    const collection = await collections.find(db, name);
    if (collection === null) throw new Error(`no collection ${name}`);
    return collection;
  };
  return {
    db,
    find,
    make: (name: string, rules: readonly CollectionRule[] = [], limitingCollection?: string) =>
      collections.create(db, { name, rules, limitingCollection }, 1),
    query: (query: string): CollectionRule => ({ kind: 'query', name: query, query }),
    put: (name: string, given: Parameters<typeof testDevice>[0] = {}) =>
      devices.put(db, testDevice({ ...given, name, id: DeviceId.parse(randomUUID()) })),
    names: async ({ id }: Pick<Collection, 'id'>) =>
      (await memberships.members(db, id, { after: '', limit: 100 }))
        .map(({ name }) => name)
        .toSorted(),
    count: async ({ id }: Pick<Collection, 'id'>) =>
      (await memberships.standings(db)).find((one) => one.id === id)?.memberCount,
    [Symbol.dispose]: () => file.close(),
  };
}
const identity = (model: string) =>
  testIdentity({
    smbiosGuid: randomUUID(),
    manufacturer: 'Dell Inc.',
    model,
  });

it('M12 M54 a machine that registers the first time has its collections in its first policy', async () => {
  using site = await open();
  const unknown = await site.make('Unknown x64', [
    { kind: 'unknown-computer', architecture: 'x64' },
  ]);
  const approved = await site.make('New', [
    site.query('state = "approved" and model like "Opti%"'),
  ]);
  const known = await site.make('Known', [site.query('model like "Opti%"')]);
  await settings.change(site.db, { unknownMachines: 'deploy' });
  const at = { newId: DeviceId.parse(randomUUID()), nowMs: 1 };
  const { device } = await devices.identify(site.db, identity('OptiPlex 7010'), at);
  const ask = { deviceId: device?.id ?? at.newId, keyThumbprint: 'key', nowMs: 1 };
  expect([...(await policy.facts(site.db, ask)).memberOf].toSorted()).toEqual(
    [ALL_SYSTEMS, ALL_UNKNOWN_COMPUTERS, unknown.id, approved.id].toSorted(),
  );
  await devices.setState(site.db, ask.deviceId, { state: 'known' });
  expect([...(await policy.facts(site.db, ask)).memberOf].toSorted()).toEqual(
    [ALL_SYSTEMS, known.id].toSorted(),
  );
});

it('M12 members follow devices, rules, limits and other collections, and are counted', async () => {
  using site = await open();
  await site.put('PC1', { model: 'Latitude' });
  await site.put('PC2', { model: 'Latitude' });
  const gone = await site.put('PC3', { model: 'OptiPlex' });
  const laptops = await site.make('Laptops', [site.query('model = "latitude"')]);
  const kiosks = await site.make('Kiosks');
  const office = await site.make(
    'Office',
    [
      { kind: 'include', collection: ALL_SYSTEMS },
      { kind: 'exclude', collection: kiosks.id },
    ],
    'laptops',
  );
  expect(await site.names(office)).toEqual(['PC1', 'PC2']);
  await collectionRules.add(site.db, kiosks, [site.query('name like "%2"')], 2);
  expect([await site.names(office), await site.count(office)]).toEqual([['PC1'], 1]);
  await collectionRules.changeDirect(site.db, laptops, { add: [gone.id], remove: [] });
  expect([await site.names(office), await site.count(laptops)]).toEqual([['PC1', 'PC3'], 3]);
  await devices.remove(site.db, gone.id);
  expect([await site.names(office), await site.count(laptops)]).toEqual([['PC1'], 2]);
  await devices.setState(site.db, (await devices.list(site.db))[1]?.id ?? gone.id, {
    state: 'known',
    name: 'PC5',
  });
  expect(await site.names(office)).toEqual(['PC1', 'PC5']);
  await collections.change(site.db, office, { limitingCollection: 'Kiosks' }, 3);
  expect([await site.names(office), await site.count(office)]).toEqual([[], 0]);
  await collectionRules.remove(
    site.db,
    laptops,
    [{ kind: 'query', name_key: 'model = "latitude"' }],
    4,
  );
  expect(await site.count(laptops)).toBe(0);
  expect(await site.count({ id: ALL_SYSTEMS })).toBe(2);
});

it('M12 what queries ask of hardware and variables is found when it changes', async () => {
  using site = await open();
  const { id } = await site.put('PC1');
  const large = await site.make('Large', [site.query('memoryGb >= 16')]);
  const vienna = await site.make('Vienna', [site.query('variable.Site = "vienna"')]);
  expect([await site.names(large), await site.names(vienna)]).toEqual([[], []]);
  const inventory = { hardware: null, secureBoot: true, memoryBytes: 16.2 * 2 ** 30 };
  await deviceInventories.keep(site.db, id, { inventory, nowMs: 1 });
  const owner = { kind: 'device', id } as const;
  const key = new Uint8Array(32);
  await variables.set(site.db, owner, { name: 'SITE', value: 'Vienna' }, key);
  expect([await site.names(large), await site.names(vienna)]).toEqual([['PC1'], ['PC1']]);
  await variables.remove(site.db, owner, 'site');
  expect(await site.names(vienna)).toEqual([]);
});

it('M12 an evaluation that is stopped halfway leaves the rest as it was, and waits to begin again', async () => {
  using site = await open();
  await site.put('PC1');
  const all = await site.make('All', [site.query('name like "PC%"')]);
  await site.db
    .updateTable('collection_evaluations')
    .set({ pending_ms: 5, member_count: 0 })
    .execute();
  await site.db.deleteFrom('collection_members').execute();
  for (let index = 0; index < 600; index++) await site.put(`X${index}`);
  const [waiting, ...others] = await memberships.pending(site.db);
  expect([waiting, others]).toEqual([{ id: all.id, pendingMs: 5 }, []]);
  let after = await memberships.evaluateSlice(site.db, [all.id], { after: '', nowMs: 6 });
  expect(after).not.toBeNull();
  expect(await memberships.pending(site.db)).toHaveLength(1);
  while (after !== null)
    after = await memberships.evaluateSlice(site.db, [all.id], { after, nowMs: 6 });
  await memberships.finish(site.db, [{ id: all.id, pendingMs: 4 }], { startedMs: 6, tookMs: 1 });
  expect(await memberships.pending(site.db), 'asked for again meanwhile').toHaveLength(1);
  await memberships.finish(site.db, [{ id: all.id, pendingMs: 5 }], { startedMs: 6, tookMs: 1 });
  expect(await memberships.pending(site.db)).toEqual([]);
  expect([await site.names(all), await site.count(all)]).toEqual([['PC1'], 1]);
});

it('M16 a task sequence is not deployed to users', async () => {
  using site = await open();
  const staff = await collections.create(site.db, { name: 'Staff', kind: 'user' }, 1);
  for (const { id, name } of [staff, await site.find('All Users')])
    await expect(
      deployments.create(
        site.db,
        {
          sequenceId: SequenceId.parse('MW100001'),
          collectionId: id,
          purpose: 'available',
          scope: null,
        },
        1,
      ),
    ).rejects.toMatchObject({
      code: 'deployment.user-collection',
      message: expect.stringContaining(`"${name}"`),
    });
  for (const refused of [
    () => collectionRules.add(site.db, staff, [site.query('name = "x"')], 1),
    () => site.make('Devices', [{ kind: 'include', collection: staff.id }]),
    () =>
      collections.create(site.db, { name: 'A', kind: 'device', limitingCollection: 'staff' }, 1),
  ])
    await expect(refused()).rejects.toMatchObject({ code: 'collection.kind' });
});

it('M17 a required deployment does not reach unknown machines by a rule, whichever comes first', async () => {
  using site = await open();
  const rule: CollectionRule = { kind: 'include', collection: ALL_UNKNOWN_COMPUTERS };
  await site.db
    .insertInto('sequences')
    .values({
      id: 'MW100001',
      name: 'S',
      name_key: 's',
      description: '',
      version: 1,
      ready_version: 0,
      disabled: 0,
      created_ms: 1,
    })
    .execute();
  const deploy = (collectionId: CollectionId, purpose: 'required' | 'available') =>
    deployments.create(
      site.db,
      { sequenceId: SequenceId.parse('MW100001'), collectionId, purpose, scope: null },
      1,
    );
  const reaching = await site.make('Reaching', [rule]);
  await expect(deploy(reaching.id, 'required')).rejects.toMatchObject({
    code: 'deployment.reaches-unknown',
  });
  await deploy(reaching.id, 'available');
  const inner = await site.make('Inner');
  const outer = await site.make('Outer', [{ kind: 'include', collection: inner.id }]);
  const { id } = await deploy(outer.id, 'required');
  await expect(collectionRules.add(site.db, inner, [rule], 1)).rejects.toMatchObject({
    code: 'collection.reaches-unknown',
    message: expect.stringContaining(id),
  });
});

it('takes a collection away with what is its own, and only when nothing needs it', async () => {
  using site = await open();
  const { db } = site;
  const outer = await site.make('Outer', [site.query('name = "PC1"')]);
  const inner = await site.make('Inner', [], 'Outer');
  const copy = await collections.copy(db, outer, 'Copy', 1);
  expect(copy.limitingCollection).toBe(outer.id);
  expect(await collectionRules.list(db, copy.id)).toEqual(await collectionRules.list(db, outer.id));
  await collectionRules.add(db, inner, [{ kind: 'exclude', collection: copy.id }], 1);
  await expect(collections.remove(db, outer, { force: true, nowMs: 2 })).rejects.toMatchObject({
    code: 'collection.in-use',
    message: '"Outer" decides others: it limits "Copy", it limits "Inner"',
  });
  await expect(collections.remove(db, copy, { force: true, nowMs: 2 })).rejects.toThrow(
    '"Inner" excludes it',
  );
  const { id } = inner;
  await variables.set(
    db,
    { kind: 'collection', id },
    { name: 'A', value: 'x' },
    new Uint8Array(32),
  );
  await db
    .insertInto('deployments')
    .values({
      id: 'MW120001',
      sequence_id: 'MW100001',
      collection_id: id,
      purpose: 'available',
      scope_json: null,
      withdrawn_ms: null,
      created_ms: 1,
      command_prompt: '',
      settings_json: '',
    })
    .execute();
  await expect(collections.remove(db, inner, { force: false, nowMs: 2 })).rejects.toMatchObject({
    code: 'collection.deployed',
    message: expect.stringContaining('MW120001'),
  });
  expect(await collections.remove(db, inner, { force: true, nowMs: 2 })).toEqual({
    withdrawn: ['MW120001'],
  });
  expect(await variables.list(db, { kind: 'collection', id })).toEqual([]);
  expect(await deployments.list(db)).toMatchObject([{ withdrawnMs: 2 }]);
  expect(await collections.find(db, 'Inner')).toBeNull();
  await expect(
    collections.remove(db, await site.find('All Systems'), { force: true, nowMs: 2 }),
  ).rejects.toMatchObject({ code: 'collection.built-in' });
});
