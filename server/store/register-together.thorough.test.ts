import * as fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { DeploymentId, DeviceId, RunId, SequenceId } from '#agent/protocol/identity.ts';
import { NamingRules } from '../inventory/naming-rule.ts';
import { testIdentity } from '../inventory/testing/test-identity.ts';
import { agents, type RegisterWish } from './agents.ts';
import { collections } from './collections.ts';
import { deviceNames } from './device-names.ts';
import { devices } from './devices.ts';
import { migrate } from './migrate.ts';
import { naming } from './naming.ts';
import { registerTogether } from './register-together.ts';
import { newRunFacts } from './run-facts.ts';
import { settings } from './settings.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';
import { onPostgres } from './test-location.ts';

const MACHINES = 7;
const SITES = onPostgres ? 15 : 60;
const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const mac = (number: number) => `02:00:00:00:00:0${number}`;

/** A machine as it registers: most are themselves, some have another's identifiers, hardware or key. */
interface Machine {
  readonly number: number;
  readonly other: number;
  readonly borrows: 'nothing' | 'mac' | 'guid' | 'serial';
  readonly memoryBytes: number;
  readonly key: string;
  readonly proves: boolean;
  readonly port: string | null;
}
const machine: fc.Arbitrary<Machine> = fc.record({
  number: fc.integer({ min: 0, max: MACHINES - 1 }),
  other: fc.integer({ min: 0, max: MACHINES - 1 }),
  borrows: fc.oneof(
    { weight: 6, arbitrary: fc.constant('nothing' as const) },
    { weight: 1, arbitrary: fc.constantFrom('mac' as const, 'guid' as const, 'serial' as const) },
  ),
  memoryBytes: fc.constantFrom(1, 1, 1, 2),
  key: fc.constantFrom('key', 'key', 'key', 'other'),
  proves: fc.boolean(),
  port: fc.constantFrom(null, null, 'eth1/7'),
});

