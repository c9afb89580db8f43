import { z } from 'zod';
import type { DeviceView } from '../../http/api.ts';
import { DevicesImported } from '../../http/api-devices.ts';
import type { VariableView } from '../../http/api-variables.ts';
import { ImportRow } from '../../inventory/device-import.ts';
import { serialKey } from '../../inventory/device-keys.ts';
import { CliError } from '../cli-error.ts';
import { listDevices } from '../device-lookup.ts';
import { differencesOf, key } from './difference.ts';
import type { ObjectKind } from './kind.ts';
import {
  putVariables,
  readVariables,
  secretProblems,
  variableDifferences,
  variableFields,
} from './variables.ts';

/** A device as a file describes it: what it is known by, as in an import. What is left out stays. */
const DeviceDocument = z.strictObject({
  kind: z.literal('device'),
  ...ImportRow.omit({ collections: true, variables: true }).shape,
  /** Left out: those that are there stay. */
  variables: variableFields.variables.unwrap().optional(),
  secretVariables: variableFields.secretVariables,
});
type DeviceDocument = z.infer<typeof DeviceDocument>;

interface DeviceNow {
  readonly view: DeviceView;
  readonly variables: readonly VariableView[];
}

const namesVariables = ({ variables, secretVariables }: DeviceDocument) =>
  variables !== undefined || Object.keys(secretVariables).length > 0;

/** Its variables as the file says them; where it says none, those that are there. */
const variablesOf = (document: DeviceDocument, now: DeviceNow['variables']) => ({
  secretVariables: document.secretVariables,
  variables:
    document.variables ??
    Object.fromEntries(now.filter(({ secret }) => !secret).map(({ name, value }) => [name, value])),
});

export const deviceKind: ObjectKind<DeviceDocument, DeviceNow> = {
  kind: 'device',
  title: 'device',
  schema: DeviceDocument,
  nameOf: ({ name }) => name,
  list: async (api) =>
    new Map((await listDevices(api)).map((view) => [key(view.name), { view, variables: [] }])),
  // A machine that has registered already has another name: it is known by its identifiers.
  find: (document, all) =>
    all.get(key(document.name)) ?? [...all.values()].find(({ view }) => isSame(document, view)),
  detail: async (api, now, document) =>
    namesVariables(document)
      ? { ...now, variables: await readVariables(api, `/devices/${now.view.id}`) }
      : now,
  problems: (document, now, site) =>
    secretProblems(variablesOf(document, now?.variables ?? []), now?.variables ?? [], {
      site,
      owner: `device "${document.name}"`,
    }),
  differences: (document, { view, variables }, site) => [
    ...recordDifferences(document, view),
    ...variableDifferences(variablesOf(document, variables), variables, site),
  ],
  async putAll(site, all) {
    const changed = all.filter(
      ({ document, now }) => now === undefined || recordDifferences(document, now.view).length > 0,
    );
    const rows = changed.map(({ document }, index) => {
      const { kind: _kind, variables: _values, secretVariables: _secrets, ...device } = document;
      return { line: index + 1, device };
    });
    if (rows.length === 0) return;
    const json = { rows, onConflict: 'overwrite' };
    const answer = await site.api.call('POST', '/devices/import', DevicesImported, { json });
    const bad = answer.rows.find(({ code }) => code !== undefined);
    if (bad?.code !== undefined)
      throw new CliError(bad.code, bad.message ?? bad.name, {
        where: `device "${bad.name}"`,
        hint: 'no device was imported',
      });
  },
  async put(site, document, now) {
    if (!namesVariables(document)) return;
    const path = `/devices/${encodeURIComponent(now?.view.id ?? document.name)}`;
    const variables = now?.variables ?? [];
    await putVariables(site, path, { wanted: variablesOf(document, variables), now: variables });
  },
};

function isSame(document: DeviceDocument, view: DeviceView): boolean {
  return (
    (document.smbiosGuid !== undefined && document.smbiosGuid === view.smbiosGuid) ||
    document.macAddresses.some((mac) => view.macAddresses.includes(mac)) ||
    (document.serialNumber !== undefined &&
      serialKey(document.serialNumber) === serialKey(view.serialNumber))
  );
}

/** What the file says of the record and the server says otherwise; a MAC address beside others is none. */
function recordDifferences(document: DeviceDocument, view: DeviceView) {
  const { name, smbiosGuid, macAddresses, serialNumber, assetTag, notes } = document;
  const said = { name, smbiosGuid, serialNumber, assetTag, notes };
  const before = Object.fromEntries(
    Object.entries(said).map(([field, value]) => [
      field,
      value === undefined ? undefined : Reflect.get(view, field),
    ]),
  );
  const missing = macAddresses.filter((mac) => !view.macAddresses.includes(mac));
  return [
    ...differencesOf(before, said),
    ...missing.map((mac) => ({ path: 'macAddresses', before: null, after: mac })),
    ...(view.state === 'waiting' ? [{ path: 'state', before: 'waiting', after: 'known' }] : []),
  ];
}
