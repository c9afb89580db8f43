import type { Kysely } from 'kysely';
import { z } from 'zod';
import { ContentManifest, ImageFacts } from '#agent/protocol/content.ts';
import { PackageId, Sha256 } from '#agent/protocol/identity.ts';
import type { ContentReference } from '#agent/sequence/references.ts';
import { resolveBy } from '../inventory/pin.ts';
import { SoftwareFacts, softwareFacts } from '../inventory/software-facts.ts';
import { StoreError } from './error.ts';
import { keptManifest } from './kept-manifest.ts';
import { nextObjectId } from './object-ids.ts';
import { keepObjects } from './objects.ts';
import type { Tables } from './tables.ts';

/** The newest version of a package, OS image or boot image, without its files. */
export interface PackageSummary {
  readonly id: PackageId;
  readonly name: string;
  readonly kind: ContentManifest['kind'];
  readonly version: number;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly createdMs: number;
  /** Its files are sealed; their key is given to steps while they run. */
  readonly secret: boolean;
}
/** A package with what its WIM says of itself; of any other kind, none. */
export interface PackageWithImages extends PackageSummary {
  readonly images: readonly ImageFacts[];
}
/** A package as references find it. */
export interface IndexedPackage {
  readonly id: PackageId;
  readonly name: string;
  readonly kind: string;
  readonly software?: SoftwareFacts;
}
/** A new version: the manifest without what the store gives. */
export type NewPackage = Omit<ContentManifest, 'packageId' | 'version'> & {
  /** For a package that is to have this id; by its name otherwise. */
  readonly packageId?: PackageId | undefined;
};

const WithImages = z.object({ images: z.array(ImageFacts).default([]) });

export const packages = {
  /** Of one kind, by name. */
  async list(db: Kysely<Tables>, kind: ContentManifest['kind']): Promise<PackageSummary[]> {
    const rows = await newest(db).where('kind', '=', kind).orderBy('packages.name_key').execute();
    return rows.map(toSummary);
  },

  /** OS images by name, with what their WIMs say. */
  async images(db: Kysely<Tables>): Promise<PackageWithImages[]> {
    const rows = await newest(db)
      .select('manifest_json')
      .where('kind', '=', 'os-image')
      .orderBy('packages.name_key')
      .execute();
    return rows.map((row) => {
      const { images } = WithImages.parse(JSON.parse(row.manifest_json));
      return { ...toSummary(row), images };
    });
  },

  /**
   * What a simulation needs of the packages that references lead to: images with what their WIMs say, any
   * other as one file of its size.
   */
  async outlines(
    db: Kysely<Tables>,
    references: readonly ContentReference[],
  ): Promise<ContentManifest[]> {
    const resolve = resolveBy(await packages.index(db));
    const ids = new Set(
      references.flatMap(
        (reference) => resolve(reference) ?? resolve(reference, 'application') ?? [],
      ),
    );
    const found: ContentManifest[] = [];
    for (const id of ids) {
      const row = await newest(db)
        .select('manifest_json')
        .where('packages.id', '=', id)
        .executeTakeFirst();
      if (row !== undefined) found.push(toOutline(toSummary(row), row.manifest_json));
    }
    return found;
  },

  /** Whether a version of a package, or an upload that goes on, has this object. */
  async refersTo(db: Kysely<Tables>, sha256: Sha256): Promise<boolean> {
    const kept = await db
      .selectFrom('package_objects')
      .select('sha256')
      .where('sha256', '=', sha256)
      .limit(1)
      .executeTakeFirst();
    if (kept !== undefined) return true;
    const coming = await db
      .selectFrom('upload_files')
      .innerJoin('uploads', 'uploads.id', 'upload_files.upload_id')
      .select('sha256')
      .where('sha256', '=', sha256)
      .where('expired', '=', 0)
      .limit(1)
      .executeTakeFirst();
    return coming !== undefined;
  },

  /** Hashes of all objects that some version of a package has. */
  async objects(db: Kysely<Tables>): Promise<Sha256[]> {
    const rows = await db
      .selectFrom('package_objects')
      .select('sha256')
      .distinct()
      .orderBy('sha256')
      .execute();
    return rows.map(({ sha256 }) => Sha256.parse(sha256));
  },

  /** The manifest of a version, else the newest, as it is kept: JSON in bytes. Null when there is none. */
  async manifest(db: Kysely<Tables>, id: PackageId, version?: number): Promise<Uint8Array | null> {
    const kept =
      version === undefined
        ? (
            await newest(db)
              .select('manifest_json')
              .where('packages.id', '=', id)
              .executeTakeFirst()
          )?.manifest_json
        : await keptManifest(db, id, version);
    return kept === undefined ? null : new TextEncoder().encode(kept);
  },

  /** Newest versions only, by id or by name without case: what a reference resolves to. */
  async index(db: Kysely<Tables>): Promise<IndexedPackage[]> {
    const rows = await db
      .selectFrom('packages')
      .select(['id', 'name', 'kind', 'software_json'])
      .orderBy('id')
      .execute();
    return rows.map(({ id, name, kind, software_json }) => ({
      id: PackageId.parse(id),
      name,
      kind,
      ...(software_json === '' ? {} : { software: SoftwareFacts.parse(JSON.parse(software_json)) }),
    }));
  },

  /** Every package with its newest version. */
  async newestVersions(
    db: Kysely<Tables>,
  ): Promise<{ id: PackageId; name: string; kind: string; version: number }[]> {
    const rows = await db
      .selectFrom('packages')
      .select(['id', 'name', 'kind', 'version'])
      .orderBy('name_key')
      .execute();
    return rows.map((row) => ({ ...row, id: PackageId.parse(row.id) }));
  },

  /** Makes a package, or a new version of the one with that id or name. @throws {StoreError} `package.exists` */
  async add(db: Kysely<Tables>, wish: NewPackage, nowMs: number): Promise<PackageWithImages> {
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
    const id = PackageId.parse(packageId ?? before?.id ?? (await nextObjectId(db)));
    const known = await db
      .selectFrom('packages')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (known !== undefined && known.kind !== wish.kind)
      throw new StoreError('package.exists', `${id} is a ${known.kind}, not a ${wish.kind}`);
    const version = (known?.version ?? 0) + 1;
    const programs = rest.programs ?? (await programsOf(db, known));
    const manifest = ContentManifest.parse({
      ...rest,
      ...(programs === undefined ? {} : { programs }),
      packageId: id,
      version,
    });
    const facts = softwareFacts(manifest);
    const software_json = facts === undefined ? '' : JSON.stringify(facts);
    const { objects } = manifest;
    const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
    const columns = { name: wish.name, name_key, version, software_json };
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
        sealed_key: '',
        size_bytes: sizeBytes,
        object_count: objects.length,
        created_ms: nowMs,
      })
      .execute();
    await keepObjects(db, { packageId: id, version }, objects);
    const { name, kind, images } = manifest;
    const fileCount = objects.length;
    const secret = manifest.sealed !== undefined;
    return { id, name, kind, version, sizeBytes, fileCount, images, createdMs: nowMs, secret };
  },
};

