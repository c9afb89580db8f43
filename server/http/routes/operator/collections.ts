import { z } from 'zod';
import { type Collection, collectionsOf } from '../../../inventory/collection.ts';
import { CollectionCreate, CollectionMembers, CollectionView } from '../../api.ts';
import { CollectionChange } from '../../api-variables.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { notFound } from './not-found.ts';

const Params = z.object({ id: z.string().max(256) });

/** GET and POST /collections, PUT /collections/:id, POST /collections/:id/members. `:id` is an id or a name. */
export const collectionRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get('/api/v1/collections', role('operator'), async () =>
    z.array(CollectionView).parse(await views(await store.collections.list())),
  );

  app.post(
    '/api/v1/collections',
    { ...role('operator'), schema: { body: CollectionCreate } },
    async (request) => {
      const { name, limitingCollection } = request.body;
      if (limitingCollection !== undefined) await find(limitingCollection);
      const made = await store.collections.create(
        { name: name.trim(), ...(limitingCollection === undefined ? {} : { limitingCollection }) },
        nowMs(),
      );
      await recordChange(services, request, {
        action: 'collection.create',
        detail: { collection: made.id, name: made.name },
        affects: 'view',
      });
      return await show(made);
    },
  );

  app.put(
    '/api/v1/collections/:id',
    { ...role('operator'), schema: { params: Params, body: CollectionChange } },
    async (request) => {
      const collection = await find(request.params.id);
      const { precedence } = request.body;
      await store.collections.setPrecedence(collection.id, precedence);
      await recordChange(services, request, {
        action: 'collection.precedence',
        detail: { collection: collection.id, name: collection.name, precedence },
        affects: 'view',
      });
      return await show({ ...collection, precedence });
    },
  );

  app.post(
    '/api/v1/collections/:id/members',
    { ...role('operator'), schema: { params: Params, body: CollectionMembers } },
    async (request) => {
      const collection = await find(request.params.id);
      const { add, remove } = request.body;
      await store.collections.changeMembers(collection.id, { add, remove });
      await recordChange(services, request, {
        action: 'collection.members',
        detail: { collection: collection.id, name: collection.name, add, remove },
        affects: 'boot',
      });
      return await show(collection);
    },
  );

  async function find(wanted: string): Promise<Collection> {
    const collection = await store.collections.find(wanted);
    if (collection !== null) return collection;
    const names = (await store.collections.list()).map(({ name }) => name);
    throw notFound(wanted, { what: 'collection', code: 'collection', names });
  }

  async function show(collection: Collection): Promise<CollectionView> {
    const [view] = await views([collection]);
    return CollectionView.parse(view);
  }

  /** Members are those that the rules lead to, not the rules: a limiting collection can keep some out. */
  async function views(wanted: readonly Collection[]): Promise<CollectionView[]> {
    const [devices, collections, rules] = await Promise.all([
      store.devices.list(),
      store.collections.list(),
      store.collections.rules(),
    ]);
    const memberships = devices.map((device) => ({
      id: device.id,
      memberOf: collectionsOf(device, collections, rules),
    }));
    return await Promise.all(
      wanted.map(async (collection) => ({
        ...collection,
        members: memberships
          .filter(({ memberOf }) => memberOf.has(collection.id))
          .map(({ id }) => id),
        variables: await store.variables.list({ kind: 'collection', id: collection.id }),
      })),
    );
  }
};
