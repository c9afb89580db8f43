import type { Kysely } from 'kysely';
import type { DistributionPoint } from '../inventory/content-sources.ts';
import { boundaryGroups } from './boundary-groups.ts';
import { nextId } from './counters.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

/** The record of the server itself; it has every package, and cannot be removed. */
export const SERVER_POINT = 'DP00000';

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
        ca: row.ca === '' ? null : row.ca,
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

  /** CAs of those that are enabled, each once. */
  async cas(db: Kysely<Tables>): Promise<string[]> {
    const all = await distributionPoints.list(db);
    return [...new Set(all.flatMap(({ ca, enabled }) => (enabled && ca !== null ? [ca] : [])))];
  },

  /** @throws {StoreError} `distribution-point.exists` */
  async create(
    db: Kysely<Tables>,
    wish: { readonly name: string; readonly url: string; readonly ca?: string | undefined },
    nowMs: number,
  ): Promise<DistributionPoint> {
    await refuseDoubles(db, wish);
    const id = await nextId(db, 'distribution-point');
    const { name, url, ca = null } = wish;
    await db
      .insertInto('distribution_points')
      .values({ id, name, name_key: keyOf(name), url, enabled: 1, created_ms: nowMs, ca: ca ?? '' })
      .execute();
    return { id, name, url, enabled: true, ca };
  },

  /** What is not named stays. @throws {StoreError} `distribution-point.not-found`, `.exists`, `.server` */
  async change(
    db: Kysely<Tables>,
    id: string,
    wish: {
      readonly name?: string | undefined;
      readonly url?: string | undefined;
      readonly enabled?: boolean | undefined;
      readonly ca?: string | null | undefined;
    },
  ): Promise<DistributionPoint> {
    const before = await existingPoint(db, id);
    if (before.url === null && (wish.url !== undefined || wish.ca !== undefined))
      throw serverPoint('has no address to change');
    await refuseDoubles(db, wish, id);
    const { name = before.name, enabled = before.enabled } = wish;
    const url = wish.url ?? before.url;
    const ca = wish.ca === undefined ? before.ca : wish.ca;
    await db
      .updateTable('distribution_points')
      .set({ name, name_key: keyOf(name), url: url ?? '', enabled: enabled ? 1 : 0, ca: ca ?? '' })
      .where('id', '=', id)
      .execute();
    return { id, name, url, enabled, ca };
  },

  /** Takes it out of the boundary groups too. @throws {StoreError} `distribution-point.not-found`, `.server` */
  async remove(db: Kysely<Tables>, id: string): Promise<void> {
    const { url } = await existingPoint(db, id);
    if (url === null) throw serverPoint('cannot be removed');
    for (const table of ['distribution_point_packages', 'distribution_point_faults'] as const)
      await db.deleteFrom(table).where('point_id', '=', id).execute();
    await db.deleteFrom('distribution_points').where('id', '=', id).execute();
    await boundaryGroups.dropPoint(db, id);
  },
};

/** @throws {StoreError} `distribution-point.not-found` */
export async function existingPoint(db: Kysely<Tables>, id: string): Promise<DistributionPoint> {
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

/** The server's own one takes no such order. */
export function serverPoint(why: string): StoreError {
  return new StoreError('distribution-point.server', `The server's own distribution point ${why}`, {
    hint: 'It can be disabled, and taken out of boundary groups.',
  });
}

function keyOf(name: string): string {
  return name.trim().toLowerCase();
}
