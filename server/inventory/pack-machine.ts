import type { PackMachine } from '#agent/drivers/driver-pack.ts';
import type { DeviceInventory } from './device-inventory.ts';

/** What of a device says which driver packs are for it. Pure. */
export function packMachine(
  device: Pick<
    DeviceInventory,
    'manufacturer' | 'model' | 'systemSku' | 'boardProduct' | 'systemFamily'
  >,
): PackMachine {
  const { manufacturer, model, systemSku, boardProduct, systemFamily } = device;
  return { manufacturer, model, systemSku, baseBoardProduct: boardProduct, systemFamily };
}
