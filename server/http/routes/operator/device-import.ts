import { randomUUID } from 'node:crypto';
import { DeviceImport, DeviceView } from '../../api.ts';
import { DevicesImport, DevicesImported } from '../../api-devices.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { deviceContext, toDeviceView } from './device-view.ts';
import { findDevice } from './find-device.ts';

/** Ten thousand rows, each with a few variables. */
const BODY_LIMIT = 32 * 1024 * 1024;

/** POST /devices: one device, laid over its record. POST /devices/import: many, by the same rules. */
export const deviceImportRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, variableKey, nowMs } = services;

  app.post(
    '/api/v1/devices',
    { ...role('operator'), schema: { body: DeviceImport } },
    async (request) => {
      const { rows } = await store.deviceImport.run({
        rows: [{ line: 1, row: request.body, newId: randomUUID() }],
        onConflict: 'overwrite',
        dryRun: false,
        keepGoing: false,
        variableKey,
        nowMs: nowMs(),
      });
      const [made] = rows;
      if (made?.id == null)
        throw new HttpError(
          made?.code === 'device.identity' ? 400 : 409,
          made?.code ?? 'device.row',
          made?.message ?? '',
          { hint: 'Import each machine with identifiers and a name of its own.' },
        );
      const device = await findDevice(store, made.id);
      await recordChange(services, request, {
        action: 'device.import',
        detail: { device: device.id, name: device.name },
        affects: 'boot',
      });
      return DeviceView.parse(toDeviceView(device, await deviceContext(services, [device])));
    },
  );

  app.post(
    '/api/v1/devices/import',
    { ...role('operator'), schema: { body: DevicesImport }, bodyLimit: BODY_LIMIT },
    async (request) => {
      const { rows, onConflict, dryRun, keepGoing } = request.body;
      const result = await store.deviceImport.run({
        rows: rows.map(({ line, device }) => ({ line, row: device, newId: randomUUID() })),
        onConflict,
        dryRun,
        keepGoing,
        variableKey,
        nowMs: nowMs(),
      });
      const count = (outcome: string) =>
        result.rows.filter((row) => row.outcome === outcome).length;
      const counts = {
        created: count('created'),
        changed: count('changed'),
        skipped: count('skipped'),
        refused: count('refused'),
      };
      if (result.kept)
        await recordChange(services, request, {
          action: 'device.import',
          detail: { ...counts, onConflict },
          affects: 'boot',
        });
      return DevicesImported.parse({ kept: result.kept, ...counts, rows: result.rows });
    },
  );
};
