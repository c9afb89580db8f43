import type { Kysely } from 'kysely';
import { type PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { InventoryError } from '../inventory/error.ts';
import { MAX_FILES, packagePathKey, packagePathProblem } from '../inventory/package-path.ts';
import { type CommitWish, commitUpload } from './commit-upload.ts';
import { StoreError } from './error.ts';
import { type KeptObject, noteObjects } from './objects.ts';
import { touchUpload, uploadOver } from './open-upload.ts';
import { packages } from './packages.ts';
import type { Tables } from './tables.ts';

/** A file that somebody wants to put into a package. */
export interface UploadFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/** Packages that come file by file: first the list, then what the server has not, then all at once. */
export const uploads = {
  /** Begins one. @param id made by the caller */
  async begin(
    db: Kysely<Tables>,
    id: string,
    wish: { readonly name: string; readonly packageId?: PackageId | undefined },
    nowMs: number,
  ): Promise<void> {
    const { name, packageId = null } = wish;
    const none = { version: null, file_count: 0, expired: 0 };
    await db
      .insertInto('uploads')
      .values({ id, name, package_id: packageId, ...none, touched_ms: nowMs })
      .execute();
  },

  /**
   * Adds to the list of files; answers which of their objects are to be sent, each once.
   * @throws {StoreError} `upload.not-found`; {InventoryError} `package.path`, `package.path-twice`,
   *   `package.too-many-files`
   */
  async declare(
    db: Kysely<Tables>,
    id: string,
    files: readonly UploadFile[],
    nowMs: number,
  ): Promise<Sha256[]> {
    const upload = await touchUpload(db, id, nowMs);
    if (upload.version !== null) throw uploadOver();
    const file_count = upload.file_count + files.length;
    if (file_count > MAX_FILES)
      throw new InventoryError(
        'package.too-many-files',
        `A package has at most ${MAX_FILES} files, this one more`,
        { hint: 'Pack some of them into one, or make several packages.' },
      );
    for (const { path } of files) {
      const problem = packagePathProblem(path);
      if (problem !== undefined)
        throw new InventoryError('package.path', `${JSON.stringify(path)}: ${problem}`, {
          hint: 'Rename it, or leave it out of the folder.',
        });
    }
    const rows = files.map(({ path, sizeBytes, sha256 }) => ({
      upload_id: id,
      path_key: packagePathKey(path),
      path,
      sha256,
      size_bytes: sizeBytes,
    }));
    await refuseDoubles(db, id, rows);
    await db.insertInto('upload_files').values(rows).execute();
    await db.updateTable('uploads').set({ file_count }).where('id', '=', id).execute();
    const wanted = [...new Set(files.map(({ sha256 }) => sha256))];
    const known = await db
      .selectFrom('objects')
      .select('sha256')
      .where('sha256', 'in', wanted)
      .execute();
    const here = new Set(known.map(({ sha256 }) => sha256));
    return wanted.filter((sha256) => !here.has(sha256));
  },

  /** Size of an object that the upload is to bring. @throws {StoreError} `upload.not-found`, `upload.object` */
  async wanted(
    db: Kysely<Tables>,
    id: string,
    sha256: Sha256,
    nowMs: number,
  ): Promise<{ readonly sizeBytes: number }> {
    await touchUpload(db, id, nowMs);
    const row = await db
      .selectFrom('upload_files')
      .select('size_bytes')
      .where('upload_id', '=', id)
      .where('sha256', '=', sha256)
      .limit(1)
      .executeTakeFirst();
    if (row === undefined)
      throw new StoreError('upload.object', `No file of this upload has the hash ${sha256}`);
    return { sizeBytes: row.size_bytes };
  },

  /** Notes that an object came in whole. @throws {StoreError} `upload.not-found` */
  async received(db: Kysely<Tables>, id: string, object: KeptObject, nowMs: number): Promise<void> {
    await touchUpload(db, id, nowMs);
    await noteObjects(db, [object]);
  },

  /** Makes the files one new version of a package of files. @throws what `commitUpload` throws */
  async commit(db: Kysely<Tables>, id: string, nowMs: number, what?: CommitWish) {
    return await commitUpload(db, id, nowMs, what);
  },

  /**
   * Marks uploads that nobody went on with since a moment, and answers the objects that came for them
   * alone. They are unknown from now on; when their files are gone, `forget` ends the uploads.
   */
  async expire(db: Kysely<Tables>, beforeMs: number): Promise<Sha256[]> {
    await db
      .updateTable('uploads')
      .set({ expired: 1 })
      .where('touched_ms', '<', beforeMs)
      .execute();
    const rows = await db
      .selectFrom('upload_files')
      .innerJoin('uploads', 'uploads.id', 'upload_files.upload_id')
      .select('sha256')
      .distinct()
      .where('expired', '=', 1)
      .execute();
    const orphans: Sha256[] = [];
    for (const row of rows) {
      const sha256 = Sha256.parse(row.sha256);
      if (await packages.refersTo(db, sha256)) continue;
      await db.deleteFrom('objects').where('sha256', '=', sha256).execute();
      orphans.push(sha256);
    }
    return orphans;
  },

  /** Ids of those that may be gone on with. */
  async open(db: Kysely<Tables>): Promise<string[]> {
    const rows = await db.selectFrom('uploads').select('id').where('expired', '=', 0).execute();
    return rows.map(({ id }) => id);
  },

  /** Ends the uploads that were marked. */
  async forget(db: Kysely<Tables>): Promise<void> {
    const old = db.selectFrom('uploads').select('id').where('expired', '=', 1);
    await db.deleteFrom('upload_files').where('upload_id', 'in', old).execute();
    await db.deleteFrom('uploads').where('expired', '=', 1).execute();
  },
};

async function refuseDoubles(
  db: Kysely<Tables>,
  id: string,
  rows: readonly { readonly path_key: string; readonly path: string }[],
): Promise<void> {
  const keys = new Map<string, string>();
  const before = await db
    .selectFrom('upload_files')
    .select(['path_key', 'path'])
    .where('upload_id', '=', id)
    .where(
      'path_key',
      'in',
      rows.map(({ path_key }) => path_key),
    )
    .execute();
  for (const { path_key, path } of [...before, ...rows]) {
    const other = keys.get(path_key);
    if (other !== undefined)
      throw new InventoryError(
        'package.path-twice',
        `${other} and ${path} are one file where names have no case`,
        { hint: 'Rename one of them.' },
      );
    keys.set(path_key, path);
  }
}
