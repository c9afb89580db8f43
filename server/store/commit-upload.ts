import type { Kysely } from 'kysely';
import { DRIVER_INDEX } from '#agent/drivers/driver-index.ts';
import type { ContentManifest, ContentObject } from '#agent/protocol/content.ts';
import { PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { plainSizeOf } from '#agent/protocol/sealed-object.ts';
import { InventoryError } from '../inventory/error.ts';
import { fileAndFolder } from '../inventory/package-path.ts';
import { StoreError } from './error.ts';
import { chunksOf } from './objects.ts';
import { touchUpload } from './open-upload.ts';
import { keepPackageKey } from './package-keys.ts';
import { type PackageSummary, packages } from './packages.ts';
import type { Tables } from './tables.ts';

/** What the files become. */
export interface CommitWish extends Pick<ContentManifest, 'kind' | 'images' | 'programs'> {
  /** They are sealed (agent/protocol/sealed-object.ts): their key, base64, and the site's, which it is kept under. */
  readonly secret?: { readonly contentKey: string; readonly siteKey: Uint8Array } | undefined;
}

/**
 * Makes the files one new version of the package, all or none. The same upload again is answered the same,
 * and is not `isNew`.
 * @throws {StoreError} `upload.not-found`, `package.exists`; {InventoryError} `package.empty`,
 *   `package.incomplete`, `package.path-twice`
 */
export async function commitUpload(
  db: Kysely<Tables>,
  id: string,
  nowMs: number,
  { kind, images, programs, secret }: CommitWish = { kind: 'package', images: [] },
): Promise<{ readonly made: PackageSummary; readonly isNew: boolean }> {
  const upload = await touchUpload(db, id, nowMs);
  if (upload.version !== null) return { made: await committed(db, upload, kind), isNew: false };
  const rows = await db
    .selectFrom('upload_files')
    .leftJoin('objects', 'objects.sha256', 'upload_files.sha256')
    .select(['path', 'upload_files.sha256 as sha256', 'chunks_json'])
    .select(['upload_files.size_bytes as declared', 'objects.size_bytes as kept'])
    .where('upload_id', '=', id)
    .orderBy('path_key')
    .execute();
  if (rows.length === 0) throw new InventoryError('package.empty', 'The package has no file');
  const objects: ContentObject[] = rows.map(({ path, sha256, chunks_json, declared, kept }) => {
    if (chunks_json === null || kept === null)
      throw new InventoryError('package.incomplete', `${path} has not come in yet`, {
        hint: 'Send it again: what has come in stays for a day.',
      });
    if (kept !== declared)
      throw new InventoryError(
        'package.incomplete',
        `${path} has ${kept} bytes, and was said to have ${declared}`,
      );
    const chunks = chunksOf(chunks_json);
    return { path, sizeBytes: kept, sha256: Sha256.parse(sha256), chunks };
  });
  if (kind === 'driver-package' && !objects.some(({ path }) => path === DRIVER_INDEX))
    throw new InventoryError('package.no-driver-index', `The package has no ${DRIVER_INDEX}`, {
      hint: 'Add it by `metalwright package add <folder> --drivers`.',
    });
  const both = fileAndFolder(objects.map(({ path }) => path));
  if (both !== undefined)
    throw new InventoryError('package.path-twice', `${both} is a file, and a folder too`);
  const { name, package_id } = upload;
  const packageId = package_id === null ? undefined : PackageId.parse(package_id);
  if (secret !== undefined) checkSealable(kind, objects);
  const sealed = secret === undefined ? {} : { sealed: 1 as const };
  const own = { ...(programs === undefined ? {} : { programs }), ...sealed };
  const made = await packages.add(db, { name, kind, objects, images, packageId, ...own }, nowMs);
  if (secret !== undefined) {
    const { contentKey, siteKey } = secret;
    await keepPackageKey(db, { packageId: made.id, version: made.version }, contentKey, siteKey);
  }
  await db
    .updateTable('uploads')
    .set({ package_id: made.id, version: made.version })
    .where('id', '=', id)
    .execute();
  await db.deleteFrom('upload_files').where('upload_id', '=', id).execute();
  return { made, isNew: true };
}

/** A sealed file has its tag at least. @throws {InventoryError} `package.secret` */
function checkSealable(kind: ContentManifest['kind'], objects: readonly ContentObject[]): void {
  if (kind !== 'package')
    throw new InventoryError('package.secret', `A ${kind} cannot be secret: the server reads it`, {
      hint: 'Only packages of files are secret.',
    });
  const plain = objects.find(({ sizeBytes }) => plainSizeOf(sizeBytes) < 0);
  if (plain !== undefined)
    throw new InventoryError('package.secret', `${plain.path} is not sealed: it is too short`, {
      hint: 'Add the package by `metalwright package add --secret`, which seals its files.',
    });
}

async function committed(
  db: Kysely<Tables>,
  upload: Pick<Tables['uploads'], 'package_id' | 'name'>,
  kind: ContentManifest['kind'],
): Promise<PackageSummary> {
  const found = (await packages.list(db, kind)).find(({ id }) => id === upload.package_id);
  if (found !== undefined) return found;
  throw new StoreError('upload.not-found', `The package "${upload.name}" is gone`);
}
