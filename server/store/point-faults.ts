import type { Kysely } from 'kysely';
import { z } from 'zod';
import { PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { existingPoint } from './distribution-points.ts';
import type { Tables } from './tables.ts';

/** An object that machines could not have from a distribution point. */
export interface ContentFault {
  readonly sha256: Sha256;
  readonly kind: 'missing' | 'damaged' | 'answer';
  readonly detail: string;
  readonly reports: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Packages that have it. */
  readonly packages: readonly PackageId[];
}

/** Faults kept of one distribution point: more say nothing new. */
const MAX_FAULTS = 1000;
const FaultKind = z.enum(['missing', 'damaged', 'answer']);

/** What machines could not have from distribution points. */
export const pointFaults = {
  /** What machines said of one, the newest first. */
  async list(db: Kysely<Tables>, id: string): Promise<ContentFault[]> {
    const rows = await db
      .selectFrom('distribution_point_faults')
      .selectAll()
      .where('point_id', '=', id)
      .orderBy('last_ms', 'desc')
      .execute();
    const hashes = rows.map(({ sha256 }) => sha256);
    const users = await db
      .selectFrom('package_objects')
      .select(['sha256', 'package_id'])
      .distinct()
      .where('sha256', 'in', ['', ...hashes])
      .execute();
    return rows.map((row) => ({
      sha256: Sha256.parse(row.sha256),
      kind: FaultKind.parse(row.kind),
      detail: row.detail,
      reports: row.reports,
      firstMs: row.first_ms,
      lastMs: row.last_ms,
      packages: users
        .filter(({ sha256 }) => sha256 === row.sha256)
        .map(({ package_id }) => PackageId.parse(package_id)),
    }));
  },

  /** How many faults each has. */
  async counts(db: Kysely<Tables>): Promise<{ point: string; count: number }[]> {
    const rows = await db
      .selectFrom('distribution_point_faults')
      .select(['point_id', (select) => select.fn.countAll().as('count')])
      .groupBy('point_id')
      .execute();
    return rows.map(({ point_id, count }) => ({ point: point_id, count: Number(count) }));
  },

  /** Takes away what was said of one; of the server itself it is the only way. */
  async clear(db: Kysely<Tables>, id: string): Promise<void> {
    await existingPoint(db, id);
    await db.deleteFrom('distribution_point_faults').where('point_id', '=', id).execute();
  },

  /** A machine could not have an object from there: what has it is damaged until it is filled or checked again. */
  async note(
    db: Kysely<Tables>,
    id: string,
    fault: Pick<ContentFault, 'sha256' | 'kind' | 'detail'>,
    nowMs: number,
  ): Promise<void> {
    const { sha256, kind } = fault;
    const detail = fault.detail.slice(0, 1000);
    const row = { kind, detail, last_ms: nowMs };
    const before = await db
      .selectFrom('distribution_point_faults')
      .select('reports')
      .where('point_id', '=', id)
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    if (before === undefined) {
      const known = await pointFaults.counts(db);
      if ((known.find(({ point }) => point === id)?.count ?? 0) >= MAX_FAULTS) return;
      await db
        .insertInto('distribution_point_faults')
        .values({ point_id: id, sha256, reports: 1, first_ms: nowMs, ...row })
        .execute();
    } else
      await db
        .updateTable('distribution_point_faults')
        .set({ ...row, reports: before.reports + 1 })
        .where('point_id', '=', id)
        .where('sha256', '=', sha256)
        .execute();
    const having = await db
      .selectFrom('package_objects')
      .select(['package_id', 'version'])
      .where('sha256', '=', sha256)
      .execute();
    for (const { package_id, version } of having)
      await db
        .updateTable('distribution_point_packages')
        .set({ state: 'damaged', detail })
        .where('point_id', '=', id)
        .where('package_id', '=', package_id)
        .where('version', '=', version)
        .execute();
  },
};
