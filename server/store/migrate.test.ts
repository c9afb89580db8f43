import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { grantHasSecrets } from './grant-secrets.ts';
import { memberships } from './memberships.ts';
import { migrate } from './migrate.ts';
import { first } from './migrations/0001-first.ts';
import { packages } from './packages.ts';
import { PinnedGrant } from './pinned-grant.ts';
import { openSqlite } from './sqlite.ts';

const sha256 = 'a'.repeat(64);
const manifest = {
  packageId: 'MW100001',
  version: 3,
  name: 'Debian',
  kind: 'os-image',
  objects: [{ path: 'image.wim', sizeBytes: 7, sha256, chunks: [sha256] }],
  images: [],
};
const grantOf = (runId: string, secret: boolean) => ({
  runId,
  deploymentId: 'MW120001',
  sequenceName: 'S',
  purpose: 'required',
  documentJson: '{}',
  documentSha256: '',
  deviceName: null,
  variables: [{ name: 'A', value: '', secret }],
  content: {
    MW100001: { kind: 'found', manifest, sources: [] },
    MW100009: { kind: 'missing', packageId: 'MW100009', reason: 'gone' },
  },
});
const runs = ['one', 'two', 'three'] as const;
const idOf = (run: (typeof runs)[number]) =>
  `00000000-0000-4000-8000-00000000000${runs.indexOf(run)}`;

it('brings a database of the first schema along: packages, open runs and what they hold', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-migrate-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const file = openSqlite(join(directory, 'store.sqlite'));
  onTestFinished(() => file.close());
  const { db } = file;
  await first(db);
  await db.insertInto('counters').values({ name: 'schema-version', value: 1 }).execute();
  const text = (value: unknown) => JSON.stringify(value);
  file.exec(`
    insert into packages values ('MW100001', 'Debian', 'debian', 'os-image', 3, 1);
    insert into package_versions values ('MW100001', 3, '${text(manifest)}', 7, 1);
    insert into sequences values ('MW100002', 'S', 's', '', 1, 1);
    insert into collections values ('MW100003', 'Outer', 'outer', 'SMS00001', 0, 1),
      ('MW100004', 'Inner', 'inner', 'MW100003', 0, 1), ('MW100005', 'Inmost', 'inmost', 'MW100004', 0, 1);
    insert into collection_members values ('MW100003', 'a'), ('MW100004', 'a'), ('MW100004', 'b'),
      ('MW100005', 'a'), ('MW100005', 'b');`);
  for (const run of runs)
    file.exec(`insert into runs values ('${idOf(run)}', 'd', 'MW120001', 'MW100002', 1, 'S',
      'required', '${text(grantOf(idOf(run), run === 'one'))}', 'key', 0, 'running', 'pe', null, 1, null, 1, 0, 0, null)`);
  const stepFacts = [
    { kind: 'step-started', stepId: '0', name: 'S', attempt: 1 },
    { kind: 'step-finished', variables: [{ name: 'B', value: 'x', secret: true }] },
  ];
  for (const [seq, fact] of stepFacts.entries())
    file.exec(`insert into events values ('${idOf('two')}', ${seq}, 1, 1, '${text(fact)}')`);

  await migrate(file);
  await migrate(file);
  expect(await packages.images(db)).toMatchObject([{ id: 'MW100001', fileCount: 1, sizeBytes: 7 }]);
  expect(await db.selectFrom('collection_direct_rules').selectAll().execute()).toHaveLength(5);
  const members = db.selectFrom('collection_members').select(['collection_id', 'device_id']);
  expect(await members.orderBy('collection_id').execute()).toEqual(
    ['MW100003', 'MW100004', 'MW100005'].map((id) => ({ collection_id: id, device_id: 'a' })),
  );
  expect(await memberships.pending(db)).toHaveLength(3);
  expect(await db.selectFrom('objects').selectAll().execute()).toEqual([
    { sha256, size_bytes: 7, chunks_json: text([sha256]) },
  ]);
  expect(await db.selectFrom('package_objects').selectAll().execute()).toEqual([
    { package_id: 'MW100001', version: 3, sha256 },
  ]);
  expect(await Promise.all(runs.map((run) => grantHasSecrets(db, idOf(run))))).toEqual([
    true,
    true,
    false,
  ]);
  const rows = await db.selectFrom('runs').select(['grant_json', 'step_started']).execute();
  expect(rows.map(({ step_started }) => step_started)).toEqual([0, 1, 0]);
  const grants = rows.map(({ grant_json }) => PinnedGrant.parse(JSON.parse(grant_json)));
  expect(grants[0]?.variables).toEqual([{ name: 'A', value: '', secret: true }]);
  for (const { content } of grants)
    expect(content).toEqual({
      MW100001: { kind: 'found', packageId: 'MW100001', version: 3 },
      MW100009: { kind: 'missing', packageId: 'MW100009', reason: 'gone' },
    });
});
