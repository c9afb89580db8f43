import { z } from 'zod';
import { AuditView } from '../../api.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

const Query = z.strictObject({ limit: z.coerce.number().int().min(1).max(1000).default(200) });

/** GET /audit: who changed what, the newest first. */
export const auditRoutes: RouteFile<OperatorServices> = (app, { store }) => {
  app.get(
    '/api/v1/audit',
    { ...role('operator'), schema: { querystring: Query } },
    async (request) => z.array(AuditView).parse(await store.audit.list(request.query.limit)),
  );
};