/** The programs of a package stay when its files change. */
async function programsOf(
  db: Kysely<Tables>,
  known: Tables['packages'] | undefined,
): Promise<ContentManifest['programs']> {
  if (known === undefined || known.kind !== 'package' || known.software_json === '')
    return undefined;
  const row = await newest(db)
    .select('manifest_json')
    .where('packages.id', '=', known.id)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : ContentManifest.parse(JSON.parse(row.manifest_json)).programs;
}

function newest(db: Kysely<Tables>) {
  return db
    .selectFrom('packages')
    .innerJoin('package_versions', (join) =>
      join
        .onRef('package_versions.package_id', '=', 'packages.id')
        .onRef('package_versions.version', '=', 'packages.version'),
    )
    .select([
      'packages.id as id',
      'packages.name as name',
      'packages.kind as kind',
      'packages.version as version',
      'size_bytes',
      'object_count',
      'package_versions.created_ms as created_ms',
      'sealed_key',
    ]);
}

const NO_HASH = Sha256.parse('0'.repeat(64));

function toOutline(summary: PackageSummary, manifestJson: string): ContentManifest {
  if (summary.kind !== 'package' && summary.kind !== 'driver-package')
    return ContentManifest.parse(JSON.parse(manifestJson));
  const { id: packageId, name, kind, version, sizeBytes } = summary;
  const objects = [{ path: 'package', sizeBytes, sha256: NO_HASH, chunks: [] }];
  return { packageId, name, kind, version, objects, images: [] };
}

function toSummary(row: {
  id: string;
  name: string;
  kind: string;
  version: number;
  size_bytes: number;
  object_count: number;
  created_ms: number;
  sealed_key: string;
}): PackageSummary {
  return {
    id: PackageId.parse(row.id),
    name: row.name,
    kind: ContentManifest.shape.kind.parse(row.kind),
    version: row.version,
    sizeBytes: row.size_bytes,
    fileCount: row.object_count,
    createdMs: row.created_ms,
    secret: row.sealed_key !== '',
  };
}
