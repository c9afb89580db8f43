import { z } from 'zod';
import { ALL_SYSTEMS } from '../../../inventory/collection.ts';
import { queryFields } from '../../../inventory/query/fields.ts';
import { CollectionView } from '../../api.ts';
import {
  MembersPage,
  MembersQuery,
  PreviewView,
  PreviewWish,
  QueryFieldView,
} from '../../api-collections.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { closedSignal } from './closed-signal.ts';
import { collectionViews } from './collection-view.ts';
import { findCollection, findRules } from './rule-wishes.ts';

const Params = z.object({ id: z.string().max(256) });

/**
 * GET /collections/:id/members; POST /collections/:id/update and /collections/update (*Update
 * Membership*); POST /collections/preview; GET /query/fields.
 */
export const collectionMemberRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get(
    '/api/v1/collections/:id/members',
    { ...role('operator'), schema: { params: Params, querystring: MembersQuery } },
    async (request) => {
      const { id } = await findCollection(store, request.params.id);
      const { limit, after } = request.query;
      const members = await store.memberships.members(id, { after, limit });
      const next = members.length < limit ? null : (members.at(-1)?.id ?? null);
      return MembersPage.parse({ members, next });
    },
  );

  app.post(
    '/api/v1/collections/:id/update',
    { ...role('operator'), schema: { params: Params, body: z.strictObject({}) } },
    async (request) => {
      const collection = await findCollection(store, request.params.id);
      await store.memberships.request([collection.id], nowMs());
      await recordChange(services, request, {
        action: 'collection.update',
        detail: { collection: collection.id, name: collection.name },
        affects: 'boot',
      });
      const [view] = await collectionViews(store, [collection]);
      return CollectionView.parse(view);
    },
  );

  app.post(
    '/api/v1/collections/update',
    { ...role('operator'), schema: { body: z.strictObject({}) } },
    async (request) => {
      await store.memberships.request(null, nowMs());
      await recordChange(services, request, {
        action: 'collection.update',
        detail: { collection: 'all' },
        affects: 'boot',
      });
      return await collectionViews(store, await store.collections.list());
    },
  );

  app.post(
    '/api/v1/collections/preview',
    { ...role('operator'), schema: { body: PreviewWish } },
    async (request, reply) => {
      const { limitingCollection, rules, limit } = request.body;
      const limiting =
        limitingCollection === undefined
          ? ALL_SYSTEMS
          : (await findCollection(store, limitingCollection)).id;
      const found = await findRules(store, rules);
      const wish = { limitingCollection: limiting, ...found };
      const signal = closedSignal(reply);
      const members: PreviewView['members'] = [];
      let memberCount = 0;
      for (let after: string | null = ''; after !== null && !signal.aborted; ) {
        const slice = await store.previews.slice(wish, { after, nowMs: nowMs() });
        members.push(...slice.members.slice(0, limit - members.length));
        memberCount += slice.members.length;
        after = slice.after;
      }
      return PreviewView.parse({ memberCount, members });
    },
  );

  app.get('/api/v1/query/fields', role('operator'), async () =>
    z.array(QueryFieldView).parse(queryFields),
  );
};
