import type { Kysely } from 'kysely';
import { ContentManifest } from '#agent/protocol/content.ts';
import { PackageId, type Sha256 } from '#agent/protocol/identity.ts';
import { nextId } from './counters.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

/** The newest version of a package, OS image or boot image. */
export interface Package {
  readonly manifest: ContentManifest;
  readonly sizeBytes: number;
  readonly createdMs: number;
}
/** A new version: the manifest without what the store gives. */
export type NewPackage = Omit<ContentManifest, 'packageId' | 'version'> & {
  /** For a package that is to have this id; by its name otherwise. */
  readonly packageId?: PackageId | undefined;
};

export const packages = {
  async list(db: Kysely<Tables>): Promise<Package[]> {
    return (await newest(db).orderBy('packages.name_key').execute()).map(toPackage);
  },

  async get(db: Kysely<Tables>, id: PackageId): Promise<Package | null> {
    const row = await newest(db).where('packages.id', '=', id).executeTakeFirst();
    return row === undefined ? null : toPackage(row);
  },

  /** Whether any version of any package has this object. */
  async refersTo(db: Kysely<Tables>, sha256: Sha256): Promise<boolean> {
    const rows = await db.selectFrom('package_versions').select('manifest_json').execute();
    return rows.some((row) =>
      ContentManifest.parse(JSON.parse(row.manifest_json)).objects.some(
        (object) => object.sha256 === sha256,
      ),
    );
  },

  /** Newest versions only, by id or by name without case: what a reference resolves to. */
  async index(db: Kysely<Tables>): Promise<{ id: PackageId; name: string; kind: string }[]> {
    const rows = await db.selectFrom('packages').select(['id', 'name', 'kind']).execute();
    return rows.map((row) => ({ ...row, id: PackageId.parse(row.id) }));
  },

  /** Makes a package, or a new version of the one with that id or name. @throws {StoreError} `package.exists` */
  async add(db: Kysely<Tables>, wish: NewPackage, nowMs: number): Promise<Package> {
    const { packageId, ...rest } = wish;
    const name_key = wish.name.trim().toLowerCase();
    const before = await db
      .selectFrom('packages')
      .selectAll()
      .where('kind', '=', wish.kind)
      .where('name_key', '=', name_key)
      .executeTakeFirst();
    if (before !== undefined && packageId !== undefined && before.id !== packageId)
      throw new StoreError('package.exists', `"${wish.name}" is the name of ${before.id} already`);
    const id = PackageId.parse(packageId ?? before?.id ?? (await nextId(db, 'package')));
    const known = await db
      .selectFrom('packages')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (known !== undefined && known.kind !== wish.kind)
      throw new StoreError('package.exists', `${id} is a ${known.kind}, not a ${wish.kind}`);
    const version = (known?.version ?? 0) + 1;
    const manifest = ContentManifest.parse({ ...rest, packageId: id, version });
    const sizeBytes = manifest.objects.reduce((sum, object) => sum + object.sizeBytes, 0);
    const columns = { name: wish.name, name_key, version };
    await db
      .insertInto('packages')
      .values({ id, kind: wish.kind, created_ms: nowMs, ...columns })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
      .execute();
    await db
      .insertInto('package_versions')
      .values({
        package_id: id,
        version,
        manifest_json: JSON.stringify(manifest),
        size_bytes: sizeBytes,
        created_ms: nowMs,
      })
      .execute();
    return { manifest, sizeBytes, createdMs: nowMs };
  },
};

function newest(db: Kysely<Tables>) {
  return db
    .selectFrom('packages')
    .innerJoin('package_versions', (join) =>
      join
        .onRef('package_versions.package_id', '=', 'packages.id')
        .onRef('package_versions.version', '=', 'packages.version'),
    )
    .select(['manifest_json', 'size_bytes', 'package_versions.created_ms as created_ms']);
}

function toPackage(row: {
  manifest_json: string;
  size_bytes: number;
  created_ms: number;
}): Package {
  return {
    manifest: ContentManifest.parse(JSON.parse(row.manifest_json)),
    sizeBytes: row.size_bytes,
    createdMs: row.created_ms,
  };
}
