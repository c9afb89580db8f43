import { z } from 'zod';
import { MacAddress } from '#agent/protocol/identity.ts';
import { Retention, Silence } from '../../../inventory/history.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

const Query = z.strictObject({
  mac: MacAddress.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

/** GET and PUT /retention; GET /silences. */
export const retentionRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store } = services;

  app.get('/api/v1/retention', role('operator'), async () =>
    Retention.parse(await store.retention.get()),
  );

  app.put(
    '/api/v1/retention',
    { ...role('operator'), schema: { body: Retention } },
    async (request) => {
      const detail = await store.retention.set(request.body);
      await recordChange(services, request, { action: 'retention.set', detail, affects: 'view' });
      return Retention.parse(detail);
    },
  );

  app.get(
    '/api/v1/silences',
    { ...role('operator'), schema: { querystring: Query } },
    async (request) => z.array(Silence).parse(await store.silences.list(request.query)),
  );
};
