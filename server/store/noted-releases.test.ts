import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RunId } from '#agent/protocol/identity.ts';
import { migrate } from './migrate.ts';
import { noteReleases } from './noted-releases.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

let directory: string;
let file: SqliteFile;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'metalwright-releases-'));
  file = openSqlite(join(directory, 'store.sqlite'));
  await migrate(file);
});
afterEach(async () => {
  file.close();
  await rm(directory, { recursive: true, force: true });
});

const runId = RunId.parse('6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e5f');
const account = { name: 'Join', user: 'u', password: 'p' };
const note = (step: string, variables: readonly string[], keyThumbprint = 'key') =>
  noteReleases(
    file.db,
    {
      runId,
      keyThumbprint,
      request: { for: 'step', step, accounts: [], variables: [], packages: [] },
      nowMs: 1,
    },
    {
      accounts: [account],
      variables: variables.map((name) => ({ name, value: 'v' })),
      packages: [],
    },
  );

it('tells each secret once for a step and a key, however often it is asked for', async () => {
  expect(await note('0', ['A'])).toMatchObject({ accounts: ['Join'], variables: ['A'] });
  expect(await note('0', ['a', 'B'])).toMatchObject({ accounts: [], variables: ['B'] });
  expect(await note('0', ['A', 'B'])).toMatchObject({ accounts: [], variables: [] });
  expect(await note('1', ['A'])).toMatchObject({ accounts: ['Join'], variables: ['A'] });
  expect(await note('1', ['A'], 'another')).toMatchObject({ accounts: ['Join'], variables: ['A'] });
  const rows = await file.db.selectFrom('secret_releases').selectAll().execute();
  expect(rows).toHaveLength(7);
  expect(JSON.stringify(rows)).not.toMatch(/"[pv]"/);
});
