import type { Kysely } from 'kysely';
import { z } from 'zod';
import { DRIVER_INDEX, DriverIndex } from '#agent/drivers/driver-index.ts';
import { DriverPack } from '#agent/drivers/driver-pack.ts';
import { baseOfId } from '#agent/drivers/pci-ids.ts';
import { ContentManifest } from '#agent/protocol/content.ts';
import { MachineArchitecture, PackageId, type Sha256 } from '#agent/protocol/identity.ts';
import { idsOfDriver } from '../inventory/driver-ids.ts';
import { insertRows } from './insert-rows.ts';
import type { Tables } from './tables.ts';

/** A driver package of which the newest version was not read yet. */
export interface UnreadDriverPackage {
  readonly packageId: PackageId;
  readonly version: number;
  /** Of the index of its drivers; null where the package has none. */
  readonly indexSha256: Sha256 | null;
}

/** What a driver package is for. */
export interface CatalogPackage {
  readonly packageId: PackageId;
  readonly name: string;
  readonly version: number;
  readonly driverCount: number;
  readonly architectures: readonly MachineArchitecture[];
  readonly categories: readonly string[];
  /** The machines that it was made for; null: any. */
  readonly pack: DriverPack | null;
  /** Why its drivers are not known; null where they are. */
  readonly problem: string | null;
}

/** One driver of a package. */
export interface CatalogDriver {
  readonly packageId: PackageId;
  readonly packageName: string;
  readonly inf: string;
  readonly className: string;
  readonly provider: string;
  readonly date: string | null;
  readonly version: string | null;
  readonly architectures: readonly MachineArchitecture[];
  readonly idCount: number;
}

const Architectures = z.array(MachineArchitecture);
const Categories = z.array(z.string());

