import { z } from 'zod';
import { type DeviceId, MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import { variableNameProblem } from '#agent/sequence/variables.ts';
import type { Device } from './device.ts';
import { nameKey, serialKey } from './device-keys.ts';
import { identifiesByGuid, type SharedIdentifiers } from './match.ts';
import { isSet, isUnsetMac } from './placeholder-identifiers.ts';

/** One device to be imported, by a file's line or by hand. */
export const ImportRow = z.strictObject({
  name: z.string().trim().min(1).max(64),
  smbiosGuid: SmbiosGuid.optional(),
  macAddresses: z.array(MacAddress).max(64).default([]),
  serialNumber: z.string().trim().min(1).max(256).optional(),
  assetTag: z.string().trim().min(1).max(256).optional(),
  notes: z.string().max(4000).optional(),
  /** Collections, by id or name, that it becomes a direct member of. */
  collections: z.array(z.string().trim().min(1).max(128)).max(50).default([]),
  variables: z
    .array(
      z.strictObject({
        name: z
          .string()
          .trim()
          .refine((name) => variableNameProblem(name) === undefined, {
            error: (issue) => variableNameProblem(String(issue.input)) ?? '',
          }),
        value: z.string().max(4000),
        secret: z.boolean().optional(),
      }),
    )
    .max(100)
    .default([]),
});
export type ImportRow = z.infer<typeof ImportRow>;

/** What becomes of a device that has a record already. */
export const OnConflict = z.enum(['refuse', 'skip', 'overwrite']);
export type OnConflict = z.infer<typeof OnConflict>;

/** What is to be done with one row, or why nothing is. */
export type RowPlan =
  | { readonly kind: 'create' | 'change'; readonly device: Device }
  | { readonly kind: 'skip'; readonly device: Device }
  | { readonly kind: 'refuse'; readonly code: string; readonly message: string };

/** The records that rows may be about, found by any of their identifiers and by name; grows by each row. */
export class ImportIndex {
  readonly #shared: SharedIdentifiers;
  readonly #byKey = new Map<string, Set<Device>>();
  readonly #rows = new Map<string, number>();

  constructor(devices: readonly Device[], shared: SharedIdentifiers) {
    this.#shared = shared;
    for (const device of devices) this.#add(device);
  }

  /** Decides about one row, and takes what it makes or changes for the rows after it. @param line its number */
  plan(
    row: ImportRow,
    at: {
      readonly line: number;
      readonly newId: DeviceId;
      readonly nowMs: number;
      readonly onConflict: OnConflict;
    },
  ): RowPlan {
    const keys = keysOf({ ...row, smbiosGuid: row.smbiosGuid ?? null }, this.#shared);
    if (keys.length === 0)
      return refuse(
        'device.identity',
        `"${row.name}" has nothing to be known by: no SMBIOS GUID, MAC address or serial number that only one machine has`,
      );
    const double = keys.find((key) => this.#rows.has(key));
    if (double !== undefined)
      return refuse(
        'device.double-row',
        `"${row.name}" has the ${double} of line ${this.#rows.get(double)}`,
      );
    const fitting = [...new Set(keys.flatMap((key) => [...(this.#byKey.get(key) ?? [])]))];
    const [before, other] = fitting;
    if (before !== undefined && other !== undefined)
      return refuse(
        'device.exists',
        `The identifiers of "${row.name}" belong to "${before.name}" and "${other.name}" already`,
      );
    if (before !== undefined && at.onConflict === 'refuse')
      return refuse('device.exists', `"${row.name}" is the device "${before.name}" already`);
    if (before !== undefined && at.onConflict === 'skip') return { kind: 'skip', device: before };
    const named = [...(this.#byKey.get(`name ${nameKey(row.name)}`) ?? [])];
    if (named.some(({ id }) => id !== before?.id)) {
      const [holder] = named;
      if (at.onConflict === 'skip' && holder !== undefined) return { kind: 'skip', device: holder };
      return refuse('device.name-taken', `Another device is named "${row.name}" already`);
    }
    const device = lay(row, before, at);
    for (const key of keys) this.#rows.set(key, at.line);
    if (before !== undefined) this.#remove(before);
    this.#add(device);
    return { kind: before === undefined ? 'create' : 'change', device };
  }

  #add(device: Device): void {
    for (const key of this.#keysOf(device))
      this.#byKey.set(key, (this.#byKey.get(key) ?? new Set()).add(device));
  }

  #remove(device: Device): void {
    for (const key of this.#keysOf(device)) this.#byKey.get(key)?.delete(device);
  }

  #keysOf(device: Device): string[] {
    return [...keysOf(device, this.#shared), `name ${nameKey(device.name)}`];
  }
}

/** The identifiers that tell a machine from all others, each with what it is. */
function keysOf(
  device: {
    readonly smbiosGuid: SmbiosGuid | null;
    readonly macAddresses: readonly MacAddress[];
    readonly serialNumber?: string | null | undefined;
  },
  shared: SharedIdentifiers,
): string[] {
  const { smbiosGuid, macAddresses, serialNumber = null } = device;
  const macs = macAddresses.filter((mac) => !shared.macs.has(mac) && !isUnsetMac(mac));
  return [
    ...(identifiesByGuid(smbiosGuid, shared) ? [`SMBIOS GUID ${smbiosGuid}`] : []),
    ...macs.map((mac) => `MAC address ${mac}`),
    ...(isSet(serialNumber) ? [`serial number ${serialKey(serialNumber)}`] : []),
  ];
}

/** A row laid over the record that it is about; what it does not say stays as it is. */
function lay(
  row: ImportRow,
  before: Device | undefined,
  { newId, nowMs }: { readonly newId: DeviceId; readonly nowMs: number },
): Device {
  return {
    id: before?.id ?? newId,
    manufacturer: null,
    model: null,
    architecture: null,
    firmware: null,
    unclaimedDevices: [],
    seenAt: null,
    createdMs: nowMs,
    lastSeenMs: null,
    ...before,
    name: row.name,
    state: 'known',
    smbiosGuid: row.smbiosGuid ?? before?.smbiosGuid ?? null,
    serialNumber: row.serialNumber ?? before?.serialNumber ?? null,
    macAddresses: [...new Set([...(before?.macAddresses ?? []), ...row.macAddresses])],
    assetTag: row.assetTag ?? before?.assetTag ?? null,
    notes: row.notes ?? before?.notes ?? '',
  };
}

function refuse(code: string, message: string): RowPlan {
  return { kind: 'refuse', code, message };
}
