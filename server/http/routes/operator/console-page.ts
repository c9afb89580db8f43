import { readFileSync } from 'node:fs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  type BuiltConsole,
  type ConsoleFile,
  openConsole,
} from '../../../console/built-console.ts';
import { pagePaths } from '../../../console/page-paths.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { plainPage } from './plain-page.ts';

/** Of each page: only files of this server, no inline script or style, in no frame. */
export const pageHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};
/** A file that is named by its hash is never another one. */
const FOR_EVER = 'public, max-age=31536000, immutable';

/** What is there without a build: for pages that this server writes itself. */
const staticFiles = [
  { name: 'icon.svg', type: 'image/svg+xml' },
  { name: 'page.css', type: 'text/css; charset=utf-8' },
] as const;

const Params = z.object({ name: z.string().max(200) });

/** GET / and every page of the console, and its files. They hold nothing secret: what they show comes from the API. */
export const consolePageRoutes: RouteFile<OperatorServices> = consolePageRoutesOf(openConsole());

/** The same over a console elsewhere, for tests. */
export function consolePageRoutesOf(built: BuiltConsole): RouteFile<unknown> {
  return (app) => {
    for (const path of pagePaths)
      app.get(path, role('public-console'), async (request, reply) => {
        const index = await built.file('index.html');
        if (index === undefined) return sendNotBuilt(reply);
        return sendFile(request, reply, index);
      });

    for (const { name, type } of staticFiles) {
      const bytes = readFileSync(new URL(`../../../console/static/${name}`, import.meta.url));
      app.get(`/console/${name}`, role('public-console'), async (_request, reply) =>
        reply.headers(pageHeaders).type(type).send(bytes),
      );
    }

    app.get(
      '/console/:name',
      { ...role('public-console'), schema: { params: Params } },
      async (request, reply) => {
        const { name } = request.params;
        const file = name === 'index.html' ? undefined : await built.file(name);
        if (file === undefined)
          throw new HttpError(404, 'console.file', `The console has no file ${name}`, {
            hint: 'Load the page again: another console was built since.',
          });
        return sendFile(request, reply, { ...file, cache: FOR_EVER });
      },
    );
  };
}

function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: ConsoleFile & { readonly cache?: string },
): FastifyReply {
  const { bytes, brotli, type, etag, cache = pageHeaders['cache-control'] } = file;
  reply.headers({ ...pageHeaders, 'cache-control': cache, vary: 'accept-encoding', etag });
  if (request.headers['if-none-match']?.includes(etag) === true) return reply.code(304).send();
  reply.type(type);
  const takesBrotli = /\bbr\b/.test(request.headers['accept-encoding']?.toString() ?? '');
  return takesBrotli && brotli !== undefined
    ? reply.header('content-encoding', 'br').send(brotli)
    : reply.send(bytes);
}

/** Everything else works: the API, machines, the command. */
function sendNotBuilt(reply: FastifyReply): FastifyReply {
  return reply
    .code(503)
    .headers(pageHeaders)
    .type('text/html; charset=utf-8')
    .send(
      plainPage({
        title: 'The console is not built',
        message:
          'This server works, but its console was not built. On the server, in the folder of Metalwright:',
        command: 'npm run build-console',
        hint: 'Then load this page again; the server need not be restarted. The metalwright command does all that the console does.',
      }),
    );
}
