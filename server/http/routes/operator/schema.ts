import { formatJsonSchema } from '#agent/sequence/json-schema.ts';
import { steps } from '#agent/steps/index.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

/** GET /schema/task-sequence.json: the JSON Schema of documents, for the editor of a console or a tool. */
export const schemaRoutes: RouteFile<OperatorServices> = (app) => {
  const bytes = Buffer.from(formatJsonSchema(steps));
  app.get('/api/v1/schema/task-sequence.json', role('operator'), async (_request, reply) =>
    reply.type('application/schema+json').send(bytes),
  );
};
