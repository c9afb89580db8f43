import { formatJsonSchema } from '#agent/sequence/json-schema.ts';
import { steps } from '#agent/steps/index.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

/** GET /schema/task-sequence.json: the JSON Schema of documents, for the editor of a console or a tool. */
export const schemaRoutes: RouteFile<OperatorServices> = (app) => {
  // Made when it is asked for: it takes longer than all other routes together, at each start.
  let bytes: Buffer | undefined;
  app.get('/api/v1/schema/task-sequence.json', role('operator'), async (_request, reply) => {
    bytes ??= Buffer.from(formatJsonSchema(steps));
    return reply.type('application/schema+json').send(bytes);
  });
};
