import { z } from 'zod';
import { AuditView } from '../../api.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

const Time = z.coerce.number().int().nonnegative().optional();
const Query = z.strictObject({
  who: z.string().max(200).optional(),
  action: z
    .string()
    .max(100)
    .regex(/^[a-z-]+(\.[a-z-]+)*$/, 'an action, or the first word of some: device')
    .optional(),
  from: Time,
  to: Time,
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  after: z.string().max(100).optional(),
});

/**
 * GET /audit?who=&action=&from=&to=&limit=&after=: who changed what, the newest first. `after` is the id of
 * the last entry of the page before.
 */
export const auditRoutes: RouteFile<OperatorServices> = (app, { store }) => {
  app.get(
    '/api/v1/audit',
    { ...role('operator'), schema: { querystring: Query } },
    async (request) => {
      const { limit, from, to, ...filter } = request.query;
      const found = await store.audit.list(limit, { ...filter, fromMs: from, toMs: to });
      return z.array(AuditView).parse(found);
    },
  );
};
