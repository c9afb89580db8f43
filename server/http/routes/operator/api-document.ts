import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readVersion } from '../../../version.ts';
import { formatApiDocument } from '../../api-document/document.ts';
import { operations } from '../../api-document/operations.ts';
import { HttpError } from '../../errors.ts';
import { type RouteEntry, role, toRouteEntries } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

const Params = z.object({ code: z.string().max(256) });

/**
 * GET /openapi.json: the API as this server has it, to whoever asks: it is in the sources too. GET
 * /errors/:code: what an error code means and what to do, where `type` of problem details leads. The
 * first of the route files, since it is told only of routes that come after it.
 */
export const apiDocumentRoutes: RouteFile<OperatorServices> = (app) => {
  const routes: RouteEntry[] = [];
  app.addHook('onRoute', (route) => void routes.push(...toRouteEntries(route)));
  let json: string | undefined;

  app.get('/api/v1/openapi.json', role('public-console'), async (_request, reply) => {
    json ??= JSON.stringify(formatApiDocument(routes, operations, readVersion()));
    return reply.type('application/json').send(json);
  });

  const table = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
  const meanings = new Map(
    [...table.matchAll(/^\| `([^`]+)` \| (.+?) \| (.+?) \|$/gm)].map(
      ([, code = '', what = '', todo = '']) => [code, { what, todo }],
    ),
  );
  app.get(
    '/errors/:code',
    { ...role('public-console'), schema: { params: Params } },
    async (request, reply) => {
      const { code } = request.params;
      const meaning = meanings.get(code);
      if (meaning === undefined)
        throw new HttpError(404, 'request.not-found', `There is no error code ${code}`);
      return reply
        .type('text/plain; charset=utf-8')
        .send(`${code}\n\n${meaning.what}.\n\nWhat to do: ${meaning.todo}.\n`);
    },
  );
};
