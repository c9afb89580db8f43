import { z } from 'zod';
import type { Caller } from '../../../trust/person-role.ts';
import { OpenSessionView, TokenCreate, TokenCreated, TokenView } from '../../api-people.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';
import { callerOf, refuseTokens } from './authorize.ts';

const Params = z.object({ id: z.string().max(256) });
const DAY_MS = 24 * 60 * 60 * 1000;

/** /tokens and /sessions: what people are signed in with. Administrators see and end everybody's. */
export const tokenRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, access, nowMs } = services;

  app.get('/api/v1/tokens', role('operator'), async (request) =>
    z.array(TokenView).parse(await listOf(callerOf(request), 'api')),
  );

  app.get(
    '/api/v1/tokens/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const all = await listOf(callerOf(request), 'api');
      const found = all.find(({ id }) => id === request.params.id);
      if (found === undefined) throw gone('token', request.params.id);
      return TokenView.parse(found);
    },
  );

  app.post(
    '/api/v1/tokens',
    { ...role('operator'), schema: { body: TokenCreate } },
    async (request) => {
      refuseTokens(request);
      const maker = callerOf(request);
      const { name, role: wanted = maker.role, scope, days } = request.body;
      const expiresMs = nowMs() + days * DAY_MS;
      const address = request.ip;
      const wish = { name, role: wanted, scope, expiresMs, address };
      const { id, token } = await access.people.newApiToken(maker, wish);
      await recordChange(services, request, {
        action: 'token.create',
        detail: { token: id, name, role: wanted, scope, expiresMs },
        affects: 'view',
      });
      const made = (await listOf(maker, 'api')).find((one) => one.id === id);
      return TokenCreated.parse({ ...made, token });
    },
  );

  for (const { path, kind, word, action } of [
    { path: 'tokens', kind: 'api', word: 'token', action: 'token.revoke' },
    { path: 'sessions', kind: 'session', word: 'session', action: 'session.end' },
  ] as const)
    app.delete(
      `/api/v1/${path}/:id`,
      { ...role('operator'), schema: { params: Params } },
      async (request, reply) => {
        refuseTokens(request);
        const { id } = request.params;
        const whose = ownerOf(callerOf(request));
        if (!(await store.operators.end({ id, kind, personId: whose }))) throw gone(word, id);
        await recordChange(services, request, {
          action,
          detail: { [word]: id },
          affects: 'view',
        });
        return reply.status(204).send();
      },
    );

  app.get('/api/v1/sessions', role('operator'), async (request) => {
    const caller = callerOf(request);
    const names = new Map((await store.people.list()).map(({ id, name }) => [id, name]));
    const open = await listOf(caller, 'session');
    return z.array(OpenSessionView).parse(
      open.map((one) => ({
        ...one,
        name: names.get(one.personId ?? '') ?? one.name,
        current: one.id === caller.tokenId,
      })),
    );
  });

  async function listOf(caller: Caller, kind: 'api' | 'session') {
    return await store.operators.list({ kind, personId: ownerOf(caller), nowMs: nowMs() });
  }
};

/** Whose are shown: an administrator's are everybody's. */
function ownerOf(caller: Caller): string | undefined {
  return caller.role === 'administrator' ? undefined : (caller.personId ?? '');
}

function gone(word: 'token' | 'session', id: string): HttpError {
  return word === 'token'
    ? new HttpError(404, 'token.not-found', `There is no API token ${id} of yours`)
    : new HttpError(404, 'session.not-found', `There is no session ${id} of yours`);
}
