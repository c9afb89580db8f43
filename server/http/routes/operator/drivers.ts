import { z } from 'zod';
import { DriverFacts } from '#agent/drivers/driver-facts.ts';
import { PackageId } from '#agent/protocol/identity.ts';
import { readDriverCatalog } from '../../../content/read-driver-catalog.ts';
import {
  DriverCoverageQuery,
  DriverCoverageView,
  DriverDetail,
  DriverFindQuery,
  DriverGapView,
  DriverListQuery,
  DriverPackageView,
  DriverShowQuery,
  DriverView,
  RankedDriverView,
} from '../../api-drivers.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

const PackageParams = z.object({ id: z.string().max(300) });

/** The catalogue of drivers: GET /driver-packages, /drivers, /drivers/:id, /drivers/find, /missing and /coverage. */
export const driverRoutes: RouteFile<OperatorServices> = (app, { store, content }) => {
  const upToDate = () => readDriverCatalog({ store, content });

  app.get('/api/v1/driver-packages', role('operator'), async () => {
    await upToDate();
    return z.array(DriverPackageView).parse(await store.driverCatalog.packages());
  });

  app.get(
    '/api/v1/drivers',
    { ...role('operator'), schema: { querystring: DriverListQuery } },
    async (request) => {
      await upToDate();
      const wanted = request.query.package ?? null;
      return z.array(DriverView).parse(await store.driverCatalog.drivers(wanted));
    },
  );

  app.get(
    '/api/v1/drivers/find',
    { ...role('operator'), schema: { querystring: DriverFindQuery } },
    async (request) => {
      await upToDate();
      const { id, architecture, windows: version, productType } = request.query;
      const os = { architecture, version, productType };
      return z.array(RankedDriverView).parse(await store.driverGaps.find(id, os));
    },
  );

  app.get('/api/v1/drivers/missing', role('operator'), async () => {
    await upToDate();
    return z.array(DriverGapView).parse(await store.driverGaps.missing());
  });

  app.get(
    '/api/v1/drivers/coverage',
    { ...role('operator'), schema: { querystring: DriverCoverageQuery } },
    async (request) => {
      await upToDate();
      return DriverCoverageView.parse(await store.driverGaps.coverage(request.query.model));
    },
  );

  app.get(
    '/api/v1/drivers/:id',
    { ...role('operator'), schema: { params: PackageParams, querystring: DriverShowQuery } },
    async (request) => {
      await upToDate();
      const { inf } = request.query;
      const { id } = request.params;
      const packageId = PackageId.safeParse(id).data;
      const facts =
        packageId === undefined ? null : await store.driverCatalog.facts(packageId, inf);
      if (facts === null)
        throw new HttpError(
          404,
          'driver.not-found',
          `Driver package ${id} has no driver ${JSON.stringify(inf)}`,
          { hint: 'metalwright driver list --package <package> lists its drivers.' },
        );
      return DriverDetail.parse({ facts: DriverFacts.parse(JSON.parse(facts)) });
    },
  );
};
