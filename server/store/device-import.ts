import type { Kysely } from 'kysely';
import { type CollectionId, DeviceId } from '#agent/protocol/identity.ts';
import type { Device } from '../inventory/device.ts';
import { ImportIndex, ImportRow, type OnConflict } from '../inventory/device-import.ts';
import { nameKey, serialKey } from '../inventory/device-keys.ts';
import { collections } from './collections.ts';
import { readDevices } from './device-rows.ts';
import { keepDevices } from './keep-device.ts';
import { allShared } from './shared-identifiers.ts';
import type { Tables } from './tables.ts';
import { variables } from './variables.ts';

/** A database takes only so many parameters in a query. */
const CHUNK = 400;

export interface DeviceImport {
  /** Rows as they came, each with its line and an id for a device that is new. */
  readonly rows: readonly {
    readonly line: number;
    readonly row: unknown;
    readonly newId: string;
  }[];
  readonly onConflict: OnConflict;
  /** Only says what would be done. */
  readonly dryRun: boolean;
  /** Does what can be done, though some rows cannot; else it is all or nothing. */
  readonly keepGoing: boolean;
  /** Seals secret variables: `SiteSecret.variableKey`. */
  readonly variableKey: Uint8Array;
  readonly nowMs: number;
}

interface ImportedRow {
  readonly line: number;
  readonly outcome: 'created' | 'changed' | 'skipped' | 'refused';
  readonly id: DeviceId | null;
  readonly name: string;
  /** Of a refusal. */
  readonly code?: string;
  readonly message?: string;
}

export interface ImportResult {
  /** Whether it was kept: not where it was a dry run, or something was refused without `keepGoing`. */
  readonly kept: boolean;
  readonly rows: readonly ImportedRow[];
}

/** One row that is to be kept. */
interface Step {
  readonly device: Device;
  readonly row: ImportRow;
  readonly members: readonly CollectionId[];
}

export const deviceImport = {
  /** Imports devices, one or ten thousand, in one transaction. */
  async run(db: Kysely<Tables>, wish: DeviceImport): Promise<ImportResult> {
    const parsed = wish.rows.map(({ line, row, newId }) => ({
      line,
      newId: DeviceId.parse(newId),
      read: ImportRow.safeParse(row),
      given: row,
    }));
    const good = parsed.flatMap(({ read }) => (read.success ? [read.data] : []));
    const index = new ImportIndex(await fittingDevices(db, good), await allShared(db));
    const byName = new Map<string, CollectionId | 'built-in'>();
    for (const { id, name, builtIn } of await collections.list(db))
      for (const key of [id, name]) byName.set(key.toLowerCase(), builtIn ? 'built-in' : id);

    const told: ImportedRow[] = [];
    const steps: Step[] = [];
    for (const { line, newId, read, given } of parsed) {
      const refuse = (code: string, message: string): void => {
        told.push({ line, outcome: 'refused', id: null, name: nameOf(given), code, message });
      };
      if (!read.success) {
        const [issue] = read.error.issues;
        refuse('device.row', `${issue?.path.join('.') || 'row'}: ${issue?.message ?? ''}`);
        continue;
      }
      const row = read.data;
      const members: CollectionId[] = [];
      const unknown = row.collections.find((text) => {
        const id = byName.get(text.toLowerCase());
        if (id !== undefined && id !== 'built-in') members.push(id);
        return id === undefined || id === 'built-in';
      });
      if (unknown !== undefined) {
        const isBuiltIn = byName.has(unknown.toLowerCase());
        if (isBuiltIn) refuse('collection.built-in', `"${unknown}" has no direct members`);
        else refuse('collection.not-found', `There is no collection "${unknown}"`);
        continue;
      }
      const { onConflict, nowMs } = wish;
      const plan = index.plan(row, { line, newId, nowMs, onConflict });
      if (plan.kind === 'refuse') {
        refuse(plan.code, plan.message);
        continue;
      }
      const { id, name } = plan.device;
      const outcome = { create: 'created', change: 'changed', skip: 'skipped' } as const;
      told.push({ line, outcome: outcome[plan.kind], id, name });
      if (plan.kind !== 'skip') steps.push({ device: plan.device, row, members });
    }
    const isRefused = told.some(({ outcome }) => outcome === 'refused');
    if (wish.dryRun || (isRefused && !wish.keepGoing)) return { kept: false, rows: told };
    await keep(db, steps, wish.variableKey);
    return { kept: true, rows: told };
  },
};

async function keep(
  db: Kysely<Tables>,
  steps: readonly Step[],
  variableKey: Uint8Array,
): Promise<void> {
  // Several rows may be about one device: what the last of them says is kept.
  await keepDevices(db, [...new Map(steps.map(({ device }) => [device.id, device])).values()]);
  const members = new Map<CollectionId, DeviceId[]>();
  for (const { device, row, members: of } of steps) {
    for (const id of of) {
      const list = members.get(id) ?? [];
      list.push(device.id);
      members.set(id, list);
    }
    for (const variable of row.variables)
      await variables.set(db, { kind: 'device', id: device.id }, variable, variableKey);
  }
  for (const [id, add] of members) await collections.changeMembers(db, id, { add, remove: [] });
}

/** All records that have any identifier or the name of any row. */
async function fittingDevices(db: Kysely<Tables>, rows: readonly ImportRow[]): Promise<Device[]> {
  const found = new Map<string, Tables['devices']>();
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.slice(start, start + CHUNK);
    const macs = chunk.flatMap(({ macAddresses }) => macAddresses);
    const ids: string[] = [];
    for (let from = 0; from < macs.length; from += CHUNK) {
      const some = macs.slice(from, from + CHUNK);
      const byMac = db.selectFrom('device_macs').select('device_id').where('mac', 'in', some);
      for (const { device_id } of await byMac.execute()) ids.push(device_id);
    }
    const lists = [
      { column: 'id', values: ids },
      { column: 'name_key', values: chunk.map(({ name }) => nameKey(name)) },
      { column: 'smbios_guid', values: chunk.flatMap(({ smbiosGuid }) => smbiosGuid ?? []) },
      {
        column: 'serial_key',
        values: chunk.map(({ serialNumber }) => serialKey(serialNumber ?? null)),
      },
    ] as const;
    for (const { column, values } of lists) {
      const asked = [...new Set<string>(values)].filter((value) => value !== '');
      for (let from = 0; from < asked.length; from += CHUNK) {
        const some = asked.slice(from, from + CHUNK);
        const matching = db.selectFrom('devices').selectAll().where(column, 'in', some);
        for (const row of await matching.execute()) found.set(row.id, row);
      }
    }
  }
  return readDevices(db, [...found.values()]);
}

/** Name of a row that cannot be read, as far as it has one. */
function nameOf(row: unknown): string {
  const name: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, 'name') : '';
  return typeof name === 'string' ? name.slice(0, 64) : '';
}
