import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { z } from 'zod';
import { readSchemaVersion } from '../store/migrate.ts';
import { connectPostgres } from '../store/postgres/connection.ts';
import { readVersion } from '../version.ts';
import { BackupError } from './backup-error.ts';
import {
  type BackupManifest,
  DATABASE_NAME,
  DUMP_NAME,
  keyFiles,
  MANIFEST_NAME,
} from './manifest.ts';
import { dumpPostgres } from './postgres-dump.ts';
import { sealBytes } from './sealed-file.ts';

/** What is backed up, and where to. */
export interface BackupRequest {
  readonly dataDirectory: string;
  readonly file: string;
  /** The PostgreSQL database of the settings; undefined for the SQLite file in the data directory. */
  readonly databaseUrl?: string | undefined;
  /** Settings file of the server, taken along as `settings.yaml`. */
  readonly settingsFile?: string | undefined;
  /** Seals the backup: keys are in it. Without one it is as secret as the data directory itself. */
  readonly passphrase?: string | undefined;
  readonly nowMs: number;
}

/** File in the data directory that says when the last backup was made. */
export const LAST_BACKUP = 'last-backup.json';

/**
 * Writes a backup while the server runs or not: the database as it is at one moment (`vacuum into`, one
 * read transaction; `pg_dump`, one snapshot), keys, settings. The file is there whole or not at all: mode 0600, synced, renamed.
 *
 * @throws {BackupError} `backup.no-data`, what `dumpPostgres` throws; errors of the file system
 */
export async function makeBackup(request: BackupRequest): Promise<BackupManifest> {
  const { dataDirectory, file, nowMs, databaseUrl } = request;
  const database = join(dataDirectory, DATABASE_NAME);
  if (databaseUrl === undefined && !(await isFile(database)))
    throw new BackupError('backup.no-data', `There is no database in ${dataDirectory}`, {
      hint: 'name the data directory of the server with --data',
    });
  await mkdir(dirname(file), { recursive: true });
  const copy = `${file}.${randomUUID()}.database`;
  const partial = `${file}.${randomUUID()}.part`;
  try {
    // Nobody else reads it while it is written.
    await writeFile(copy, '', { mode: 0o600, flag: 'wx' });
    const facts =
      databaseUrl === undefined
        ? copyDatabase(database, copy)
        : await dumpDatabase(databaseUrl, copy);
    const sources = [
      { name: databaseUrl === undefined ? DATABASE_NAME : DUMP_NAME, path: copy },
      ...keyFiles.map((name) => ({ name, path: join(dataDirectory, name) })),
      ...(request.settingsFile === undefined
        ? []
        : [{ name: 'settings.yaml', path: request.settingsFile }]),
    ];
    const manifest: BackupManifest = {
      format: 1,
      madeMs: nowMs,
      version: readVersion(),
      ...facts,
      files: [],
    };
    const zip = new ZipFile();
    const written = pipeline(
      request.passphrase === undefined
        ? zip.outputStream
        : Readable.from(sealBytes(zip.outputStream as Readable, request.passphrase)),
      createWriteStream(partial, { mode: 0o600, flags: 'wx' }),
    );
    const filled = fill(zip, sources, manifest);
    await Promise.all([written, filled]);
    await syncFile(partial);
    await rename(partial, file);
    await syncFile(dirname(file));
    await noteBackup(dataDirectory, { atMs: nowMs, file });
    return manifest;
  } finally {
    await rm(copy, { force: true });
    await rm(partial, { force: true });
  }
}

/** Puts one file after the other in, and at last the manifest with their hashes. */
async function fill(
  zip: ZipFile,
  sources: readonly { readonly name: string; readonly path: string }[],
  manifest: BackupManifest,
): Promise<void> {
  for (const { name, path } of sources) {
    if (!(await isFile(path))) continue;
    const hash = createHash('sha256');
    let sizeBytes = 0;
    const counted = new Transform({
      transform(part: Uint8Array, _encoding, done) {
        hash.update(part);
        sizeBytes += part.length;
        done(null, part);
      },
    });
    const read = pipeline(createReadStream(path), counted);
    zip.addReadStream(counted, name, { mode: 0o100600 });
    await read;
    manifest.files.push({ name, sizeBytes, sha256: hash.digest('hex') });
  }
  zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`), MANIFEST_NAME);
  zip.end();
}

/** The database at one moment, in one file, without its unused pages. */
function copyDatabase(from: string, to: string): Pick<BackupManifest, 'schemaVersion' | 'content'> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 30_000 });
  try {
    source.prepare('vacuum into ?').run(to);
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(to, { readOnly: true });
  try {
    const schema = copy.prepare("select value from counters where name = 'schema-version'").get();
    const content = copy
      .prepare('select count(*) as objects, coalesce(sum(size_bytes), 0) as bytes from objects')
      .get();
    return {
      schemaVersion: z.object({ value: z.int() }).parse(schema).value,
      content: z.object({ objects: z.int(), bytes: z.int() }).parse(content),
    };
  } finally {
    copy.close();
  }
}

/** A PostgreSQL database at one moment. */
async function dumpDatabase(
  url: string,
  to: string,
): Promise<Pick<BackupManifest, 'schemaVersion' | 'content'>> {
  const connection = await connectPostgres(url);
  try {
    const { db } = connection;
    const schemaVersion = await readSchemaVersion(db);
    if (schemaVersion === 0)
      throw new BackupError('backup.no-data', 'The database has no tables', {
        hint: 'start the server once, or name the database of the site in the settings',
      });
    await dumpPostgres(url, to);
    const { objects, bytes } = await db
      .selectFrom('objects')
      .select((of) => [
        of.fn.countAll<number>().as('objects'),
        of.fn.coalesce(of.fn.sum<number>('size_bytes'), of.val(0)).as('bytes'),
      ])
      .executeTakeFirstOrThrow();
    return { schemaVersion, content: { objects, bytes } };
  } finally {
    await connection.close();
  }
}

/** Noted for `doctor`, which warns of a site without backups; that it cannot be noted keeps no backup. */
async function noteBackup(
  dataDirectory: string,
  note: { readonly atMs: number; readonly file: string },
): Promise<void> {
  await writeFile(join(dataDirectory, LAST_BACKUP), `${JSON.stringify(note)}\n`).catch(() => {});
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}

/** Syncs a file or a directory to the disk. */
export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
