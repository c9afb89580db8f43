import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { DeviceId } from '#agent/protocol/identity.ts';
import type { Device } from '../../../inventory/device.ts';
import { DeviceApproval, DeviceCleared, DeviceImport, DeviceView } from '../../api.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { deviceContext, toDeviceView } from './device-view.ts';
import { findDevice } from './find-device.ts';

const Params = z.object({ id: z.string().max(256) });

/** GET and POST /devices, POST /devices/:id/approve, /ignore and /clear. `:id` is an id, name, MAC or GUID. */
export const deviceRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get('/api/v1/devices', role('operator'), async () => {
    const devices = await store.devices.list();
    const context = await deviceContext(services, devices);
    return z.array(DeviceView).parse(devices.map((device) => toDeviceView(device, context)));
  });

  app.post(
    '/api/v1/devices',
    { ...role('operator'), schema: { body: DeviceImport } },
    async (request) => {
      const device = mergeImport(request.body, await store.devices.list(), nowMs());
      await store.devices.put(device);
      await recordChange(services, request, {
        action: 'device.import',
        detail: { device: device.id, name: device.name },
        affects: 'boot',
      });
      return await show(device);
    },
  );

  app.post(
    '/api/v1/devices/:id/approve',
    { ...role('operator'), schema: { params: Params, body: DeviceApproval } },
    async (request) => {
      const device = await findDevice(store, request.params.id);
      const { name } = request.body;
      // A machine that is known stays known: approving it lets its new key take an open run over.
      const state = device.state === 'known' ? 'known' : 'approved';
      const changed = await store.devices.setState(device.id, {
        state,
        ...(name === undefined ? {} : { name }),
      });
      const takeover = await store.runs.approveTakeover(device.id);
      await recordChange(services, request, {
        action: 'device.approve',
        detail: { device: device.id, name: changed.name, takeover },
        affects: 'boot',
      });
      return await show(changed);
    },
  );

  app.post(
    '/api/v1/devices/:id/ignore',
    { ...role('operator'), schema: { params: Params, body: DeviceApproval } },
    async (request) => {
      const device = await findDevice(store, request.params.id);
      const changed = await store.devices.setState(device.id, { state: 'ignored' });
      await recordChange(services, request, {
        action: 'device.ignore',
        detail: { device: device.id, name: changed.name },
        affects: 'boot',
      });
      return await show(changed);
    },
  );

  app.post(
    '/api/v1/devices/:id/clear',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const device = await findDevice(store, request.params.id);
      const cleared = await store.deployments.clear(device.id, nowMs());
      await recordChange(services, request, {
        action: 'device.clear',
        detail: { device: device.id, name: device.name, cleared },
        affects: 'boot',
      });
      return DeviceCleared.parse({ ...(await show(device)), cleared });
    },
  );

  async function show(device: Device): Promise<DeviceView> {
    return DeviceView.parse(toDeviceView(device, await deviceContext(services, [device])));
  }
};

/**
 * An imported device: laid over the record that has its GUID, one of its MACs or its serial number, or
 * a new record. Throws `device.identity` without any of them, `device.exists` when they belong to several.
 */
function mergeImport(
  wish: z.output<typeof DeviceImport>,
  devices: readonly Device[],
  nowMs: number,
): Device {
  const { name, smbiosGuid, macAddresses, serialNumber } = wish;
  if (smbiosGuid === undefined && macAddresses.length === 0 && serialNumber === undefined) {
    throw new HttpError(400, 'device.identity', `"${name}" has nothing to be known by`, {
      hint: 'give at least one of SMBIOS GUID, MAC address and serial number',
    });
  }
  const fitting = devices.filter(
    (device) =>
      (smbiosGuid !== undefined && device.smbiosGuid === smbiosGuid) ||
      (serialNumber !== undefined && device.serialNumber === serialNumber) ||
      device.macAddresses.some((mac) => macAddresses.includes(mac)),
  );
  if (fitting.length > 1) {
    const names = fitting.map((device) => `"${device.name}"`).join(' and ');
    throw new HttpError(409, 'device.exists', `These identifiers belong to ${names} already`, {
      hint: 'import each machine with identifiers of its own',
    });
  }
  const [before] = fitting;
  return {
    id: before?.id ?? DeviceId.parse(randomUUID()),
    assetTag: null,
    manufacturer: null,
    model: null,
    architecture: null,
    firmware: null,
    unclaimedDevices: [],
    notes: '',
    seenAt: null,
    createdMs: nowMs,
    lastSeenMs: null,
    ...before,
    name,
    state: 'known',
    smbiosGuid: smbiosGuid ?? before?.smbiosGuid ?? null,
    serialNumber: serialNumber ?? before?.serialNumber ?? null,
    macAddresses: [...new Set([...(before?.macAddresses ?? []), ...macAddresses])],
  };
}
