import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from '../tables.ts';
import { index, numberColumn, table } from './columns.ts';

/** Disabled sequences, precedence of collections, packages sent file by file, runs that hold secrets. */
export async function language(db: Kysely<Tables>): Promise<void> {
  await numberColumn(db, 'sequences', { name: 'disabled', default: 0 });
  await numberColumn(db, 'package_versions', { name: 'object_count', default: 0 });
  await numberColumn(db, 'runs', { name: 'has_secrets', default: 0 });
  await numberColumn(db, 'runs', { name: 'step_started', default: 0 });
  await table(db, 'collection_precedence', { collection_id: 'text', precedence: 'int' }, [
    'collection_id',
  ]);
  await table(db, 'package_objects', { package_id: 'text', version: 'int', sha256: 'text' }, [
    'package_id',
    'version',
    'sha256',
  ]);
  await index(db, 'package_objects', ['sha256']);
  await table(db, 'objects', { sha256: 'text', size_bytes: 'int', chunks_json: 'text' }, [
    'sha256',
  ]);
  await table(
    db,
    'uploads',
    {
      id: 'text',
      name: 'text',
      package_id: 'text?',
      version: 'int?',
      file_count: 'int',
      expired: 'int',
      touched_ms: 'int',
    },
    ['id'],
  );
  await table(
    db,
    'upload_files',
    { upload_id: 'text', path_key: 'text', path: 'text', sha256: 'text', size_bytes: 'int' },
    ['upload_id', 'path_key'],
  );
  await index(db, 'upload_files', ['sha256']);
  await table(db, 'wanted_packages', { name_key: 'text', id: 'text', name: 'text' }, ['name_key']);
  await index(db, 'wanted_packages', ['id'], { unique: true });
  await fillObjects(db);
  await rewriteRuns(db);
}

const Manifest = z.object({
  objects: z.array(
    z.object({ sha256: z.string(), sizeBytes: z.int(), chunks: z.array(z.string()) }),
  ),
});

async function fillObjects(db: Kysely<Tables>): Promise<void> {
  const rows = await db
    .selectFrom('package_versions')
    .select(['package_id', 'version', 'manifest_json'])
    .execute();
  for (const { package_id, version, manifest_json } of rows) {
    const { objects } = Manifest.parse(JSON.parse(manifest_json));
    await db
      .updateTable('package_versions')
      .set({ object_count: objects.length })
      .where('package_id', '=', package_id)
      .where('version', '=', version)
      .execute();
    for (const { sha256, sizeBytes, chunks } of objects) {
      await db
        .insertInto('objects')
        .values({ sha256, size_bytes: sizeBytes, chunks_json: JSON.stringify(chunks) })
        .onConflict((conflict) => conflict.column('sha256').doNothing())
        .execute();
      await db
        .insertInto('package_objects')
        .values({ package_id, version, sha256 })
        .onConflict((conflict) => conflict.columns(['package_id', 'version', 'sha256']).doNothing())
        .execute();
    }
  }
}

const Grant = z.looseObject({
  variables: z.array(z.looseObject({ secret: z.boolean().default(false) })).default([]),
  content: z
    .record(
      z.string(),
      z.looseObject({
        manifest: z.object({ packageId: z.string(), version: z.int() }).optional(),
      }),
    )
    .default({}),
});
const Fact = z.object({
  kind: z.string(),
  variables: z.array(z.object({ secret: z.boolean().default(false) })).default([]),
});

/** A grant held whole manifests; now it names the version that each is of. */
async function rewriteRuns(db: Kysely<Tables>): Promise<void> {
  const runs = await db.selectFrom('runs').select(['run_id', 'grant_json']).execute();
  for (const { run_id, grant_json } of runs) {
    const grant = Grant.parse(JSON.parse(grant_json));
    const events = await db
      .selectFrom('events')
      .select('fact_json')
      .where('run_id', '=', run_id)
      .execute();
    const facts = events.map(({ fact_json }) => Fact.parse(JSON.parse(fact_json)));
    const all = [...grant.variables, ...facts.flatMap(({ variables }) => variables)];
    const content = Object.entries(grant.content).map(([id, { manifest, ...one }]) => [
      id,
      manifest === undefined ? one : { kind: 'found', ...manifest },
    ]);
    await db
      .updateTable('runs')
      .set({
        grant_json: JSON.stringify({ ...grant, content: Object.fromEntries(content) }),
        has_secrets: all.some(({ secret }) => secret) ? 1 : 0,
        step_started: facts.some(({ kind }) => kind === 'step-started') ? 1 : 0,
      })
      .where('run_id', '=', run_id)
      .execute();
  }
}