/** What a site has decided before: each of it takes machines out of the ordinary. */
interface Site {
  readonly unknownMachines: 'deploy' | 'ask' | 'ignore';
  readonly rule: boolean;
  readonly expected: boolean;
  readonly runs: readonly number[];
}
const site: fc.Arbitrary<Site> = fc.record({
  unknownMachines: fc.constantFrom(
    'deploy' as const,
    'deploy' as const,
    'ask' as const,
    'ignore' as const,
  ),
  rule: fc.oneof(
    { weight: 4, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  expected: fc.boolean(),
  runs: fc.uniqueArray(fc.integer({ min: 0, max: MACHINES - 1 }), { maxLength: MACHINES }),
});

function wishOf(
  { number, other, borrows, memoryBytes, key, proves, port }: Machine,
  count: number,
): RegisterWish {
  const from = (what: Machine['borrows']) => (borrows === what ? other : number);
  return {
    identity: testIdentity({
      smbiosGuid: `11111111-2222-3333-4444-55555555555${from('guid')}`,
      macAddresses: [mac(from('mac'))],
      serialNumber: `S${from('serial')}`,
      memoryBytes: memoryBytes * 1024 ** 3,
    }),
    environment: 'linux-pe',
    bootImage: null,
    keyThumbprint: `${key}${number}`,
    tokenHash: `token${count}`,
    expiresMs: 1_000_000,
    newDeviceId: DeviceId.parse(id(100 + count)),
    provenRun: proves ? RunId.parse(id(number)) : null,
    seenAt: { interfaceName: null, relay: null, port, switchId: null, address: null, atMs: 1 },
    nowMs: 1000 + count,
  };
}

const dumped = [
  'devices',
  'device_macs',
  'device_inventories',
  'agent_tokens',
  'expected_devices',
  'shared_identifiers',
  'device_conflicts',
  'audit',
  'webhook_outbox',
] as const;

async function open(): Promise<SqliteFile> {
  const file = openSqlite(':memory:');
  await migrate(file);
  return file;
}

/** Makes the site anew in a database that may have had another. */
async function makeSite(
  file: SqliteFile,
  { unknownMachines, rule, expected, runs }: Site,
): Promise<void> {
  const { db } = file;
  const others = ['runs', 'settings', 'collections', 'collection_rules'] as const;
  const members = ['collection_members', 'collection_evaluations'] as const;
  for (const name of [...dumped, ...others, ...members]) await db.deleteFrom(name).execute();
  await settings.change(db, { unknownMachines });
  const rules = [{ kind: 'query' as const, name: 'two', query: 'memoryGb = 2' }];
  await collections.create(db, { name: 'Large', rules }, 1);
  if (rule) await naming.setRules(db, NamingRules.parse([{ pattern: 'PC-{serial}' }]));
  if (expected)
    await deviceNames.tell(
      db,
      [
        { kind: 'serial', key: 'S1', name: 'ONE', approve: true },
        // What machine 3 would be called where nobody names it.
        { kind: 'serial', key: 'none of them', name: 'MW-020000000003' },
        { kind: 'port', key: 'eth1/7', approve: true },
      ],
      { who: 'admin', nowMs: 1 },
    );
  // Half of the machines are known, some of them in the middle of a run.
  for (let number = 0; number < MACHINES; number += 2)
    await agents.register(db, wishOf(itself(number), number));
  for (const number of runs) await addRun(file, number);
  // A machine may wait, and have a name.
  const [zero] = await devices.withSerial(db, 's0');
  if (zero !== undefined) await deviceNames.rename(db, zero.id, 'ZERO');
}

const itself = (number: number): Machine => ({
  number,
  other: number,
  borrows: 'nothing',
  memoryBytes: 1,
  key: 'key',
  proves: false,
  port: null,
});

async function addRun({ db }: SqliteFile, number: number): Promise<void> {
  const [device] = await devices.withSerial(db, `s${number}`);
  if (device === undefined) return;
  await db
    .insertInto('runs')
    .values({
      ...newRunFacts,
      run_id: id(number),
      device_id: device.id,
      deployment_id: DeploymentId.parse('MW100001'),
      sequence_id: SequenceId.parse('MW100002'),
      sequence_version: 1,
      sequence_name: 'S',
      purpose: 'available',
      grant_json: '{}',
      has_secrets: 0,
      key_thumbprint: `key${number}`,
      state: number < 5 ? 'running' : 'succeeded',
      next_boot: 'pe',
      started_ms: 1,
      last_event_ms: 1,
      model: '',
    })
    .execute();
}

async function kept({ db }: SqliteFile) {
  const rows: Record<string, readonly string[]> = {};
  for (const name of dumped)
    rows[name] = (await db.selectFrom(name).selectAll().execute())
      .map((row) => JSON.stringify(row))
      .toSorted();
  return {
    rows,
    members: await db
      .selectFrom('collection_members')
      .select(['collection_id', 'device_id'])
      .orderBy('device_id')
      .execute(),
    counts: await db.selectFrom('collection_evaluations').select('member_count').execute(),
    holders: await db
      .selectFrom('runs')
      .select(['run_id', 'key_thumbprint'])
      .orderBy('run_id')
      .execute(),
  };
}

async function answerOf(db: SqliteFile['db'], wish: RegisterWish): Promise<unknown> {
  try {
    return await agents.register(db, wish);
  } catch (error) {
    return { code: error instanceof Error ? Reflect.get(error, 'code') : error };
  }
}

it('M18 M54 keeps of many machines at once what it keeps of each', async () => {
  const [many, single] = [await open(), await open()];
  onTestFinished(() => {
    many.close();
    single.close();
  });
  let together = 0;
  let alone = 0;
  const rounds = fc.array(fc.array(machine, { minLength: 2, maxLength: 7 }), { maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(site, rounds, async (given, each) => {
      await makeSite(many, given);
      await makeSite(single, given);
      let count = MACHINES;
      for (const round of each) {
        const wishes = round.map((one) => wishOf(one, (count += 1)));
        const answers = await registerTogether(
          many.db,
          wishes.map((wish) => [wish]),
        );
        // Those that were done together came before the others.
        const first = wishes.filter((_wish, place) => answers[place] !== undefined);
        const rest = wishes.filter((_wish, place) => answers[place] === undefined);
        for (const wish of first)
          expect(await answerOf(single.db, wish)).toEqual(answers[wishes.indexOf(wish)]);
        for (const wish of rest)
          expect(await answerOf(single.db, wish)).toEqual(await answerOf(many.db, wish));
        together += first.length;
        alone += rest.length;
      }
      expect(await kept(many)).toEqual(await kept(single));
    }),
    { numRuns: SITES, seed: 7 },
  );
  expect(together).toBeGreaterThan(SITES / 3);
  expect(alone).toBeGreaterThan(SITES / 3);
});
