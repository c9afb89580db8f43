import { z } from 'zod';
import { CollectionMembers, CollectionView } from '../../api.ts';
import {
  CollectionChange,
  CollectionCopy,
  CollectionCreate,
  CollectionDelete,
  CollectionDeleted,
  RuleChange,
} from '../../api-collections.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { collectionDetail, collectionViews } from './collection-view.ts';
import { findCollection, findRuleNames, findRules } from './rule-wishes.ts';

const Params = z.object({ id: z.string().max(256) });

/**
 * GET and POST /collections; GET, PUT and DELETE /collections/:id; POST /collections/:id/copy, /rules and
 * /members. `:id` is an id or a name. Members: collection-members.ts.
 */
export const collectionRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get('/api/v1/collections', role('operator'), async () =>
    z.array(CollectionView).parse(await collectionViews(store, await store.collections.list())),
  );

  app.post(
    '/api/v1/collections',
    { ...role('operator'), schema: { body: CollectionCreate } },
    async (request) => {
      const { name, limitingCollection, kind, rules } = request.body;
      if (limitingCollection !== undefined) await findCollection(store, limitingCollection);
      const made = await store.collections.create(
        { name, limitingCollection, kind, ...(await findRules(store, rules)) },
        nowMs(),
      );
      await recordChange(services, request, {
        action: 'collection.create',
        detail: { collection: made.id, name: made.name, rules },
        affects: 'boot',
      });
      return await collectionDetail(store, made);
    },
  );

  app.get(
    '/api/v1/collections/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => collectionDetail(store, await findCollection(store, request.params.id)),
  );

  app.put(
    '/api/v1/collections/:id',
    { ...role('operator'), schema: { params: Params, body: CollectionChange } },
    async (request) => {
      const collection = await findCollection(store, request.params.id);
      const { limitingCollection } = request.body;
      if (limitingCollection !== undefined) await findCollection(store, limitingCollection);
      await store.collections.change(collection, request.body, nowMs());
      await recordChange(services, request, {
        action: 'collection.change',
        detail: { collection: collection.id, name: collection.name, change: request.body },
        affects: 'boot',
      });
      return await collectionDetail(store, await findCollection(store, collection.id));
    },
  );

  app.delete(
    '/api/v1/collections/:id',
    { ...role('operator'), schema: { params: Params, querystring: CollectionDelete } },
    async (request) => {
      const collection = await findCollection(store, request.params.id);
      const { force } = request.query;
      const { withdrawn } = await store.collections.remove(collection, { force, nowMs: nowMs() });
      await recordChange(services, request, {
        action: 'collection.delete',
        detail: { collection: collection.id, name: collection.name, withdrawn },
        affects: 'boot',
      });
      return CollectionDeleted.parse({ id: collection.id, withdrawn });
    },
  );

  app.post(
    '/api/v1/collections/:id/copy',
    { ...role('operator'), schema: { params: Params, body: CollectionCopy } },
    async (request) => {
      const original = await findCollection(store, request.params.id);
      const made = await store.collections.copy(original, request.body.name, nowMs());
      await recordChange(services, request, {
        action: 'collection.copy',
        detail: { collection: made.id, name: made.name, original: original.id },
        affects: 'boot',
      });
      return await collectionDetail(store, made);
    },
  );

  app.post(
    '/api/v1/collections/:id/rules',
    { ...role('operator'), schema: { params: Params, body: RuleChange } },
    async (request) => {
      const collection = await findCollection(store, request.params.id);
      const { add, remove } = request.body;
      await store.collectionRules.change(
        collection,
        { add: await findRules(store, add), remove: await findRuleNames(store, remove) },
        nowMs(),
      );
      await recordChange(services, request, {
        action: 'collection.rules',
        detail: { collection: collection.id, name: collection.name, add, remove },
        affects: 'boot',
      });
      return await collectionDetail(store, collection);
    },
  );

  app.post(
    '/api/v1/collections/:id/members',
    { ...role('operator'), schema: { params: Params, body: CollectionMembers } },
    async (request) => {
      const collection = await findCollection(store, request.params.id);
      const { add, remove } = request.body;
      await store.collections.changeMembers(collection.id, { add, remove });
      await recordChange(services, request, {
        action: 'collection.members',
        detail: { collection: collection.id, name: collection.name, add, remove },
        affects: 'boot',
      });
      return await collectionDetail(store, collection);
    },
  );
};
