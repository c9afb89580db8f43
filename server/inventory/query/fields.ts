import type { QueryField, QuerySubject } from './field.ts';
import { hardwareFields } from './hardware-fields.ts';

type Row = Pick<QueryField, 'name' | 'type' | 'doc' | 'get'> &
  Partial<Pick<QueryField, 'aliases' | 'list' | 'needs'>>;

function field({ aliases = [], list = false, needs = null, ...rest }: Row): QueryField {
  return { ...rest, aliases, list, needs };
}

/** All fields of queries, in the order that documentation and console show. */
export const queryFields: readonly QueryField[] = [
  field({ name: 'name', type: 'text', doc: 'Name of the device', get: (of) => of.inventory.name }),
  field({
    name: 'state',
    type: 'text',
    doc: '`known`, `approved`, `waiting` or `ignored`. A query without it finds known devices only',
    get: (of) => of.inventory.state,
  }),
  field({
    name: 'manufacturer',
    aliases: ['make'],
    type: 'text',
    doc: 'SMBIOS system manufacturer',
    get: (of) => of.inventory.manufacturer,
  }),
  field({
    name: 'model',
    type: 'text',
    doc: 'SMBIOS product name',
    get: (of) => of.inventory.model,
  }),
  field({
    name: 'serialNumber',
    aliases: ['serial'],
    type: 'text',
    doc: 'SMBIOS serial number of the system',
    get: (of) => of.inventory.serialNumber,
  }),
  field({
    name: 'assetTag',
    type: 'text',
    doc: 'SMBIOS asset tag of the chassis',
    get: (of) => of.inventory.assetTag,
  }),
  field({
    name: 'smbiosGuid',
    aliases: ['guid', 'uuid'],
    type: 'text',
    doc: 'SMBIOS UUID, `4c4c4544-0044-4810-8052-b4c04f564d33`',
    get: (of) => of.inventory.smbiosGuid,
  }),
  field({
    name: 'macAddress',
    aliases: ['macAddresses', 'mac'],
    type: 'text',
    list: true,
    doc: 'Each of its MAC addresses, `02:00:00:00:00:0a`',
    get: (of) => of.inventory.macAddresses,
  }),
  field({
    name: 'architecture',
    type: 'text',
    doc: '`x86`, `x64` or `arm64`',
    get: (of) => of.inventory.architecture,
  }),
  field({
    name: 'firmware',
    type: 'text',
    doc: '`bios` or `uefi`',
    get: (of) => of.inventory.firmware,
  }),
  field({
    name: 'unclaimedDevice',
    aliases: ['unclaimedDevices'],
    type: 'text',
    list: true,
    doc: 'Devices that no driver of the boot environment took, `8086:15f3 (020000)`',
    get: (of) => of.inventory.unclaimedDevices,
  }),
  ...hardwareFields,
  field({
    name: 'created',
    type: 'date',
    doc: 'When its record was made',
    get: (of) => of.inventory.createdMs,
  }),
  field({
    name: 'lastSeen',
    type: 'date',
    doc: 'When it last registered with the server',
    get: (of) => of.inventory.lastSeenMs,
  }),
  field({
    name: 'lastRunState',
    type: 'text',
    needs: 'runs',
    doc: 'Of the run that started last: `running`, `restarting`, `succeeded`, `failed` or `forked`',
    get: (of) => of.lastRun?.state ?? null,
  }),
  field({
    name: 'lastRunSequence',
    type: 'text',
    needs: 'runs',
    doc: 'Name of the task sequence that started last',
    get: (of) => of.lastRun?.sequenceName ?? null,
  }),
  field({
    name: 'lastRunStarted',
    type: 'date',
    needs: 'runs',
    doc: 'When that run started',
    get: (of) => of.lastRun?.startedMs ?? null,
  }),
];

/** In front of the name of a variable of the device: `variable.Site = "Berlin"`. */
export const VARIABLE_PREFIX = 'variable';

const byName: ReadonlyMap<string, QueryField> = new Map(
  queryFields.flatMap((each) =>
    [each.name, ...each.aliases].map((name) => [name.toLowerCase(), each] as const),
  ),
);

/** A field by its name or another name of it, without case. */
export function findField(name: string): QueryField | undefined {
  return byName.get(name.toLowerCase());
}

/** A variable of the device as a field; secret ones are not known to queries. */
export function variableField(name: string): QueryField {
  const key = name.toLowerCase();
  return field({
    name: `${VARIABLE_PREFIX}.${name}`,
    type: 'text',
    needs: 'variables',
    doc: 'A variable of the device',
    get: (of: QuerySubject) => of.variables.get(key) ?? null,
  });
}