/** The catalogue of drivers: read from the indexes of driver packages, the newest version of each. */
export const driverCatalog = {
  /** Those whose index is to be read and given to `keep`. */
  async unread(db: Kysely<Tables>): Promise<UnreadDriverPackage[]> {
    const rows = await db
      .selectFrom('packages')
      .leftJoin('driver_catalogs', 'driver_catalogs.package_id', 'packages.id')
      .select(['packages.id as id', 'packages.version as version'])
      .select('driver_catalogs.version as known')
      .where('kind', '=', 'driver-package')
      .orderBy('packages.id')
      .execute();
    const unread: UnreadDriverPackage[] = [];
    for (const { id, version, known } of rows) {
      if (known === version) continue;
      const row = await db
        .selectFrom('package_versions')
        .select('manifest_json')
        .where('package_id', '=', id)
        .where('version', '=', version)
        .executeTakeFirstOrThrow();
      const { objects } = ContentManifest.parse(JSON.parse(row.manifest_json));
      const index = objects.find(({ path }) => path === DRIVER_INDEX);
      unread.push({
        packageId: PackageId.parse(id),
        version,
        indexSha256: index?.sha256 ?? null,
      });
    }
    return unread;
  },

  /**
   * Keeps what an index says, instead of what an older version of the package said. One that cannot be read is kept
   * with why, so that it is not read again and again.
   * @param index its bytes, or why there are none
   */
  async keep(
    db: Kysely<Tables>,
    { packageId, version }: Pick<UnreadDriverPackage, 'packageId' | 'version'>,
    index: Uint8Array | string,
  ): Promise<void> {
    for (const table of ['driver_ids', 'drivers', 'driver_catalogs'] as const)
      await db.deleteFrom(table).where('package_id', '=', packageId).execute();
    const read = typeof index === 'string' ? index : readIndex(index);
    const none = typeof read === 'string';
    const drivers = none ? [] : read.drivers.map(({ facts }) => facts);
    const known = drivers.map((facts) => ({
      facts,
      ids: idsOfDriver(facts),
      architectures: [...new Set(facts.sections.map(({ architecture }) => architecture))].sort(),
    }));
    await db
      .insertInto('driver_catalogs')
      .values({
        package_id: packageId,
        version,
        driver_count: drivers.length,
        architectures: [...new Set(known.flatMap((one) => one.architectures))].sort().join(' '),
        categories_json: JSON.stringify(none ? [] : read.categories),
        pack_json: none || read.pack === undefined ? null : JSON.stringify(read.pack),
        problem: none ? read : null,
      })
      .execute();
    const rows = known.map(({ facts, ids, architectures }, number) => ({
      package_id: packageId,
      number,
      inf: facts.inf,
      class_name: facts.className,
      provider: facts.provider,
      date: facts.date,
      driver_version: facts.version,
      architectures: architectures.join(' '),
      id_count: ids.length,
      facts_json: JSON.stringify(facts),
    }));
    await insertRows(db, 'drivers', rows);
    const idRows = known.flatMap(({ ids }, number) =>
      ids.map((id) => ({
        package_id: packageId,
        number,
        id_key: id,
        base_key: baseOfId(id),
      })),
    );
    await insertRows(db, 'driver_ids', idRows);
  },

  /** Driver packages that were read, by name. */
  async packages(db: Kysely<Tables>): Promise<CatalogPackage[]> {
    const rows = await db
      .selectFrom('driver_catalogs')
      .innerJoin('packages', 'packages.id', 'driver_catalogs.package_id')
      .selectAll('driver_catalogs')
      .select('name')
      .orderBy('name_key')
      .execute();
    return rows.map((row) => ({
      packageId: PackageId.parse(row.package_id),
      name: row.name,
      version: row.version,
      driverCount: row.driver_count,
      architectures: architecturesOf(row.architectures),
      categories: Categories.parse(JSON.parse(row.categories_json)),
      pack: row.pack_json === null ? null : DriverPack.parse(JSON.parse(row.pack_json)),
      problem: row.problem,
    }));
  },

  /** For which architectures these packages have drivers, of those that were read. */
  async architectures(
    db: Kysely<Tables>,
    ids: readonly PackageId[],
  ): Promise<ReadonlyMap<PackageId, readonly MachineArchitecture[]>> {
    if (ids.length === 0) return new Map();
    const rows = await db
      .selectFrom('driver_catalogs')
      .select(['package_id', 'architectures'])
      .where('package_id', 'in', ids)
      .execute();
    return new Map(
      rows.map((row) => [PackageId.parse(row.package_id), architecturesOf(row.architectures)]),
    );
  },

  /** Drivers of all packages, or of one, by package and path. */
  async drivers(db: Kysely<Tables>, packageId: PackageId | null): Promise<CatalogDriver[]> {
    const all = db
      .selectFrom('drivers')
      .innerJoin('packages', 'packages.id', 'drivers.package_id')
      .select(['package_id', 'name', 'inf', 'class_name', 'provider', 'date', 'driver_version'])
      .select(['architectures', 'id_count'])
      .orderBy('name_key')
      .orderBy('inf');
    const rows = await (packageId === null
      ? all
      : all.where('package_id', '=', packageId)
    ).execute();
    return rows.map((row) => ({
      packageId: PackageId.parse(row.package_id),
      packageName: row.name,
      inf: row.inf,
      className: row.class_name,
      provider: row.provider,
      date: row.date,
      version: row.driver_version,
      architectures: architecturesOf(row.architectures),
      idCount: row.id_count,
    }));
  },

  /** The facts of one driver as JSON of `DriverFacts`; null when there is none. The path is compared without case. */
  async facts(db: Kysely<Tables>, packageId: PackageId, inf: string): Promise<string | null> {
    const rows = await db
      .selectFrom('drivers')
      .select(['inf', 'facts_json'])
      .where('package_id', '=', packageId)
      .execute();
    const key = inf.replaceAll('\\', '/').toLowerCase();
    return rows.find((row) => row.inf.toLowerCase() === key)?.facts_json ?? null;
  },
};

/** Of a text with blanks between them. */
function architecturesOf(text: string): MachineArchitecture[] {
  return Architectures.parse(text.split(' ').filter(Boolean));
}

function readIndex(bytes: Uint8Array): DriverIndex | string {
  try {
    const read = DriverIndex.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return (
      read.data ??
      `Its ${DRIVER_INDEX} is not understood: ${z.prettifyError(read.error ?? new z.ZodError([]))}`
    );
  } catch (error) {
    return `Its ${DRIVER_INDEX} is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
