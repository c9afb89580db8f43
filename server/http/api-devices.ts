import { z } from 'zod';
import { HardwareInventory } from '#agent/protocol/hardware-inventory.ts';
import { DeviceView } from './api.ts';

const Texts = z.array(z.string());

/** GET /devices/:id/inventory: all that is known of a device under flat names, and its hardware over time. */
export const DeviceInventoryView = z.object({
  device: DeviceView.pick({
    id: true,
    name: true,
    state: true,
    notes: true,
    smbiosGuid: true,
    macAddresses: true,
    serialNumber: true,
    assetTag: true,
    manufacturer: true,
    model: true,
    architecture: true,
    firmware: true,
    unclaimedDevices: true,
    lastSeenMs: true,
  }).extend({
    createdMs: z.int(),
    systemSku: z.string().nullable(),
    systemFamily: z.string().nullable(),
    boardManufacturer: z.string().nullable(),
    boardProduct: z.string().nullable(),
    biosVendor: z.string().nullable(),
    biosVersion: z.string().nullable(),
    biosDate: z.string().nullable(),
    chassisType: z.int().nullable(),
    secureBoot: z.boolean().nullable(),
    tpmVersion: z.string().nullable(),
    processor: z.string().nullable(),
    processorCores: z.int().nullable(),
    processorThreads: z.int().nullable(),
    memoryBytes: z.int().nullable(),
    diskModels: Texts,
    diskSizesBytes: z.array(z.int()),
    networkAdapters: Texts,
    networkPciIds: Texts,
    address: z.string().nullable(),
    interfaceName: z.string().nullable(),
    relay: z.string().nullable(),
    port: z.string().nullable(),
  }),
  /** The newest first; an entry is kept when something differed from the start before. */
  history: z.array(
    z.object({
      fromMs: z.int(),
      untilMs: z.int(),
      inventory: z.object({
        hardware: HardwareInventory.nullable(),
        secureBoot: z.boolean(),
        memoryBytes: z.number(),
      }),
    }),
  ),
});
export type DeviceInventoryView = z.infer<typeof DeviceInventoryView>;
