import { z } from 'zod';
import { SESSION_COOKIE } from '../../../trust/operator-access.ts';
import { AdminLink, SessionCreate, SessionView } from '../../api.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { callerOf, readCookie } from './authorize.ts';

/**
 * Signing in. The one-time link is `https://<console>/#link=<code>`: what is behind `#` never leaves
 * the browser by itself, so neither logs nor referrers hold it; the page posts it here.
 */
export const sessionRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { access } = services;

  app.post(
    '/api/v1/session',
    { ...role('public-console'), schema: { body: SessionCreate } },
    async (request, reply) => {
      const session = await access.redeem(request.body.link, request.ip);
      if (session === undefined) {
        throw new HttpError(401, 'session.link', 'This link was used already, or it is too old', {
          hint: 'metalwright admin-link, on the server, prints a new one',
        });
      }
      const maxAge = Math.floor(session.maxAgeMs / 1000);
      reply.header('set-cookie', formatCookie(session.token, maxAge));
      return SessionView.parse({ name: session.name, role: 'administrator' });
    },
  );

  app.get('/api/v1/session', role('operator'), async (request) =>
    SessionView.parse(callerOf(request)),
  );

  app.delete('/api/v1/session', role('operator'), async (request, reply) => {
    const token = readCookie(request.headers.cookie, SESSION_COOKIE);
    if (token !== undefined) await access.signOut(token);
    reply.header('set-cookie', formatCookie('', 0));
    return reply.status(204).send();
  });

  app.post(
    '/api/v1/admin-links',
    { ...role('operator'), schema: { body: z.strictObject({}).optional() } },
    async (request) => {
      const link = AdminLink.parse({ path: `/#link=${await access.newLinkToken()}` });
      await recordChange(services, request, {
        action: 'session.link',
        detail: {},
        affects: 'view',
      });
      return link;
    },
  );
};

function formatCookie(value: string, maxAgeSeconds: number): string {
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; Secure; SameSite=Strict`;
}
