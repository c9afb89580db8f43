import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDevice } from './test-bench.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
  for (let number = 1; number <= 3; number++) await addDevice(site, number);
  await call('PUT', '/deployment-settings', { defaultSize: 2, maximumSize: 4 });
  await call('POST', '/collections', {
    name: 'Stored',
    rules: [{ kind: 'direct', device: 'PC01' }],
  });
});
afterAll(() => site[Symbol.asyncDispose]());

async function call(method: 'POST' | 'PUT', path: string, payload: Record<string, unknown>) {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    payload,
  });
  return { status: answer.statusCode, json: answer.json() };
}

const outer = { name: 'Outer', risky: [], upgrades: false, runs: [{ name: 'inner' }] };
const inner = { name: 'Inner', risky: ['Format'], upgrades: false, runs: [] };
const direct = (...devices: string[]) => devices.map((device) => ({ kind: 'direct', device }));
const all = direct('PC01', 'PC02', 'PC03');

/** Codes of what one required deployment of Outer would be refused for. */
async function refused(
  collections: readonly Record<string, unknown>[],
  wish: Record<string, unknown> = {},
): Promise<string[]> {
  const deployment = { sequence: 'Outer', collection: 'Bench', purpose: 'required', ...wish };
  const { status, json } = await call('POST', '/deployments/check', {
    deployments: [deployment],
    sequences: [outer, inner],
    collections,
  });
  expect([status, json.message]).toEqual([200, undefined]);
  return json[0].refusals.map((each: { code: string }) => each.code);
}

it('M18 counts members by rules that are to come, and tells all that there is to accept', async () => {
  const bench = [{ name: 'Bench', rules: all }];
  expect(await refused(bench)).toEqual(['deployment.unhide', 'deployment.warnings']);
  expect(await refused(bench, { unhide: true })).toEqual(['deployment.warnings']);
  expect(await refused(bench, { unhide: true, accepts: ['size'] })).toEqual([]);
  expect(await refused(bench, { purpose: 'available' })).toEqual([]);
  expect(await refused([{ name: 'Bench', rules: all.slice(1) }])).toEqual([]);
  // Those that are to come themselves.
  const more = [{ name: 'Bench', rules: [...all, ...direct('NEW-1', 'NEW-2')] }];
  expect(await refused(more)).toEqual(['deployment.too-large']);
});

it('M18 takes collections that are to come for what includes, excludes and is limited by them', async () => {
  const part = { name: 'Part', rules: all };
  const including = [{ kind: 'include', collection: 'part' }];
  expect(await refused([part, { name: 'Bench', rules: including }])).toHaveLength(2);
  // In any order.
  expect(await refused([{ name: 'Bench', rules: including }, part])).toHaveLength(2);
  const excluding = [...including, { kind: 'exclude', collection: 'Stored' }];
  expect(await refused([part, { name: 'Bench', rules: excluding }])).toEqual([]);
  const limited = { name: 'Bench', limitingCollection: 'Stored', rules: all };
  expect(await refused([limited])).toEqual([]);
  // A stored one as it will be.
  expect(await refused([limited, { name: 'stored', rules: all }])).toHaveLength(2);
  expect(await refused([{ name: 'stored', rules: all }], { collection: 'STORED' })).toHaveLength(2);
  expect(await refused([], { collection: 'Stored' })).toEqual([]);
});

it('M16 M17 M18 tells what a deployment may not be aimed at', async () => {
  const unknown = [{ kind: 'unknown-computer', architecture: 'x64' }];
  const bench = [{ name: 'Bench', rules: unknown }];
  expect(await refused(bench)).toEqual(['deployment.reaches-unknown']);
  expect(await refused([], { collection: 'All Unknown Computers' })).toEqual([
    'deployment.unknown-unconfirmed',
  ]);
  // Rules that a file names for a built-in collection decide nothing.
  const builtIn = [{ name: 'All Systems', rules: [] }];
  expect(await refused(builtIn, { collection: 'All Systems' })).toEqual([
    'deployment.all-systems',
    'deployment.unhide',
    'deployment.warnings',
  ]);
  const settings = { deadline: '2027-01-01T00:00', assignments: [{ kind: 'as-soon-as-possible' }] };
  const [code] = await refused([], { collection: 'Stored', purpose: 'available', settings });
  expect(code).toMatch(/^deployment\./);
});

it('M18 finds servers of the site among them', async () => {
  const own = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ internal }) => !internal)?.mac;
  if (own === undefined) throw new Error('this machine has no network');
  const rows = [{ line: 1, device: { name: 'SERVER', macAddresses: [own] } }];
  await call('POST', '/devices/import', { rows, onConflict: 'overwrite' });
  expect(await refused([{ name: 'Bench', rules: direct('SERVER') }])).toEqual([
    'deployment.servers',
  ]);
});

it('M34 holds changed settings of a deployment that is there against what it is, and nothing else', async () => {
  const sequence = await site.services.store.sequences.add(
    {
      name: 'Kept',
      description: '',
      disabled: false,
      documentJson: JSON.stringify({ name: 'Kept', steps: [say] }),
      source: { text: '', format: 'json' },
    },
    1,
  );
  const made = await call('POST', '/deployments', {
    sequence: sequence.name,
    collection: 'Stored',
    purpose: 'available',
    settings: { availableFrom: '2027-01-01T00:00' },
  });
  const { id: changes } = made.json;
  const asked = { sequence: 'Kept', collection: 'Stored' };
  // It has many members by then: who made it accepted that.
  const many = [{ name: 'Stored', rules: all }];
  const ask = (settings: object) => refused(many, { ...asked, changes, settings });
  expect(await ask({ comment: 'later' })).toEqual([]);
  expect(await ask({ expires: '2026-01-01T00:00' })).toEqual(['deployment.settings']);
  // It is available, whatever is said of it.
  expect(await ask({ deadline: '2027-02-01T00:00' })).toEqual(['deployment.settings']);
  expect(
    (await call('PUT', `/deployments/${changes}`, { deadline: '2027-02-01T00:00' })).json.code,
  ).toBe('deployment.settings');
  const gone = { ...asked, purpose: 'required', changes: 'MW1FFFFF' };
  expect(await call('POST', '/deployments/check', { deployments: [gone] })).toMatchObject({
    status: 404,
    json: { code: 'deployment.not-found' },
  });
  await call('POST', `/deployments/${changes}/withdraw`, {});
});
const say = { step: 'Say', type: 'set-variable', params: { name: 'Said', value: 'yes' } };

it('keeps nothing, and says what is not there', async () => {
  const names = (await site.services.store.collections.list()).map(({ name }) => name);
  expect(names).toEqual(expect.not.arrayContaining(['Bench']));
  expect(await site.services.store.deployments.list()).toHaveLength(1);
  const deployment = { sequence: 'Outer', collection: 'Nowhere', purpose: 'required' };
  expect(await call('POST', '/deployments/check', { deployments: [deployment] })).toMatchObject({
    status: 404,
    json: { code: 'collection.not-found' },
  });
});
