import { z } from 'zod';
import type { Collection } from '../../../inventory/collection.ts';
import {
  type MaintenanceWindow,
  WindowId,
  WindowSettings,
} from '../../../inventory/maintenance-window/window.ts';
import { formatRecurrence } from '../../../inventory/schedule/recurrence.ts';
import { DeviceWindowsView, WindowChange, WindowCreate, WindowView } from '../../api-windows.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { notFound } from './not-found.ts';

const Params = z.object({ id: z.string().max(256) });
const Query = z.object({ collection: z.string().max(256).optional() });

/** GET and POST /maintenance-windows, GET, PUT and DELETE of one, GET /devices/:id/maintenance-windows. */
export const maintenanceWindowRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get(
    '/api/v1/maintenance-windows',
    { ...role('operator'), schema: { querystring: Query } },
    async (request) => {
      const { collection: wanted } = request.query;
      const only = wanted === undefined ? undefined : (await findCollection(wanted)).id;
      const listed = await store.windows.listWithOpenings(nowMs(), only);
      const names = await collectionNames();
      return z
        .array(WindowView)
        .parse(listed.map(({ window, next }) => ({ ...toView(window, names), next })));
    },
  );

  app.post(
    '/api/v1/maintenance-windows',
    { ...role('operator'), schema: { body: WindowCreate } },
    async (request) => {
      const { collection: wanted, ...wish } = request.body;
      const collection = await findCollection(wanted);
      const made = await store.windows.create(collection.id, WindowSettings.parse(wish), nowMs());
      await recordChange(services, request, {
        action: 'window.create',
        detail: { window: made.id, collection: collection.id, ...wish },
        affects: 'boot',
      });
      return await show(made.id);
    },
  );

  app.get(
    '/api/v1/maintenance-windows/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => await show(request.params.id),
  );

  app.put(
    '/api/v1/maintenance-windows/:id',
    { ...role('operator'), schema: { params: Params, body: WindowChange } },
    async (request) => {
      const { id, collectionId, ...before } = await find(request.params.id);
      const given = Object.entries(request.body).filter(([, value]) => value !== undefined);
      await store.windows.change(
        id,
        WindowSettings.parse({ ...before, ...Object.fromEntries(given) }),
      );
      await recordChange(services, request, {
        action: 'window.change',
        detail: { window: id, collection: collectionId, ...request.body },
        affects: 'boot',
      });
      return await show(id);
    },
  );

  app.delete(
    '/api/v1/maintenance-windows/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const { id, collectionId, name } = await find(request.params.id);
      await store.windows.remove(id);
      await recordChange(services, request, {
        action: 'window.remove',
        detail: { window: id, collection: collectionId, name },
        affects: 'boot',
      });
      return reply.status(204).send();
    },
  );

  app.get(
    '/api/v1/devices/:id/maintenance-windows',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const device = await store.devices.find(request.params.id);
      if (device === null) {
        const names = (await store.devices.list()).map(({ name }) => name);
        throw notFound(request.params.id, { what: 'device', code: 'device', names });
      }
      const { windows, next } = await store.windows.ofDevice(device.id, nowMs());
      const names = await collectionNames();
      return DeviceWindowsView.parse({ windows: windows.map((one) => toView(one, names)), next });
    },
  );

  async function find(id: string): Promise<MaintenanceWindow> {
    const found = await store.windows.get(WindowId.safeParse(id).data ?? '');
    if (found !== null) return found;
    const names = (await store.windows.list()).map((window) => window.id);
    throw notFound(id, { what: 'maintenance window', code: 'window', names });
  }

  async function show(id: string): Promise<WindowView> {
    const { id: known, collectionId } = await find(id);
    const listed = await store.windows.listWithOpenings(nowMs(), collectionId);
    const names = await collectionNames();
    const [view] = listed
      .filter(({ window }) => window.id === known)
      .map(({ window, next }) => ({ ...toView(window, names), next }));
    return WindowView.parse(view);
  }

  async function findCollection(wanted: string): Promise<Collection> {
    const collection = await store.collections.find(wanted);
    if (collection !== null) return collection;
    const names = (await store.collections.list()).map(({ name }) => name);
    throw notFound(wanted, { what: 'collection', code: 'collection', names });
  }

  async function collectionNames(): Promise<ReadonlyMap<string, string>> {
    return new Map((await store.collections.list()).map(({ id, name }) => [id, name]));
  }
};

function toView(
  { collectionId, ...window }: MaintenanceWindow,
  names: ReadonlyMap<string, string>,
) {
  return {
    ...window,
    collection: { id: collectionId, name: names.get(collectionId) ?? collectionId },
    rule: formatRecurrence(window.recurrence),
  };
}
