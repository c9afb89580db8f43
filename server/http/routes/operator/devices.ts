import { z } from 'zod';
import type { Device } from '../../../inventory/device.ts';
import { DeviceApproval, DeviceCleared, DeviceView } from '../../api.ts';
import { DeviceNotes, DeviceQuery } from '../../api-devices.ts';
import { readPlace, setNextPage } from '../../paging.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { deviceContext, toDeviceView } from './device-view.ts';
import { findDevice } from './find-device.ts';

const Params = z.object({ id: z.string().max(256) });
const Place = z.object({ nameKey: z.string(), id: z.string() });

/** GET /devices, PUT /devices/:id/notes, POST /devices/:id/approve, /ignore and /clear. `:id` is an id, name, MAC or GUID. */
export const deviceRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get(
    '/api/v1/devices',
    { ...role('operator'), schema: { querystring: DeviceQuery } },
    async (request, reply) => {
      const { search = '', state = null, limit, after } = request.query;
      const { devices, next } = await store.deviceSearch.page({
        search,
        state,
        after: readPlace(after, Place),
        limit,
      });
      setNextPage(request, reply, next);
      const context = await deviceContext(services, devices);
      return z.array(DeviceView).parse(devices.map((device) => toDeviceView(device, context)));
    },
  );

  app.put(
    '/api/v1/devices/:id/notes',
    { ...role('operator'), schema: { params: Params, body: DeviceNotes } },
    async (request) => {
      const device = await findDevice(store, request.params.id);
      const { notes } = request.body;
      const changed = await store.devices.put({ ...device, notes });
      await recordChange(services, request, {
        action: 'device.notes',
        detail: { device: device.id, name: device.name },
        affects: 'view',
      });
      return await show(changed);
    },
  );

  app.post(
    '/api/v1/devices/:id/approve',
    { ...role('operator'), schema: { params: Params, body: DeviceApproval } },
    async (request) => {
      const device = await findDevice(store, request.params.id);
      const { name } = request.body;
      const [changed = device] = await store.approvals.approve([device.id], { name });
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
