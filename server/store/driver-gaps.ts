import type { Kysely } from 'kysely';
import { DriverFacts } from '#agent/drivers/driver-facts.ts';
import { type DriverPack, fitPack, type PackFit } from '#agent/drivers/driver-pack.ts';
import { baseOfId, deviceOfId } from '#agent/drivers/pci-ids.ts';
import type { DriverTarget } from '#agent/drivers/target-os.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import type { DeviceInventory } from '../inventory/device-inventory.ts';
import { type DriverGap, gapsOf, type ModelMachines } from '../inventory/driver-gaps.ts';
import { packMachine } from '../inventory/pack-machine.ts';
import { type DriverCandidate, type RankedDriver, rankDrivers } from '../inventory/rank-drivers.ts';
import { parseUnclaimed } from '../inventory/unclaimed-device.ts';
import { deviceInventories } from './device-inventories.ts';
import { readDevices } from './device-rows.ts';
import { driverCatalog } from './driver-catalog.ts';
import type { Tables } from './tables.ts';

/** Values in one `in (...)`. */
const AT_ONCE = 500;

/** A driver pack that is for a model, and by what. */
export interface FittingPack {
  readonly packageId: PackageId;
  readonly name: string;
  readonly fit: PackFit;
}

/** Questions to the catalogue: who has a driver for a device, and what devices have none. */
export const driverGaps = {
  /** Drivers for an id of Windows, the best first; those for the same device on other boards, last. */
  async find(db: Kysely<Tables>, id: string, os: DriverTarget): Promise<RankedDriver[]> {
    const device = deviceOfId(id);
    const rows = await db
      .selectFrom('driver_ids')
      .innerJoin('drivers', (join) =>
        join
          .onRef('drivers.package_id', '=', 'driver_ids.package_id')
          .onRef('drivers.number', '=', 'driver_ids.number'),
      )
      .innerJoin('packages', 'packages.id', 'drivers.package_id')
      .select(['drivers.package_id as package_id', 'drivers.number as number', 'name'])
      .select('facts_json')
      .distinct()
      .where((where) =>
        where.or([
          where('base_key', '=', baseOfId(id)),
          where('id_key', 'in', [...device.hardwareIds, ...device.compatibleIds]),
        ]),
      )
      .execute();
    const candidates = rows.map(
      (row): DriverCandidate => ({
        packageId: PackageId.parse(row.package_id),
        packageName: row.name,
        facts: DriverFacts.parse(JSON.parse(row.facts_json)),
      }),
    );
    return rankDrivers(device, candidates, os);
  },

  /** Per make and model the devices that have no driver in any package, of machines that told of devices without one. */
  async missing(db: Kysely<Tables>): Promise<DriverGap[]> {
    const machines = await machinesWithUnclaimed(db);
    return gapsOf(machines, await knownIds(db, machines)).flatMap((gap) => {
      const lacking = gap.devices.filter(({ driver }) => driver !== 'covered');
      return lacking.length === 0 ? [] : [{ ...gap, devices: lacking }];
    });
  },

  /** All that is known of a model before one of its machines is deployed. @param model with or without its maker */
  async coverage(
    db: Kysely<Tables>,
    model: string,
  ): Promise<{
    readonly gaps: DriverGap[];
    readonly machines: number;
    readonly packs: FittingPack[];
  }> {
    const key = model.trim().toLowerCase();
    const all = (await deviceInventories.all(db)).filter(({ manufacturer, model: name }) =>
      [name, [manufacturer, name].filter(Boolean).join(' ')].some(
        (each) => each?.trim().toLowerCase() === key,
      ),
    );
    const machines = all.map(toModelMachine);
    const packs = (await driverCatalog.packages(db)).flatMap(({ packageId, name, pack }) => {
      const fits = pack === null ? [] : fitsOf(pack, all, model);
      return fits[0] === undefined ? [] : [{ packageId, name, fit: fits[0] }];
    });
    return {
      gaps: gapsOf(machines, await knownIds(db, machines)),
      machines: all.length,
      packs,
    };
  },
};

/** By what a pack is for the machines of a model; by its name alone where none was met yet. */
function fitsOf(pack: DriverPack, all: readonly DeviceInventory[], model: string): PackFit[] {
  if (all.length > 0) return all.flatMap((device) => fitPack(pack, packMachine(device)) ?? []);
  const unmet = {
    manufacturer: null,
    model,
    systemSku: null,
    baseBoardProduct: null,
    systemFamily: null,
  };
  return [fitPack({ ...pack, vendor: null }, unmet) ?? []].flat();
}

function toModelMachine(device: {
  readonly manufacturer: string | null;
  readonly model: string | null;
  readonly unclaimedDevices: readonly string[];
  readonly lastSeenMs: number | null;
}): ModelMachines {
  const { manufacturer, model, unclaimedDevices, lastSeenMs } = device;
  return {
    manufacturer,
    model,
    lastSeenMs,
    unclaimed: unclaimedDevices.flatMap((text) => parseUnclaimed(text) ?? []),
  };
}

/** Without those that lack nothing: of a hundred thousand machines most. */
async function machinesWithUnclaimed(db: Kysely<Tables>): Promise<ModelMachines[]> {
  const rows = await db
    .selectFrom('devices')
    .selectAll()
    .where('facts_json', 'like', '%"unclaimedDevices":["%')
    .execute();
  return (await readDevices(db, rows)).map(toModelMachine);
}

/** Which ids of these machines' devices, and which ids of the same devices on other boards, the catalogue has. */
async function knownIds(
  db: Kysely<Tables>,
  machines: readonly ModelMachines[],
): Promise<{ readonly ids: ReadonlySet<string>; readonly bases: ReadonlySet<string> }> {
  const ids = new Set<string>();
  const bases = new Set<string>();
  for (const { unclaimed } of machines)
    for (const { name, hardwareIds, compatibleIds } of unclaimed) {
      bases.add(name);
      for (const id of [...hardwareIds, ...compatibleIds]) ids.add(id);
    }
  const known = async (column: 'id_key' | 'base_key', values: readonly string[]) => {
    const found = new Set<string>();
    for (let at = 0; at < values.length; at += AT_ONCE) {
      const rows = await db
        .selectFrom('driver_ids')
        .select(column)
        .distinct()
        .where(column, 'in', values.slice(at, at + AT_ONCE))
        .execute();
      for (const row of rows) found.add(row[column]);
    }
    return found;
  };
  return { ids: await known('id_key', [...ids]), bases: await known('base_key', [...bases]) };
}
