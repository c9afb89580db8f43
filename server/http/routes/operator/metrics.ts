import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

/** GET /metrics, for Prometheus: a token of a person who may read is its credential. */
export const metricsRoutes: RouteFile<OperatorServices> = (app, { metrics }) => {
  app.get('/metrics', role('operator'), async (_request, reply) => {
    const { text, type } = await metrics.read();
    return reply.type(type).header('cache-control', 'no-store').send(text);
  });
};
