import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../cli/testing/run-here.ts';
import { openStore } from '../store/open.ts';
import {
  postgresPrograms,
  startTestCluster,
  type TestCluster,
} from '../store/postgres/test-cluster.ts';
import { openSqlite } from '../store/sqlite.ts';
import { findProgram, withoutPassword } from './postgres-dump.ts';

const missing = (await postgresPrograms()) === undefined && process.env['REQUIRE_PEERS'] !== '1';
const nowMs = 1_800_000_000_000;

describe.skipIf(missing)('a site from SQLite to PostgreSQL, backed up there, and back', () => {
  let directory: string;
  let cluster: TestCluster;
  const data = () => join(directory, 'data');
  const sqlite = () => join(data(), 'metalwright.sqlite');
  const settings = async (database: string) => {
    const file = join(directory, `${database}.yaml`);
    await writeFile(file, `database: { url: '${cluster.url(database)}' }\n`);
    return file;
  };
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'metalwright-copy-'));
    cluster = await startTestCluster();
    for (const name of ['site', 'second']) cluster.createDatabase(name);
    await mkdir(data());
    const store = await openStore(sqlite());
    // A text that PostgreSQL cannot hold as it is, and many rows: more than one statement takes.
    const made = await store.collections.create({ name: 'Bench \u0000 ü' }, nowMs);
    const detail = { text: 'x\u0000y' };
    await store.audit.add('00000000-0000-4000-8000-000000000001', {
      atMs: nowMs,
      who: 'me',
      action: 'a.b',
      detail,
    });
    expect(made.id).toMatch(/^MW1/);
    await store.close();
    const file = openSqlite(sqlite());
    await sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500)
      insert into logs (run_id, start, bytes, text, zstd) select 'run', i, 3, 'line ' || i,
        case when i % 3 = 0 then null else randomblob(i % 40) end from n`.execute(file.db);
    file.close();
    await writeFile(join(data(), 'site-secret'), 'abc');
  }, 60_000);
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  it('copies all tables, counted, and only into an empty database', async () => {
    const argv = ['database', 'copy', '--data', data(), '--to'];
    const copied = await runHere([...argv, cluster.url('site')]);
    expect(copied.err).toBe('');
    expect(copied.out).toMatch(/^copied \d{4} rows of \d+ tables, counted on both sides\n/);
    const again = await runHere([...argv, cluster.url('site')]);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('[database.not-empty]') });
    const told = await runHere([...argv, 'postgres://u:secret@127.0.0.1/x']);
    expect(told).toMatchObject({ code: 2, err: expect.not.stringContaining('secret') });

    const store = await openStore(cluster.url('site'));
    const names = (await store.collections.list()).map(({ name }) => name);
    expect(names).toContain('Bench \u0000 ü');
    // No id is given twice.
    const { id } = await store.collections.create({ name: 'After' }, nowMs);
    expect((await store.collections.list()).filter((each) => each.id === id)).toHaveLength(1);
    await store.close();
  }, 60_000);

  it('M56 backs it up by pg_dump and brings it back into an empty database, with the keys', async () => {
    const file = join(directory, 'site.backup');
    const passphrase = join(directory, 'passphrase');
    await writeFile(passphrase, 'a long passphrase');
    const sealed = ['--passphrase-file', passphrase];
    const config = await settings('site');
    const made = await runHere(['backup', file, '--data', data(), '--config', config, ...sealed]);
    expect(made.err).toBe('');
    expect(made.out).toContain('metalwright.pgdump');

    const back = join(directory, 'back');
    const restore = ['restore', file, '--data', back, ...sealed];
    expect(await runHere(restore)).toMatchObject({
      code: 1,
      err: expect.stringContaining('[backup.other-database]'),
    });
    expect(await runHere([...restore, '--config', config])).toMatchObject({
      code: 1,
      err: expect.stringContaining('[backup.not-empty]'),
    });
    const done = await runHere([...restore, '--config', await settings('second')]);
    expect(done.err).toBe('');
    expect(await readFile(join(back, 'site-secret'), 'utf8')).toBe('abc');
    const store = await openStore(cluster.url('second'));
    const names = (await store.collections.list()).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['Bench \u0000 ü', 'After']));
    await store.close();
    expect(cluster.sql('second', 'select count(*) from logs').trim()).toBe('1500');
  }, 60_000);

  it('goes back to an SQLite file, row for row', async () => {
    const to = join(directory, 'home.sqlite');
    const argv = ['database', 'copy', '--config', await settings('second'), '--to', to];
    expect((await runHere(argv)).err).toBe('');
    const rows = async (path: string) => {
      const file = openSqlite(path);
      const found = await sql`select * from logs order by run_id, start`.execute(file.db);
      const audit = await sql`select * from audit order by id`.execute(file.db);
      file.close();
      return [found.rows, audit.rows];
    };
    expect(await rows(to)).toEqual(await rows(sqlite()));
  }, 60_000);
});

it('names no password in an argv, and takes no program that is older than the server', async () => {
  const url = 'postgres:///site?host=/run/postgresql&password=a%40b';
  expect(withoutPassword(url)).toEqual({
    address: 'postgres:///site?host=%2Frun%2Fpostgresql',
    password: 'a@b',
  });
  expect(withoutPassword('postgres://mw:p%3Aw@db:5/s').password).toBe('p:w');
  const folder = await mkdtemp(join(tmpdir(), 'metalwright-tools-'));
  try {
    const places = { versions: join(folder, 'none'), path: folder };
    await expect(findProgram('pg_dump', 15, places)).rejects.toMatchObject({
      code: 'backup.no-tool',
      hint: 'apt-get install postgresql-client-15',
    });
    const program = join(folder, 'pg_dump');
    await writeFile(program, '#!/bin/sh\necho "pg_dump (PostgreSQL) 13.4"\n', { mode: 0o755 });
    await expect(findProgram('pg_dump', 15, places)).rejects.toMatchObject({
      code: 'backup.tool-version',
    });
    expect(await findProgram('pg_dump', 13, places)).toBe(program);
  } finally {
    await rm(folder, { recursive: true });
  }
});
