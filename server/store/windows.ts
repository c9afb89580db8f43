import type { Kysely } from 'kysely';
import { CollectionId, type DeviceId } from '#agent/protocol/identity.ts';
import { ALL_SYSTEMS } from '../inventory/collection.ts';
import { InventoryError } from '../inventory/error.ts';
import type { Opening } from '../inventory/maintenance-window/openings.ts';
import { nextOpenings, type WindowFrame } from '../inventory/maintenance-window/room.ts';
import {
  type MaintenanceWindow,
  WindowId,
  WindowSettings,
} from '../inventory/maintenance-window/window.ts';
import { formatRecurrence, parseRecurrence } from '../inventory/schedule/recurrence.ts';
import { collections } from './collections.ts';
import { nextId } from './counters.ts';
import { devices } from './devices.ts';
import { StoreError } from './error.ts';
import { memberships } from './memberships.ts';
import { settings } from './settings.ts';
import type { Tables } from './tables.ts';

/** How many openings are told. */
const TOLD = 5;

/** A window with when it is open next, without regard to others. */
export interface WindowWithOpenings {
  readonly window: MaintenanceWindow;
  readonly next: readonly Opening[];
}

export const windows = {
  /** All windows, or those of a collection, by collection and start. */
  async list(db: Kysely<Tables>, collection?: CollectionId): Promise<MaintenanceWindow[]> {
    const query = db
      .selectFrom('maintenance_windows')
      .selectAll()
      .orderBy('collection_id')
      .orderBy('start_date')
      .orderBy('id');
    const rows = await (collection === undefined
      ? query
      : query.where('collection_id', '=', collection)
    ).execute();
    return rows.map(toWindow);
  },

  /** The same with their next openings, which are found here: the main thread has no time for it. */
  async listWithOpenings(
    db: Kysely<Tables>,
    nowMs: number,
    collection?: CollectionId,
  ): Promise<WindowWithOpenings[]> {
    const frame = await windowFrame(db, nowMs);
    return (await windows.list(db, collection)).map((window) => ({
      window,
      next: nextOpenings([{ ...window, kind: 'general' }], TOLD, frame),
    }));
  },

  /** What windows a device has by its collections, and when they, merged and ranked, are open next (M37). */
  async ofDevice(
    db: Kysely<Tables>,
    id: DeviceId,
    nowMs: number,
  ): Promise<{ readonly windows: MaintenanceWindow[]; readonly next: readonly Opening[] }> {
    const device = await devices.get(db, id);
    if (device === null) throw new StoreError('device.not-found', `There is no device ${id}`);
    const memberOf = await memberships.ofDevice(db, device);
    const own = (await windows.list(db)).filter(({ collectionId }) => memberOf.has(collectionId));
    return { windows: own, next: nextOpenings(own, TOLD, await windowFrame(db, nowMs)) };
  },

  async get(db: Kysely<Tables>, id: string): Promise<MaintenanceWindow | null> {
    const row = await db
      .selectFrom('maintenance_windows')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row === undefined ? null : toWindow(row);
  },

  /** @throws {StoreError} `collection.not-found`; {InventoryError} `window.all-systems` */
  async create(
    db: Kysely<Tables>,
    collectionId: CollectionId,
    wish: WindowSettings,
    nowMs: number,
  ): Promise<MaintenanceWindow> {
    if (collectionId === ALL_SYSTEMS)
      throw new InventoryError('window.all-systems', 'All Systems has no maintenance windows', {
        hint: 'Make a collection with the machines that are meant.',
      });
    if ((await collections.find(db, collectionId)) === null)
      throw new StoreError('collection.not-found', `There is no collection ${collectionId}`);
    const id = WindowId.parse(await nextId(db, 'window'));
    await db
      .insertInto('maintenance_windows')
      .values({ id, collection_id: collectionId, created_ms: nowMs, ...toColumns(wish) })
      .execute();
    return { ...wish, id, collectionId };
  },

  /** @throws {StoreError} `window.not-found` */
  async change(db: Kysely<Tables>, id: WindowId, wish: WindowSettings): Promise<void> {
    const changed = await db
      .updateTable('maintenance_windows')
      .set(toColumns(wish))
      .where('id', '=', id)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) throw noWindow(id);
  },

  /** @throws {StoreError} `window.not-found` */
  async remove(db: Kysely<Tables>, id: WindowId): Promise<void> {
    const removed = await db
      .deleteFrom('maintenance_windows')
      .where('id', '=', id)
      .executeTakeFirst();
    if (removed.numDeletedRows === 0n) throw noWindow(id);
  },
};

/** How this site looks at maintenance windows. */
async function windowFrame(db: Kysely<Tables>, nowMs: number): Promise<WindowFrame> {
  const { deployments } = await settings.get(db);
  const { timeZone: siteZone, generalWindowsBesideSpecific: generalBesideSpecific } = deployments;
  return { nowMs, siteZone, generalBesideSpecific };
}

function toColumns(wish: WindowSettings) {
  return {
    name: wish.name,
    description: wish.description,
    enabled: wish.enabled ? 1 : 0,
    kind: wish.kind,
    start_date: wish.startDate,
    start_time: wish.startTime,
    finish_time: wish.finishTime,
    time_zone: wish.timeZone,
    rrule: formatRecurrence(wish.recurrence),
  };
}

function toWindow(row: Tables['maintenance_windows']): MaintenanceWindow {
  return {
    id: WindowId.parse(row.id),
    collectionId: CollectionId.parse(row.collection_id),
    ...WindowSettings.parse({
      name: row.name,
      description: row.description,
      enabled: row.enabled === 1,
      kind: row.kind,
      startDate: row.start_date,
      startTime: row.start_time,
      finishTime: row.finish_time,
      timeZone: row.time_zone,
      recurrence: parseRecurrence(row.rrule),
    }),
  };
}

function noWindow(id: string): StoreError {
  return new StoreError('window.not-found', `There is no maintenance window ${id}`);
}
