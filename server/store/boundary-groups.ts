import type { Kysely } from 'kysely';
import { z } from 'zod';
import { parseBoundary } from '../inventory/boundary.ts';
import type { BoundaryGroup } from '../inventory/content-sources.ts';
import { nextId } from './counters.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

/** What the row has as JSON. */
const GroupSettings = z.object({
  boundaries: z.array(z.string()).default([]),
  points: z.array(z.string()).default([]),
  neighbors: z.array(z.object({ group: z.string(), allowed: z.boolean() })).default([]),
  allowDefault: z.boolean().default(true),
});

/** All that can be said of a group; what is not named stays as it is. */
export type BoundaryGroupChange = {
  readonly [Key in 'name' | keyof z.infer<typeof GroupSettings>]?: BoundaryGroup[Key] | undefined;
};

export const boundaryGroups = {
  /** The site default group first, then by name. */
  async list(db: Kysely<Tables>): Promise<BoundaryGroup[]> {
    const rows = await db
      .selectFrom('boundary_groups')
      .selectAll()
      .orderBy('is_default', 'desc')
      .orderBy('name_key')
      .execute();
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      isDefault: row.is_default === 1,
      ...GroupSettings.parse(JSON.parse(row.settings_json)),
    }));
  },

  /** @throws {StoreError} `boundary-group.exists` and what `change` throws */
  async create(
    db: Kysely<Tables>,
    wish: BoundaryGroupChange & { readonly name: string },
  ): Promise<BoundaryGroup> {
    const id = await nextId(db, 'boundary-group');
    await refuseName(db, wish.name);
    await db
      .insertInto('boundary_groups')
      .values({
        id,
        name: wish.name,
        name_key: wish.name.trim().toLowerCase(),
        is_default: 0,
        settings_json: '{}',
      })
      .execute();
    return await boundaryGroups.change(db, id, wish);
  },

  /**
   * @throws {StoreError} `boundary-group.not-found` (itself or a neighbor), `boundary-group.exists`,
   *   `boundary-group.default`, `distribution-point.not-found`; {InventoryError} `boundary.invalid`
   */
  async change(db: Kysely<Tables>, id: string, wish: BoundaryGroupChange): Promise<BoundaryGroup> {
    const all = await boundaryGroups.list(db);
    const before = all.find((one) => one.id === id);
    if (before === undefined) throw unknownGroup(id);
    if (wish.name !== undefined) await refuseName(db, wish.name, id);
    const defined = Object.fromEntries(
      Object.entries(wish).filter(([, value]) => value !== undefined),
    );
    const after: BoundaryGroup = { ...before, ...defined };
    for (const boundary of after.boundaries) parseBoundary(boundary);
    if (after.isDefault && after.boundaries.length > 0)
      throw new StoreError('boundary-group.default', 'The site default group has no boundaries', {
        hint: 'It is for machines that are in no other group: make a group for these.',
      });
    for (const { group } of after.neighbors)
      if (group === id || !all.some((one) => one.id === group)) throw unknownGroup(group);
    const points = await db.selectFrom('distribution_points').select('id').execute();
    for (const point of wish.points ?? [])
      if (!points.some((one) => one.id === point))
        throw new StoreError(
          'distribution-point.not-found',
          `There is no distribution point ${point}`,
        );
    await put(db, after);
    return after;
  },

  /** Its neighbors forget it. @throws {StoreError} `boundary-group.not-found`, `boundary-group.default` */
  async remove(db: Kysely<Tables>, id: string): Promise<void> {
    const all = await boundaryGroups.list(db);
    const group = all.find((one) => one.id === id);
    if (group === undefined) throw unknownGroup(id);
    if (group.isDefault)
      throw new StoreError('boundary-group.default', 'The site default group cannot be removed');
    await db.deleteFrom('boundary_groups').where('id', '=', id).execute();
    for (const other of all)
      if (other.neighbors.some((neighbor) => neighbor.group === id))
        await put(db, {
          ...other,
          neighbors: other.neighbors.filter((neighbor) => neighbor.group !== id),
        });
  },

  /** Takes a distribution point out of all groups. */
  async dropPoint(db: Kysely<Tables>, point: string): Promise<void> {
    for (const group of await boundaryGroups.list(db))
      if (group.points.includes(point))
        await put(db, { ...group, points: group.points.filter((id) => id !== point) });
  },
};

async function put(db: Kysely<Tables>, group: BoundaryGroup): Promise<void> {
  const { boundaries, points, neighbors, allowDefault } = group;
  await db
    .updateTable('boundary_groups')
    .set({
      name: group.name,
      name_key: group.name.trim().toLowerCase(),
      settings_json: JSON.stringify({ boundaries, points, neighbors, allowDefault }),
    })
    .where('id', '=', group.id)
    .execute();
}

async function refuseName(db: Kysely<Tables>, name: string, besides?: string): Promise<void> {
  const key = name.trim().toLowerCase();
  const other = (await boundaryGroups.list(db)).find(
    (one) => one.id !== besides && one.name.trim().toLowerCase() === key,
  );
  if (other !== undefined)
    throw new StoreError('boundary-group.exists', `There is a boundary group "${name}" already`);
}

function unknownGroup(id: string): StoreError {
  return new StoreError('boundary-group.not-found', `There is no boundary group ${id}`);
}
