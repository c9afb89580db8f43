import { z } from 'zod';
import { HardwareInventory } from '#agent/protocol/hardware-inventory.ts';
import type { KeptInventory } from '../inventory/device-inventory.ts';

const Kept = z.object({
  hardware: HardwareInventory.nullable().catch(null),
  secureBoot: z.boolean(),
  memoryBytes: z.number(),
});

/** Reads what was kept of a machine at one start. */
export function parseKept(json: string): KeptInventory {
  return Kept.parse(JSON.parse(json));
}
