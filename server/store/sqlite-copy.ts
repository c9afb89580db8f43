/**
 * The copy of an SQLite database that is kept before a new version changes its tables: `<file>.before-0020`
 * has the schema 20. It is made in one read transaction, synced and renamed: there whole or not at all.
 */
import { open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sql } from 'kysely';
import { StoreError } from './error.ts';
import { assertKnown, readSchemaVersion } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import type { SqliteFile } from './sqlite.ts';

/** Copies that are kept, the newest ones. */
const KEPT = 2;
/** Room for what the migrations themselves write, beside the copy and as much again in the write-ahead log. */
const SPARE_BYTES = 64e6;

/** What a migration of a database needs, and what there is. */
export interface MigrationRoom {
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/**
 * Keeps a copy of a database that is about to be migrated, once it is known to be whole; nothing for a new
 * one and for one that is of this version.
 *
 * @param path of the file; `:memory:` has nothing to be kept
 * @throws {StoreError} `store.newer`, `store.corrupt`, `store.no-room`; then nothing was changed
 */
export async function keepBeforeMigration(path: string, file: SqliteFile): Promise<void> {
  const version = await readSchemaVersion(file.db);
  assertKnown(version);
  if (path === ':memory:' || version === 0 || version === migrations.length) return;
  const fault = await findFault(file);
  if (fault !== undefined)
    throw new StoreError('store.corrupt', `The database is damaged: ${fault}`, {
      hint: 'Restore it from a backup; it was not brought to this version.',
    });
  const room = await roomForMigration(path);
  if (room.freeBytes < room.neededBytes) throw noRoom(path, room);
  const copy = `${path}.before-${String(version).padStart(4, '0')}`;
  const partial = `${copy}.part`;
  await rm(partial, { force: true });
  try {
    await sql`vacuum into ${partial}`.execute(file.db);
    await sync(partial);
    await rename(partial, copy);
    await sync(dirname(path));
  } catch (error) {
    await rm(partial, { force: true });
    if (isFull(error)) throw noRoom(path, await roomForMigration(path));
    throw error;
  }
  await dropOlder(path);
}

/** What a check of the whole file finds first: a damaged page, a row that refers to nothing; undefined when all is well. */
export async function findFault({ db }: SqliteFile): Promise<string | undefined> {
  const pages = await sql<{ quick_check: string }>`pragma quick_check(1)`.execute(db);
  const found = pages.rows[0]?.quick_check ?? 'no answer';
  if (found !== 'ok') return found;
  const [lost] = (await sql<{ table: string }>`pragma foreign_key_check`.execute(db)).rows;
  return lost === undefined ? undefined : `a row of ${lost.table} refers to one that is not there`;
}

/** The room that a migration of a file takes on its disk at most. */
export async function roomForMigration(path: string): Promise<MigrationRoom> {
  const { size } = await stat(path);
  const { bavail, bsize } = await statfs(dirname(path));
  return { neededBytes: 2 * size + SPARE_BYTES, freeBytes: bavail * bsize };
}

function noRoom(path: string, { neededBytes, freeBytes }: MigrationRoom) {
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`;
  return new StoreError(
    'store.no-room',
    `To bring the database to this version takes ${megabytes(neededBytes)} on the disk of ${dirname(path)}, ${megabytes(freeBytes)} are free`,
    { hint: 'Make room there and start again: the database is as it was.' },
  );
}

async function dropOlder(path: string): Promise<void> {
  const folder = dirname(path);
  const start = `${basename(path)}.before-`;
  const isCopy = (name: string) =>
    name.startsWith(start) && /^\d{4}$/.test(name.slice(start.length));
  const copies = (await readdir(folder)).filter(isCopy).sort();
  for (const name of copies.slice(0, -KEPT)) await rm(join(folder, name));
}

function isFull(error: unknown): boolean {
  const errcode: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined;
  const SQLITE_FULL = 13;
  return (
    (typeof errcode === 'number' && (errcode & 0xff) === SQLITE_FULL) ||
    (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
  );
}

/** Syncs a file or a directory to the disk. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
