/**
 * Bringing a backup back. All of it is unpacked and checked in `restore/` of the data directory first; then a
 * file `complete` is synced there, and the files are moved into place, what was there before into
 * `before-restore-<time>/`. A power cut before `complete` leaves all as it was; after it, the next start of
 * the server (or the next restore) moves the rest. Content stays where it is.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Kysely } from 'kysely';
import { z } from 'zod';
import { jumpAhead } from '../store/counters.ts';
import { migrations } from '../store/migrations/index.ts';
import { connectPostgres } from '../store/postgres/connection.ts';
import { openSqlite } from '../store/sqlite.ts';
import type { Tables } from '../store/tables.ts';
import { BackupError } from './backup-error.ts';
import { syncFile } from './make-backup.ts';
import { type BackupManifest, DATABASE_NAME, DUMP_NAME } from './manifest.ts';
import { restorePostgres } from './postgres-dump.ts';
import { readBackup } from './read-backup.ts';

const STAGING = 'restore';
const COMPLETE = 'complete';
/** Files of the database that are of no use to another one. */
const sidecars = ['-wal', '-shm'].map((ending) => `${DATABASE_NAME}${ending}`);
const Complete = z.object({ files: z.array(z.string()), keepIn: z.string() });

/** What is brought back, and where to. */
export interface RestoreRequest {
  readonly file: string;
  readonly dataDirectory: string;
  /** The PostgreSQL database of the settings, for a backup of one; it has to be empty. */
  readonly databaseUrl?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Whether a data directory with a database may be replaced; what was there is kept beside. */
  readonly replace: boolean;
  readonly nowMs: number;
}

/**
 * Brings a backup back. Ids jump ahead, so that none which was given after the backup is given again;
 * sessions of operators end.
 *
 * @throws {BackupError} `backup.not-empty`, `backup.in-use`, `backup.newer`, and what `readBackup` throws
 */
export async function restoreBackup(
  request: RestoreRequest,
): Promise<BackupManifest & { readonly keptIn: string | null }> {
  const { dataDirectory, nowMs } = request;
  await mkdir(dataDirectory, { recursive: true, mode: 0o750 });
  await finishRestore(dataDirectory);
  const before = await readdir(dataDirectory);
  const hasDatabase = before.includes(DATABASE_NAME);
  if (hasDatabase && !request.replace)
    throw new BackupError('backup.not-empty', `${dataDirectory} has a database already`, {
      hint: 'name an empty one with --data, or replace it with --replace: what is there is kept beside',
    });
  if (hasDatabase) assertUnused(join(dataDirectory, DATABASE_NAME));
  const staging = join(dataDirectory, STAGING);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { mode: 0o700 });
  try {
    const manifest = await readBackup(request.file, staging, request.passphrase);
    await bringDatabase(staging, manifest, request);
    const keepIn = `before-restore-${new Date(nowMs).toISOString().replaceAll(/[:.]/g, '-')}`;
    const files = manifest.files.map(({ name }) => name).filter((name) => name !== DUMP_NAME);
    await writeSynced(join(staging, `${COMPLETE}.new`), JSON.stringify({ files, keepIn }));
    await syncFile(staging);
    await rename(join(staging, `${COMPLETE}.new`), join(staging, COMPLETE));
    await syncFile(staging);
    await finishRestore(dataDirectory);
    return { ...manifest, keptIn: hasDatabase ? join(dataDirectory, keepIn) : null };
  } catch (error) {
    // What is complete is for the next start to go on with.
    if (!(await hasComplete(staging))) await rm(staging, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Moves the files of a restore that was complete into place; does nothing where there is none. May be cut
 * off and called again: a file that is in place is no more in `restore/`.
 */
export async function finishRestore(dataDirectory: string): Promise<void> {
  const staging = join(dataDirectory, STAGING);
  if (!(await hasComplete(staging))) return;
  const told = await readFile(join(staging, COMPLETE), 'utf8');
  const { files, keepIn } = Complete.parse(JSON.parse(told));
  const kept = join(dataDirectory, keepIn);
  await mkdir(kept, { recursive: true, mode: 0o700 });
  const waiting = new Set(await readdir(staging));
  for (const name of files) {
    if (!waiting.has(name)) continue;
    const aside = name === DATABASE_NAME ? [...sidecars, name] : [name];
    for (const each of aside) await moveIfThere(join(dataDirectory, each), join(kept, each));
    await syncFile(kept);
    await rename(join(staging, name), join(dataDirectory, name));
    await syncFile(dataDirectory);
  }
  await rm(join(staging, COMPLETE));
  await syncFile(staging);
  await rm(staging, { recursive: true, force: true });
  if ((await readdir(kept)).length === 0) await rm(kept, { recursive: true });
  await syncFile(dataDirectory);
}

async function hasComplete(staging: string): Promise<boolean> {
  const names = await readdir(staging).catch((): string[] => []);
  return names.includes(COMPLETE);
}

async function moveIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  });
}

