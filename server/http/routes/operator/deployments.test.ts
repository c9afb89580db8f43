import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDevice } from './test-bench.ts';
import { openTestConsole, type TestConsole } from './test-console.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ tls: false });
});
afterAll(() => site[Symbol.asyncDispose]());

async function call(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  payload?: Record<string, unknown>,
) {
  const answer = await site.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${site.token}` },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, json: answer.json() };
}

/** A task sequence that formats a disk in a child, and the child. */
async function sequences(): Promise<void> {
  await call('PUT', '/features/child-sequences', { enabled: true });
  const disk = {
    step: 'Format',
    type: 'format-disk',
    params: { disk: 0, partitions: [{ name: 'data', size: 'rest', fileSystem: 'ext4' }] },
  };
  const child = { step: 'Child', type: 'run-sequence', params: { sequence: { name: 'Inner' } } };
  const harmless = { step: 'Say', type: 'run-command', params: { commandLine: 'true' } };
  for (const [name, steps] of Object.entries({
    Inner: [disk],
    Outer: [child],
    Harmless: [harmless],
  })) {
    const text = JSON.stringify({ name, platform: 'linux', steps });
    const added = await call('POST', '/sequences', { text, format: 'json' });
    expect([name, added.status, added.json.message]).toEqual([name, 200, undefined]);
  }
}

it('M18 M16 makes, changes, shows and withdraws a deployment; warnings are accepted by code', async () => {
  await sequences();
  const ids: string[] = [];
  for (let number = 1; number <= 3; number++) ids.push((await addDevice(site, number)).id);
  const { json: bench } = await call('POST', '/collections', { name: 'Bench' });
  await call('POST', `/collections/${bench.id}/members`, { add: ids });
  await call('PUT', '/deployment-settings', { defaultSize: 2, maximumSize: 3 });
  const wish = { collection: 'Bench', purpose: 'required' };
  const deploy = (sequence: string, more = {}) =>
    call('POST', '/deployments', { sequence, ...wish, ...more });

  expect((await deploy('Harmless')).status).toBe(200);
  expect(await deploy('Outer')).toMatchObject({
    status: 409,
    json: { code: 'deployment.unhide', message: expect.stringContaining('"Format"') },
  });
  expect(await deploy('Outer', { unhide: true })).toMatchObject({
    status: 409,
    json: { code: 'deployment.warnings', problems: [{ code: 'size' }] },
  });
  const made = await deploy('Outer', {
    unhide: true,
    accepts: ['size'],
    settings: { maxRunMinutes: 30 },
  });
  expect(made.json).toMatchObject({ settings: { maxRunMinutes: 30, rerun: 'always' } });
  const { id } = made.json;
  const [entry] = await site.services.store.audit.list(1);
  expect(entry).toMatchObject({
    action: 'deployment.create',
    detail: { deployment: id, accepted: ['size'], size: 3 },
  });

  const changed = await call('PUT', `/deployments/${id}`, { priority: 'high' });
  expect(changed.json.settings).toMatchObject({ priority: 'high', maxRunMinutes: 30 });
  const wrong = { availableFrom: '2027-01-02T00:00', expires: '2027-01-01T00:00' };
  expect(await call('PUT', `/deployments/${id}`, wrong)).toMatchObject({
    status: 400,
    json: { code: 'deployment.settings' },
  });
  expect((await call('GET', `/deployments/${id}/status`)).json).toMatchObject({
    counts: { unknown: 3, error: 0 },
    alerts: 0,
  });
  await call('POST', '/maintenance-windows', {
    collection: 'Bench',
    name: 'Short',
    startDate: '2020-01-01',
    startTime: '22:00',
    finishTime: '22:20',
    recurrence: { kind: 'daily' },
  });
  const status = await call('GET', `/deployments/${id}/status`);
  expect(status.json).toMatchObject({ alerts: 3, counts: { 'requirements-not-met': 3 } });
  expect(status.json.devices[0]).toMatchObject({ code: 'window.never', alert: true });
  expect((await call('POST', '/collections/Bench/clear')).json).toEqual({ cleared: 0 });
  expect((await call('POST', `/deployments/${id}/withdraw`, {})).json.withdrawn).toBe(true);
});

it.each(['All Users', 'SMS00002', 'Staff'])(
  'M16 a collection of users, %s, is refused by name, and nothing is deployed',
  async (collection) => {
    await call('POST', '/collections', { name: 'Staff', kind: 'user' });
    const before = (await call('GET', '/deployments')).json.length;
    const wish = { sequence: 'Harmless', collection, purpose: 'available' };
    expect(await call('POST', '/deployments', wish)).toMatchObject({
      status: 400,
      json: {
        code: 'deployment.user-collection',
        message: expect.stringMatching(/All Users|Staff/),
      },
    });
    expect((await call('GET', '/deployments')).json).toHaveLength(before);
  },
);
