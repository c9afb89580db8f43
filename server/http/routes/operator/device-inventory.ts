import { z } from 'zod';
import { DeviceInventoryView } from '../../api-devices.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { findDevice } from './find-device.ts';

const Params = z.object({ id: z.string().max(256) });

/** GET /devices/:id/inventory: what a device is, and what it was at its starts. */
export const deviceInventoryRoutes: RouteFile<OperatorServices> = (app, { store }) => {
  app.get(
    '/api/v1/devices/:id/inventory',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const { id } = await findDevice(store, request.params.id);
      const [device, history] = await Promise.all([
        store.deviceInventories.of(id),
        store.deviceInventories.history(id),
      ]);
      return DeviceInventoryView.parse({ device, history });
    },
  );
};
