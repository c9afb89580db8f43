import { z } from 'zod';
import { allowedPoints, type BoundaryGroup } from '../../../inventory/content-sources.ts';
import {
  BoundaryGroupChange,
  BoundaryGroupCreate,
  BoundaryGroupView,
  LocatedPoints,
  LocateQuery,
} from '../../api-content.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { findGroup, findPoint } from './content-lookup.ts';

const Params = z.object({ id: z.string().max(256) });

/**
 * GET and POST /boundary-groups, PUT and DELETE /boundary-groups/:id; GET /boundary-groups/locate, which
 * distribution points an address gets. `:id` is an id or a name.
 */
export const boundaryGroupRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store } = services;

  app.get('/api/v1/boundary-groups', role('operator'), async () =>
    z.array(BoundaryGroupView).parse(await views()),
  );

  app.get(
    '/api/v1/boundary-groups/locate',
    { ...role('operator'), schema: { querystring: LocateQuery } },
    async (request) => {
      const { address = request.ip, neighbors, siteDefault } = request.query;
      const fallback = { neighbors: neighbors === 'true', siteDefault: siteDefault === 'true' };
      const [groups, points, accounts] = await Promise.all([
        store.boundaryGroups.list(),
        store.distributionPoints.list(),
        store.siteAccounts.list(),
      ]);
      const hasNetworkAccess = accounts.some(({ kind }) => kind === 'network-access');
      return LocatedPoints.parse({
        ...allowedPoints({ address, groups, points, fallback, hasNetworkAccess }),
        fallback,
      });
    },
  );

  app.post(
    '/api/v1/boundary-groups',
    { ...role('operator'), schema: { body: BoundaryGroupCreate } },
    async (request) => {
      const wish = { ...(await resolved(request.body)), name: request.body.name };
      const made = await store.boundaryGroups.create(wish);
      await recordChange(services, request, {
        action: 'boundary-group.create',
        detail: { boundaryGroup: made.id, change: wish },
        affects: 'view',
      });
      return await show(made);
    },
  );

  app.put(
    '/api/v1/boundary-groups/:id',
    { ...role('operator'), schema: { params: Params, body: BoundaryGroupChange } },
    async (request) => {
      const { id } = await findGroup(store, request.params.id);
      const wish = await resolved(request.body);
      const changed = await store.boundaryGroups.change(id, wish);
      await recordChange(services, request, {
        action: 'boundary-group.change',
        detail: { boundaryGroup: id, name: changed.name, change: wish },
        affects: 'view',
      });
      return await show(changed);
    },
  );

  app.delete(
    '/api/v1/boundary-groups/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const { id, name } = await findGroup(store, request.params.id);
      await store.boundaryGroups.remove(id);
      await recordChange(services, request, {
        action: 'boundary-group.remove',
        detail: { boundaryGroup: id, name },
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  /** Names as ids. */
  async function resolved(wish: z.output<typeof BoundaryGroupChange>) {
    const { points, neighbors, ...rest } = wish;
    return {
      ...rest,
      ...(points === undefined
        ? {}
        : {
            points: (await Promise.all(points.map((one) => findPoint(store, one)))).map(
              ({ id }) => id,
            ),
          }),
      ...(neighbors === undefined
        ? {}
        : {
            neighbors: await Promise.all(
              neighbors.map(async ({ group, allowed }) => ({
                group: (await findGroup(store, group)).id,
                allowed,
              })),
            ),
          }),
    };
  }

  async function show({ id }: BoundaryGroup): Promise<BoundaryGroupView> {
    return BoundaryGroupView.parse((await views()).find((one) => one.id === id));
  }

  async function views(): Promise<z.input<typeof BoundaryGroupView>[]> {
    const [groups, points] = await Promise.all([
      store.boundaryGroups.list(),
      store.distributionPoints.list(),
    ]);
    const names = new Map(groups.map(({ id, name }) => [id, name]));
    return groups.map((group) => ({
      ...group,
      boundaries: [...group.boundaries],
      points: points.filter(({ id }) => group.points.includes(id)),
      neighbors: group.neighbors.map(({ group: id, allowed }) => ({
        id,
        name: names.get(id) ?? id,
        allowed,
      })),
    }));
  }
};
