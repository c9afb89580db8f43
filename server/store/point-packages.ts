import type { Kysely } from 'kysely';
import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { existingPoint, serverPoint } from './distribution-points.ts';
import type { Tables } from './tables.ts';

/** Whether all of a version was there and right when it was last looked at. */
const PackageState = z.enum(['present', 'damaged']);

/** A version of a package on a distribution point. */
export interface DistributedPackage {
  readonly packageId: PackageId;
  readonly version: number;
  readonly state: z.infer<typeof PackageState>;
  /** What is wrong with it, or empty. */
  readonly detail: string;
  readonly checkedMs: number;
}

/** What is on distribution points. */
export const pointPackages = {
  /** What is on one, or on each of them, by package; of the server itself nothing is noted: it has everything. */
  async list(
    db: Kysely<Tables>,
    point?: string,
  ): Promise<(DistributedPackage & { readonly point: string })[]> {
    const all = db.selectFrom('distribution_point_packages').selectAll();
    const rows = await (point === undefined ? all : all.where('point_id', '=', point))
      .orderBy('package_id')
      .orderBy('version')
      .execute();
    return rows.map((row) => ({
      point: row.point_id,
      packageId: PackageId.parse(row.package_id),
      version: row.version,
      state: PackageState.parse(row.state),
      detail: row.detail,
      checkedMs: row.checked_ms,
    }));
  },

  /**
   * Notes what was found there. Faults of packages that are whole are forgotten. With `only`, packages that
   * are not named are there no more.
   *
   * @throws {StoreError} `distribution-point.not-found`, `.server`
   */
  async note(
    db: Kysely<Tables>,
    id: string,
    found: readonly Omit<DistributedPackage, 'checkedMs'>[],
    { only, nowMs }: { readonly only: boolean; readonly nowMs: number },
  ): Promise<void> {
    if ((await existingPoint(db, id)).url === null) throw serverPoint('has every package');
    if (only)
      await db.deleteFrom('distribution_point_packages').where('point_id', '=', id).execute();
    for (const { packageId, version, state, detail } of found) {
      const columns = { state, detail: detail.slice(0, 1000), checked_ms: nowMs };
      await db
        .insertInto('distribution_point_packages')
        .values({ point_id: id, package_id: packageId, version, ...columns })
        .onConflict((conflict) =>
          conflict.columns(['point_id', 'package_id', 'version']).doUpdateSet(columns),
        )
        .execute();
      if (state !== 'present') continue;
      await db
        .deleteFrom('distribution_point_faults')
        .where('point_id', '=', id)
        .where('sha256', 'in', (from) =>
          from
            .selectFrom('package_objects')
            .select('sha256')
            .where('package_id', '=', packageId)
            .where('version', '=', version),
        )
        .execute();
    }
  },
};