/** That no server uses an SQLite file: a connection holds one in WAL mode for as long as it is open. @throws {BackupError} `backup.in-use` */
export function assertUnused(path: string): void {
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(path, { timeout: 0 });
    // Takes the WAL into the file, too: what is kept beside is one whole file.
    file.exec('pragma journal_mode = delete');
  } catch (error) {
    const errcode: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined;
    const isBusy = typeof errcode === 'number' && (errcode & 0xff) === 5;
    // Any other error: it is damaged, which may be why a backup is brought back.
    if (!isBusy) return;
    throw new BackupError('backup.in-use', 'A server is running on this data directory', {
      hint: 'stop it first: systemctl stop metalwright',
      cause: error,
    });
  } finally {
    file?.close();
  }
}

/** Makes the database of a backup fit to go on with: the file in `staging`, or all of it in PostgreSQL. */
async function bringDatabase(
  staging: string,
  manifest: BackupManifest,
  { databaseUrl, nowMs }: RestoreRequest,
): Promise<void> {
  const { schemaVersion } = manifest;
  if (schemaVersion > migrations.length)
    throw new BackupError(
      'backup.newer',
      `The backup has schema ${schemaVersion}, this Metalwright knows ${migrations.length}`,
      { hint: 'restore it with the version of Metalwright that made it, or a newer one' },
    );
  const isDump = manifest.files.some(({ name }) => name === DUMP_NAME);
  if (isDump !== (databaseUrl !== undefined))
    throw new BackupError(
      'backup.other-database',
      isDump
        ? 'The backup is of a PostgreSQL database, and the settings name none'
        : 'The backup is of an SQLite database, and the settings name PostgreSQL',
      {
        hint: isDump
          ? 'name the settings with database.url by --config'
          : 'restore it without database.url, then: metalwright database copy --to <url>',
      },
    );
  if (databaseUrl === undefined) {
    await prepareFile(join(staging, DATABASE_NAME), manifest, nowMs);
    return;
  }
  const connection = await connectPostgres(databaseUrl);
  try {
    if ((await connection.db.introspection.getTables()).length > 0)
      throw new BackupError('backup.not-empty', 'The PostgreSQL database has tables already', {
        hint: 'make an empty one (createdb) and name it in the settings; the old one is kept beside it',
      });
    await restorePostgres(databaseUrl, join(staging, DUMP_NAME));
    await connection.exec('begin');
    // The servers of that moment are gone.
    await connection.db.deleteFrom('servers').execute();
    await goOnFrom(connection.db, manifest, nowMs);
    await connection.commit();
  } finally {
    await connection.close();
  }
}

/** Checks an SQLite database and makes it fit to go on with. */
async function prepareFile(path: string, manifest: BackupManifest, nowMs: number): Promise<void> {
  const check = new DatabaseSync(path, { readOnly: true });
  try {
    const found = z
      .looseObject({ quick_check: z.string() })
      .parse(check.prepare('pragma quick_check(1)').get());
    if (found.quick_check !== 'ok')
      throw new BackupError('backup.damaged', `The database in the backup: ${found.quick_check}`, {
        hint: 'take an older backup; nothing was changed',
      });
  } finally {
    check.close();
  }
  const file = openSqlite(path);
  try {
    file.exec('begin immediate');
    await goOnFrom(file.db, manifest, nowMs);
    file.exec('commit');
    file.exec('pragma journal_mode = delete');
  } finally {
    file.close();
  }
  await syncFile(path);
}

/** Ids jump ahead, sessions end, and it is noted from when the database is. */
async function goOnFrom(
  db: Kysely<Tables>,
  { madeMs }: BackupManifest,
  nowMs: number,
): Promise<void> {
  await jumpAhead(db);
  await db.deleteFrom('operator_tokens').where('kind', 'in', ['session', 'link']).execute();
  const value_json = JSON.stringify({ restoredMs: nowMs, madeMs });
  await db
    .insertInto('settings')
    .values({ name: 'restored', value_json })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value_json }))
    .execute();
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
