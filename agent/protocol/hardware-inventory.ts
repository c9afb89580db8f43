import { z } from 'zod';
import { MacAddress } from './identity.ts';

const Text = z.string().max(256).nullable();

/**
 * The hardware of a machine as it was found at one start, beside what `MachineIdentity` says. Null or an
 * empty list is what the agent could not find out: Windows PE without WMI tells no disks, for example.
 */
export const HardwareInventory = z.object({
  systemSku: Text,
  systemFamily: Text,
  boardManufacturer: Text,
  boardProduct: Text,
  biosVendor: Text,
  biosVersion: Text,
  /** `2024-03-18`. */
  biosDate: z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .nullable(),
  /** SMBIOS type 3, +0x05: 3 desktop, 10 notebook ... */
  chassisType: z.int().min(0).max(255).nullable(),
  processor: Text,
  /** Over all sockets. */
  processorCores: z.int().positive().nullable(),
  processorThreads: z.int().positive().nullable(),
  /** `2.0` or `1.2`; empty where there is none, null where that could not be found out. */
  tpmVersion: Text,
  disks: z
    .array(
      z.object({
        model: Text,
        serial: Text,
        sizeBytes: z.int().nonnegative().nullable(),
        /** As `Win32_DiskDrive.InterfaceType` has it: `SCSI`, `IDE`, `USB` ... */
        bus: Text,
      }),
    )
    .max(64),
  networkAdapters: z
    .array(
      z.object({
        mac: MacAddress.nullable(),
        /** Vendor and device in lower case, `8086:15f3`; null for an adapter that is not on PCI. */
        pciId: z
          .string()
          .regex(/^[0-9a-f]{4}:[0-9a-f]{4}$/)
          .nullable(),
        name: Text,
      }),
    )
    .max(64),
});
export type HardwareInventory = z.infer<typeof HardwareInventory>;
