import { z } from 'zod';
import { HardwareInventory } from '#agent/protocol/hardware-inventory.ts';
import { OnConflict } from '../inventory/device-import.ts';
import { DeviceView } from './api.ts';
import { PageQuery } from './paging.ts';

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
    createdMs: true,
    lastSeenMs: true,
  }).extend({
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
      /** The record that had it before it was merged into this one. */
      source: z.object({ id: z.string(), name: z.string() }).nullable(),
    }),
  ),
});
export type DeviceInventoryView = z.infer<typeof DeviceInventoryView>;

/** GET /devices: page by page, all or those that `search` finds; `link` says where the next page is. */
export const DeviceQuery = PageQuery.extend({
  search: z.string().max(256).optional(),
  state: DeviceView.shape.state.optional(),
});

/** PUT /devices/:id/notes. */
export const DeviceNotes = z.strictObject({ notes: z.string().max(4000) });

/**
 * POST /devices/import: rows with their lines; each is read by itself (inventory/device-import.ts), so that
 * one that is wrong is told with its line.
 */
export const DevicesImport = z.strictObject({
  rows: z
    .array(z.strictObject({ line: z.int().min(1), device: z.unknown() }))
    .min(1)
    .max(10_000),
  onConflict: OnConflict.default('refuse'),
  dryRun: z.boolean().default(false),
  /** Import what can be, though some rows cannot; else it is all or nothing. */
  keepGoing: z.boolean().default(false),
});
/** Its answer, also where nothing was kept because of a row. */
export const DevicesImported = z.object({
  /** Whether something was kept: not after a dry run, or when a row was refused without `keepGoing`. */
  kept: z.boolean(),
  created: z.int(),
  changed: z.int(),
  skipped: z.int(),
  refused: z.int(),
  rows: z.array(
    z.object({
      line: z.int(),
      outcome: z.enum(['created', 'changed', 'skipped', 'refused']),
      id: z.string().nullable(),
      name: z.string(),
      code: z.string().optional(),
      message: z.string().optional(),
    }),
  ),
});
export type DevicesImported = z.infer<typeof DevicesImported>;
