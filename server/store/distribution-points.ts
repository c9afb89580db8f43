import type { Kysely } from 'kysely';
import { z } from 'zod';
import { PackageId, Sha256 } from '#agent/protocol/identity.ts';
import type { DistributionPoint } from '../inventory/content-sources.ts';
import { boundaryGroups } from './boundary-groups.ts';
import { nextId } from './counters.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

/** The record of the server itself; it has every package, and cannot be removed. */
export const SERVER_POINT = 'DP00000';

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

export const distributionPoints = {
  /** The server itself first, then by name. */
  async list(db: Kysely<Tables>): Promise<DistributionPoint[]> {
    const rows = await db
      .selectFrom('distribution_points')
      .selectAll()
      .orderBy('name_key')
      .execute();
    return rows
      .map((row) => ({
        id: row.id,
        name: row.name,
        url: row.url === '' ? null : row.url,
        enabled: row.enabled === 1,
      }))
      .sort((one, other) => Number(other.url === null) - Number(one.url === null));
  },

  /** By id or name without case. */
  async find(db: Kysely<Tables>, text: string): Promise<DistributionPoint | null> {
    const key = text.trim().toLowerCase();
    const all = await distributionPoints.list(db);
    return (
      all.find(({ id }) => id.toLowerCase() === key) ??
      all.find(({ name }) => name.toLowerCase() === key) ??
      null
    );
  },

  /** @throws {StoreError} `distribution-point.exists` */
  async create(
    db: Kysely<Tables>,
    wish: { readonly name: string; readonly url: string },
    nowMs: number,
  ): Promise<DistributionPoint> {
    await refuseDoubles(db, wish);
    const id = await nextId(db, 'distribution-point');
    const { name, url } = wish;
    await db
      .insertInto('distribution_points')
      .values({ id, name, name_key: keyOf(name), url, enabled: 1, created_ms: nowMs })
      .execute();
    return { id, name, url, enabled: true };
  },

  /** What is not named stays. @throws {StoreError} `distribution-point.not-found`, `.exists`, `.server` */
  async change(
    db: Kysely<Tables>,
    id: string,
    wish: {
      readonly name?: string | undefined;
      readonly url?: string | undefined;
      readonly enabled?: boolean | undefined;
    },
  ): Promise<DistributionPoint> {
    const before = await existing(db, id);
    if (before.url === null && wish.url !== undefined)
      throw serverPoint('has no address to change');
    await refuseDoubles(db, wish, id);
    const { name = before.name, enabled = before.enabled } = wish;
    const url = wish.url ?? before.url;
    await db
      .updateTable('distribution_points')
      .set({ name, name_key: keyOf(name), url: url ?? '', enabled: enabled ? 1 : 0 })
      .where('id', '=', id)
      .execute();
    return { id, name, url, enabled };
  },

  /** Takes it out of the boundary groups too. @throws {StoreError} `distribution-point.not-found`, `.server` */
  async remove(db: Kysely<Tables>, id: string): Promise<void> {
    const { url } = await existing(db, id);
    if (url === null) throw serverPoint('cannot be removed');
    for (const table of ['distribution_point_packages', 'distribution_point_faults'] as const)
      await db.deleteFrom(table).where('point_id', '=', id).execute();
    await db.deleteFrom('distribution_points').where('id', '=', id).execute();
    await boundaryGroups.dropPoint(db, id);
  },

  /** What is on one, or on each of them, by package; of the server itself nothing is noted: it has everything. */
  async packages(
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
  async notePackages(
    db: Kysely<Tables>,
    id: string,
    found: readonly Omit<DistributedPackage, 'checkedMs'>[],
    { only, nowMs }: { readonly only: boolean; readonly nowMs: number },
  ): Promise<void> {
    if ((await existing(db, id)).url === null) throw serverPoint('has every package');
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

  /** What machines said of one, the newest first. */
  async faults(db: Kysely<Tables>, id: string): Promise<ContentFault[]> {
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
  async faultCounts(db: Kysely<Tables>): Promise<{ point: string; count: number }[]> {
    const rows = await db
      .selectFrom('distribution_point_faults')
      .select(['point_id', (select) => select.fn.countAll().as('count')])
      .groupBy('point_id')
      .execute();
    return rows.map(({ point_id, count }) => ({ point: point_id, count: Number(count) }));
  },

  /** Takes away what was said of one; of the server itself it is the only way. */
  async clearFaults(db: Kysely<Tables>, id: string): Promise<void> {
    await existing(db, id);
    await db.deleteFrom('distribution_point_faults').where('point_id', '=', id).execute();
  },

  /** A machine could not have an object from there: what has it is damaged until it is filled or checked again. */
  async noteFault(
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
      const known = await distributionPoints.faultCounts(db);
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

async function existing(db: Kysely<Tables>, id: string): Promise<DistributionPoint> {
  const found = await distributionPoints.find(db, id);
  if (found !== null) return found;
  const code = 'distribution-point.not-found';
  throw new StoreError(code, `There is no distribution point ${id}`);
}

async function refuseDoubles(
  db: Kysely<Tables>,
  { name, url }: { readonly name?: string | undefined; readonly url?: string | undefined },
  besides?: string,
): Promise<void> {
  const others = (await distributionPoints.list(db)).filter(({ id }) => id !== besides);
  const other = others.find(
    (one) => (name !== undefined && keyOf(one.name) === keyOf(name)) || one.url === (url ?? ''),
  );
  if (other !== undefined)
    throw new StoreError(
      'distribution-point.exists',
      `There is a distribution point "${other.name}" already${other.url === null ? '' : `, at ${other.url}`}`,
    );
}

function serverPoint(why: string): StoreError {
  return new StoreError('distribution-point.server', `The server's own distribution point ${why}`, {
    hint: 'It can be disabled, and taken out of boundary groups.',
  });
}

function keyOf(name: string): string {
  return name.trim().toLowerCase();
}
