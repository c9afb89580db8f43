/**
 * All rows of a site from one database to another, SQLite or PostgreSQL each: both have the same tables. What
 * is copied is of one moment and arrives in one transaction, counted, or not at all.
 */
import { type Kysely, sql } from 'kysely';
import type { Connection } from './connection.ts';
import { StoreError } from './error.ts';
import { isPostgresUrl } from './location.ts';
import { migrate, readSchemaVersion } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { connectPostgres } from './postgres/connection.ts';
import { openSqlite } from './sqlite.ts';
import type { Tables } from './tables.ts';

/** Rows of servers that live beside a database: they are none of the copy. */
const LEFT: ReadonlySet<string> = new Set(['servers']);
/** Rows to a statement, and values: SQLite takes 32,766. */
const ROWS = 500;
const VALUES = 30_000;
/** A statement on a slow disk may take long; nobody else waits for it. */
const STATEMENT_MS = 600_000;

type Row = Readonly<Record<string, unknown>>;
type AnyTable = Kysely<Record<string, Record<string, unknown>>>;

/** How many rows each table had. */
export type CopiedTables = readonly { readonly table: string; readonly rows: number }[];

/**
 * Copies a site's database to an empty one.
 *
 * @param to a database without tables: a `postgres://` URL, or the path of a new file
 * @throws {StoreError} `database.schema`, `database.not-empty`, `database.in-use`, `database.count`; the
 *   drivers' errors. The target is as it was then
 */
export async function copyDatabase(
  from: string,
  to: string,
  { nowMs }: { readonly nowMs: number },
): Promise<CopiedTables> {
  const source = await openDatabase(from);
  try {
    const schema = await readSchemaVersion(source.db);
    if (schema !== migrations.length)
      throw new StoreError(
        'database.schema',
        `The database has schema ${schema}, this version has ${migrations.length}`,
        { hint: 'metalwright migrate brings it along first.' },
      );
    await assertNobodyWrites(source.db, nowMs);
    const target = await openDatabase(to);
    try {
      if ((await target.db.introspection.getTables()).length > 0)
        throw new StoreError('database.not-empty', 'The database to copy to has tables already', {
          hint: 'Make an empty one: createdb --encoding UTF8 --template template0 <name>',
        });
      return await copyAll(source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

interface Open extends Connection {
  /** Rows of a table in parts, at one moment of the whole database. */
  read(table: string): AsyncIterable<readonly Row[]>;
  /** @throws when the transaction was undone instead */
  commit(): void | Promise<void>;
  close(): void | Promise<void>;
}

async function openDatabase(location: string): Promise<Open> {
  if (!isPostgresUrl(location)) {
    const file = openSqlite(location);
    return {
      ...file,
      read: (table) => readStream(file.db, table),
      commit: () => file.exec('commit'),
    };
  }
  const connection = await connectPostgres(location, { statementMs: STATEMENT_MS });
  await connection.exec(`set idle_in_transaction_session_timeout = ${STATEMENT_MS}`);
  return { ...connection, read: (table) => readCursor(connection.db, table) };
}

async function* readStream(db: Kysely<Tables>, table: string): AsyncGenerator<readonly Row[]> {
  let rows: Row[] = [];
  const query = (db as unknown as AnyTable).selectFrom(table).selectAll();
  for await (const row of query.stream()) {
    rows.push(row);
    if (rows.length < ROWS) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/** PostgreSQL keeps the place: a cursor lives as long as its transaction. */
async function* readCursor(db: Kysely<Tables>, table: string): AsyncGenerator<readonly Row[]> {
  const cursor = `copy_${table}`;
  await sql.raw(`declare "${cursor}" cursor for select * from "${table}"`).execute(db);
  for (;;) {
    const { rows } = await sql.raw<Row>(`fetch ${ROWS} from "${cursor}"`).execute(db);
    if (rows.length === 0) return;
    yield rows;
  }
}

/** A row that is older was left by a server that was killed. */
const LIVES_MS = 10_000;

/** What a server writes while it is copied would be lost. SQLite's file tells that by itself, see `backup/restore.ts`. */
async function assertNobodyWrites(db: Kysely<Tables>, nowMs: number): Promise<void> {
  const alive = await db
    .selectFrom('servers')
    .select('name')
    .where('heartbeat_ms', '>', nowMs - LIVES_MS)
    .executeTakeFirst();
  if (alive === undefined) return;
  throw new StoreError('database.in-use', `The server ${alive.name} uses the database`, {
    hint: 'Stop all servers of the site first: what they write meanwhile would be lost.',
  });
}

async function copyAll(source: Open, target: Open): Promise<CopiedTables> {
  await source.exec(isCursor(source) ? 'begin isolation level repeatable read read only' : 'begin');
  await target.exec('begin');
  try {
    // Within the transaction that is open: a copy that breaks off leaves no tables.
    await migrate({ ...target, exec: async () => {} });
    const names = (await target.db.introspection.getTables()).map(({ name }) => name).sort();
    const copied: { table: string; rows: number }[] = [];
    for (const table of names) {
      const rows = await copyTable(source, target, table);
      copied.push({ table, rows });
    }
    await target.commit();
    return copied;
  } catch (error) {
    if (target.inTransaction()) await target.exec('rollback');
    throw error;
  } finally {
    if (source.inTransaction()) await source.exec('rollback');
  }
}

async function copyTable(source: Open, target: Open, table: string): Promise<number> {
  const to = target.db as unknown as AnyTable;
  // Migrations have put rows there that the source has, too, perhaps changed.
  await to.deleteFrom(table).execute();
  if (LEFT.has(table)) return 0;
  let read = 0;
  for await (const rows of source.read(table)) {
    read += rows.length;
    const columns = Object.keys(rows[0] ?? {}).length;
    const atOnce = Math.max(1, Math.min(ROWS, Math.floor(VALUES / Math.max(1, columns))));
    for (let at = 0; at < rows.length; at += atOnce)
      await to
        .insertInto(table)
        .values(rows.slice(at, at + atOnce))
        .execute();
  }
  const counted = await countOf(target.db, table);
  const had = await countOf(source.db, table);
  if (counted !== read || had !== read)
    throw new StoreError(
      'database.count',
      `${table} has ${had} rows, ${read} were read and ${counted} have arrived`,
      { hint: 'Nothing was kept. Is the source whole? metalwright migrate --check looks.' },
    );
  return read;
}

async function countOf(db: Kysely<Tables>, table: string): Promise<number> {
  const { rows } = await sql
    .raw<{ count: number }>(`select count(*) as count from "${table}"`)
    .execute(db);
  return rows[0]?.count ?? 0;
}

function isCursor(database: Open): boolean {
  return 'query' in database;
}
