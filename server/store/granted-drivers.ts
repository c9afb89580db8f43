import type { Kysely } from 'kysely';
import { fitPack } from '#agent/drivers/driver-pack.ts';
import type { DeviceId } from '#agent/protocol/identity.ts';
import { packMachine } from '../inventory/pack-machine.ts';
import type { PinnedDocument } from '../inventory/pin.ts';
import { deviceInventories } from './device-inventories.ts';
import { driverCatalog } from './driver-catalog.ts';
import { type PinnedContent, resolveDriverPackages } from './pinned-content.ts';
import type { Tables } from './tables.ts';

/**
 * The driver packages that a run may choose among, by their index alone. Where its steps want none but those of the
 * model, packs of other models are not handed on; the machine decides itself where the server does not know enough of it,
 * or of a pack.
 */
export async function grantedDrivers(
  db: Kysely<Tables>,
  choice: PinnedDocument['choosesDrivers'],
  deviceId: DeviceId,
): Promise<(PinnedContent & { readonly kind: 'found' })[]> {
  if (choice === 'none') return [];
  if (choice === 'all') return await resolveDriverPackages(db, () => true);
  const device = await deviceInventories.of(db, deviceId);
  const isKnown = device !== null && (device.systemSku !== null || device.boardProduct !== null);
  if (!isKnown) return await resolveDriverPackages(db, () => true);
  const machine = packMachine(device);
  const others = new Set(
    (await driverCatalog.packages(db)).flatMap(({ packageId, pack }) =>
      pack !== null && fitPack(pack, machine) === null ? [packageId] : [],
    ),
  );
  return await resolveDriverPackages(db, (id) => !others.has(id));
}
