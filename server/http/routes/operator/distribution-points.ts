import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { type DistributionPoint, isShare } from '../../../inventory/content-sources.ts';
import {
  ContentVersions,
  DistributedPackages,
  DistributionPointChange,
  DistributionPointCreate,
  DistributionPointDetail,
  DistributionPointView,
} from '../../api-content.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { findGroup, findPoint } from './content-lookup.ts';

const Params = z.object({ id: z.string().max(256) });
/** 100,000 packages, each with a detail. */
const PACKAGES_LIMIT = 16 * 1024 * 1024;

/**
 * GET and POST /distribution-points; GET, PUT and DELETE /distribution-points/:id, and PUT of its packages.
 * GET /packages/versions, what a distribution point is to have. `:id` is an id or a name.
 */
export const distributionPointRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;

  app.get('/api/v1/distribution-points', role('operator'), async () =>
    z.array(DistributionPointView).parse(await views()),
  );

  app.post(
    '/api/v1/distribution-points',
    { ...role('operator'), schema: { body: DistributionPointCreate } },
    async (request) => {
      const { name, url, ca, groups: wanted } = request.body;
      refuseCaOfShare(url, ca);
      const groups = await Promise.all(wanted.map((group) => findGroup(store, group)));
      const made = await store.distributionPoints.create({ name, url, ca }, nowMs());
      for (const group of groups)
        await store.boundaryGroups.change(group.id, { points: [...group.points, made.id] });
      await recordChange(services, request, {
        action: 'distribution-point.create',
        detail: { distributionPoint: made.id, name, url, groups: groups.map(({ id }) => id) },
        affects: 'view',
      });
      return await detail(made);
    },
  );

  app.get(
    '/api/v1/distribution-points/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => await detail(await findPoint(store, request.params.id)),
  );

  app.put(
    '/api/v1/distribution-points/:id',
    { ...role('operator'), schema: { params: Params, body: DistributionPointChange } },
    async (request) => {
      const before = await findPoint(store, request.params.id);
      const { clearFaults, ...wish } = request.body;
      refuseCaOfShare(wish.url ?? before.url, wish.ca);
      const point = await store.distributionPoints.change(before.id, wish);
      if (clearFaults === true) await store.pointFaults.clear(point.id);
      await recordChange(services, request, {
        action: 'distribution-point.change',
        detail: { distributionPoint: point.id, name: point.name, change: request.body },
        affects: 'view',
      });
      return await detail(point);
    },
  );

  app.delete(
    '/api/v1/distribution-points/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const { id, name } = await findPoint(store, request.params.id);
      await store.distributionPoints.remove(id);
      await recordChange(services, request, {
        action: 'distribution-point.remove',
        detail: { distributionPoint: id, name },
        affects: 'view',
      });
      return reply.status(204).send();
    },
  );

  app.put(
    '/api/v1/distribution-points/:id/packages',
    {
      ...role('operator'),
      schema: { params: Params, body: DistributedPackages },
      bodyLimit: PACKAGES_LIMIT,
    },
    async (request) => {
      const point = await findPoint(store, request.params.id);
      const { packages, only } = request.body;
      await store.pointPackages.note(point.id, packages, { only, nowMs: nowMs() });
      const damaged = packages.filter(({ state }) => state === 'damaged');
      await recordChange(services, request, {
        action: 'distribution-point.packages',
        detail: {
          distributionPoint: point.id,
          name: point.name,
          packages: packages.length,
          damaged: damaged.map(({ packageId, version }) => `${packageId}.${version}`).slice(0, 50),
        },
        affects: 'view',
      });
      return await detail(point);
    },
  );

  app.get('/api/v1/packages/versions', role('operator'), async () =>
    ContentVersions.parse(await store.contentUse.versions()),
  );

  function refuseCaOfShare(url: string | null, ca: string | null | undefined): void {
    if (!isShare({ url }) || ca === undefined || ca === null) return;
    throw new HttpError(400, 'distribution-point.share', 'A share has no certificate of a CA', {
      hint: 'Leave the CA out; who may read there is told by a network access account.',
    });
  }

  async function views(): Promise<z.input<typeof DistributionPointView>[]> {
    const [points, groups, held, faults, index] = await Promise.all([
      store.distributionPoints.list(),
      store.boundaryGroups.list(),
      store.pointPackages.list(),
      store.pointFaults.counts(),
      store.packages.newestVersions(),
    ]);
    const newest = new Map(index.map(({ id, version }) => [id, version]));
    const total = index.length;
    return points.map((point) => {
      const here = held.filter((one) => one.point === point.id);
      const current = here.filter(({ packageId, version }) => newest.get(packageId) === version);
      return {
        ...point,
        groups: groups
          .filter(({ points: members }) => members.includes(point.id))
          .map(({ id, name }) => ({ id, name })),
        current: point.url === null ? total : current.length,
        total,
        damaged: here.filter(({ state }) => state === 'damaged').length,
        faults: faults.find((one) => one.point === point.id)?.count ?? 0,
      };
    });
  }

  async function detail({ id }: DistributionPoint): Promise<DistributionPointDetail> {
    const [all, held, reported, index] = await Promise.all([
      views(),
      store.pointPackages.list(id),
      store.pointFaults.list(id),
      store.packages.newestVersions(),
    ]);
    const known = new Map(index.map((one) => [one.id, one]));
    return DistributionPointDetail.parse({
      ...all.find((one) => one.id === id),
      packages: held.map(({ point: _point, ...one }) => {
        const {
          name = '',
          kind = '',
          version = 0,
        } = known.get(PackageId.parse(one.packageId)) ?? {};
        return { ...one, name, kind, newest: version };
      }),
      reported,
    });
  }
};
