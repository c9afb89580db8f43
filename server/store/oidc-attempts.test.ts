import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from './open.ts';
import type { Store } from './operations.ts';
import { testLocation } from './test-location.ts';

let directory: string;
let store: Store;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-oidc-store-'));
  store = await openStore(await testLocation(join(directory, 'store.sqlite')));
});
afterAll(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});
const attempt = (state: string, nowMs = 0, address = '192.0.2.1') => ({
  stateHash: state,
  returnTo: `/#${state}`,
  address,
  nowMs,
  expiresMs: nowMs + 1000,
});

it('gives a sign-in that was begun back once, and not after its end', async () => {
  const { oidcAttempts } = store;
  expect(await oidcAttempts.begin(attempt('a'))).toBe(0);
  expect(await oidcAttempts.begin(attempt('b'))).toBe(0);
  const taken = await Promise.all([oidcAttempts.take('a', 999), oidcAttempts.take('a', 999)]);
  expect(taken.filter((one) => one !== null)).toEqual([{ returnTo: '/#a' }]);
  expect(await oidcAttempts.take('b', 1000)).toBeNull();
  expect(await oidcAttempts.take('never', 0)).toBeNull();
});

it('keeps fifty of an address, says how long to wait, and forgets those that are over', async () => {
  const { oidcAttempts } = store;
  for (let each = 0; each < 50; each += 1)
    expect(await oidcAttempts.begin(attempt(`${each}`, 5000 + each * 10))).toBe(0);
  expect(await oidcAttempts.begin(attempt('more', 5500))).toBe(1000);
  expect(await oidcAttempts.begin(attempt('elsewhere', 5500, '192.0.2.2'))).toBe(0);
  expect(await oidcAttempts.begin(attempt('later', 6000))).toBe(0);
});

it('counts none that a clock has left that was a day ahead', async () => {
  const { oidcAttempts } = store;
  const dayMs = 24 * 60 * 60_000;
  for (let each = 0; each < 50; each += 1)
    expect(await oidcAttempts.begin(attempt(`ahead ${each}`, dayMs, '192.0.2.3'))).toBe(0);
  expect(await oidcAttempts.begin(attempt('ahead', dayMs, '192.0.2.3'))).toBeGreaterThan(0);
  expect(await oidcAttempts.begin(attempt('right', 10_000, '192.0.2.3'))).toBe(0);
});

it('makes one account for one issuer and subject, whoever comes at the same time', async () => {
  const { people } = store;
  const told = (id: string) => ({
    id,
    issuer: 'https://login.example',
    subject: 'ann-1',
    name: 'Ann',
    role: 'author' as const,
    newRole: 'author' as const,
    nowMs: 1,
  });
  const [one, other] = await Promise.all([
    people.signInFrom(told('x')),
    people.signInFrom(told('y')),
  ]);
  expect(one.person.id).toBe(other.person.id);
  expect(await people.list()).toHaveLength(1);
  const elsewhere = { ...told('z'), issuer: 'https://other.example' };
  await expect(people.signInFrom(elsewhere)).rejects.toMatchObject({ code: 'person.exists' });
  await expect(
    people.signInFrom({ ...elsewhere, name: 'Bea', newRole: null }),
  ).rejects.toMatchObject({ code: 'person.unknown' });
  const kept = await people.signInFrom({ ...told('x'), role: null });
  expect(kept).toMatchObject({ before: { role: 'author' }, person: { role: 'author' } });
});
