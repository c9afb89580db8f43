import { type Kysely, sql } from 'kysely';
import type { Device, DeviceState } from '../inventory/device.ts';
import { readDevices } from './device-rows.ts';
import type { Tables } from './tables.ts';

/** Name and id of the last device of a page: the next one begins behind it. */
export interface DevicePlace {
  readonly nameKey: string;
  readonly id: string;
}

export interface DeviceSearch {
  /** Part of a name, serial number, asset tag, MAC address or GUID; empty for all. */
  readonly search: string;
  readonly state: DeviceState | null;
  readonly after: DevicePlace | null;
  readonly limit: number;
}

export const deviceSearch = {
  /** Devices by name, and where the next page begins. */
  async page(
    db: Kysely<Tables>,
    { search, state, after, limit }: DeviceSearch,
  ): Promise<{ readonly devices: Device[]; readonly next: DevicePlace | null }> {
    let query = db.selectFrom('devices').selectAll();
    if (state !== null) query = query.where('state', '=', state);
    if (after !== null)
      query = query.where((where) =>
        where.or([
          where('name_key', '>', after.nameKey),
          where.and([where('name_key', '=', after.nameKey), where('id', '>', after.id)]),
        ]),
      );
    const text = search.trim().toLowerCase();
    if (text !== '') {
      const part = `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
      const has = (column: 'name_key' | 'serial_key' | 'asset_key') =>
        sql<boolean>`${sql.ref(column)} like ${part} escape '\\'`;
      const hex = text.replaceAll(/[-.: ]/g, '');
      const mac = /^[0-9a-f]{4,12}$/.test(hex) ? hex.replaceAll(/(..)(?=.)/g, '$1:') : null;
      const ids =
        mac === null
          ? []
          : await db
              .selectFrom('device_macs')
              .select('device_id')
              .where('mac', '>=', mac)
              .where('mac', '<', `${mac}g`)
              .limit(500)
              .execute();
      query = query.where((where) =>
        where.or([
          has('name_key'),
          has('serial_key'),
          has('asset_key'),
          where('smbios_guid', '=', text),
          ...(ids.length === 0
            ? []
            : [
                where(
                  'id',
                  'in',
                  ids.map((row) => row.device_id),
                ),
              ]),
        ]),
      );
    }
    const rows = await query
      .orderBy('name_key')
      .orderBy('id')
      .limit(limit + 1)
      .execute();
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      devices: await readDevices(db, shown),
      next: last === undefined ? null : { nameKey: last.name_key, id: last.id },
    };
  },
};
