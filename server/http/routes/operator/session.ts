import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SESSION_COOKIE } from '../../../trust/operator-access.ts';
import type { Credentials, NewSession } from '../../../trust/people-access.ts';
import { AdminLink } from '../../api.ts';
import { PasswordChange, SessionCreate, SessionView, SignedOut } from '../../api-people.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange, recordSignIn } from './audit.ts';
import { callerOf, readCookie } from './authorize.ts';
import { ID_TOKEN_COOKIE, idTokenCookie, idTokenOf, signOutCookie } from './provider-cookies.ts';

/** To sign out at the provider, questions of its own included. */
const SIGN_OUT_MS = 10 * 60_000;

/**
 * Signing in. The one-time link is `https://<console>/#link=<code>`: what is behind `#` never leaves
 * the browser by itself, so neither logs nor referrers hold it; the page posts it here.
 */
export const sessionRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { access, store } = services;

  app.post(
    '/api/v1/session',
    { ...role('public-console'), schema: { body: SessionCreate } },
    async (request, reply) => {
      const { body } = request;
      if ('name' in body) {
        const { session, personId } = await signIn(body, request, reply);
        return await begun(reply, session, personId);
      }
      const session = await access.redeem(body.link, request.ip);
      if (session === undefined) {
        throw new HttpError(401, 'session.link', 'This link was used already, or it is too old', {
          hint: 'metalwright admin-link, on the server, prints a new one',
        });
      }
      await recordSignIn(services, request, { action: 'session.sign-in', who: session.name });
      return await begun(reply, session, null);
    },
  );

  app.get('/api/v1/session', role('operator'), async (request) => viewOf(callerOf(request)));

  app.delete('/api/v1/session', role('operator'), async (request, reply) => {
    const token = readCookie(request.headers.cookie, SESSION_COOKIE);
    if (token !== undefined) {
      await access.signOut(token);
      await recordSignIn(services, request, {
        action: 'session.sign-out',
        who: callerOf(request).name,
      });
    }
    const gone = [sessionCookie('', 0), idTokenCookie('', 0)];
    const elsewhere = await signOutAtProvider(request);
    const going = elsewhere === null ? [] : [signOutCookie(elsewhere.state, SIGN_OUT_MS)];
    reply.header('set-cookie', [...gone, ...going]);
    return SignedOut.parse({ location: elsewhere?.location ?? null });
  });

  app.put(
    '/api/v1/session/password',
    { ...role('operator'), schema: { body: PasswordChange } },
    async (request, reply) => {
      const { name, personId, by } = callerOf(request);
      if (personId === null || by !== 'session')
        throw new HttpError(403, 'session.person', `${name} is nobody with a password`, {
          hint: 'sign in with name and password first',
        });
      const { current, password } = request.body;
      const { person } = await signIn({ name, password: current }, request, reply);
      await store.people.setPassword(personId, await access.people.hashNew(password, name));
      await recordChange(services, request, {
        action: 'person.password',
        detail: { person: personId, name },
        affects: 'view',
      });
      return await begun(reply, await access.people.begin(person, request.ip), personId);
    },
  );

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

  /** Where the browser goes on to, if the provider has signed it in. Here it is signed out whatever comes of that. */
  async function signOutAtProvider(request: FastifyRequest) {
    const kept = readCookie(request.headers.cookie, ID_TOKEN_COOKIE);
    if (kept === undefined || services.oidc === null) return null;
    try {
      return await services.oidc.signOut(idTokenOf(kept));
    } catch (error) {
      request.log.warn({ err: error }, 'the provider cannot be told of a sign-out');
      return null;
    }
  }

  /** @throws {HttpError} `session.throttled` (429), `session.refused` (401), the same for any name */
  async function signIn(
    given: Pick<Credentials, 'name' | 'password'>,
    request: FastifyRequest,
    reply: FastifyReply,
  ) {
    const { name, password } = given;
    const came = await access.people.signIn({ name, password, address: request.ip });
    switch (came.kind) {
      case 'throttled':
        throw throttled(reply, came.waitMs);
      case 'refused': {
        // A name that nobody has may be a password in the wrong field: it is not kept.
        const who = came.isKnown ? name : 'unknown';
        const detail = { reason: came.reason };
        await recordSignIn(services, request, { action: 'session.refused', who, detail });
        throw new HttpError(401, 'session.refused', 'Name and password do not belong together', {
          hint: 'An administrator sets a new password: metalwright person change <name> --password',
        });
      }
      case 'ok':
        await recordSignIn(services, request, {
          action: 'session.sign-in',
          who: came.person.name,
        });
        return { session: came.session, person: came.person, personId: came.person.id };
    }
  }

  async function begun(reply: FastifyReply, session: NewSession, personId: string | null) {
    // What the provider has begun in this browser before ends with it.
    reply.header('set-cookie', [
      sessionCookie(session.token, session.maxAgeMs),
      idTokenCookie('', 0),
    ]);
    return await viewOf({ ...session, personId });
  }

  async function viewOf(who: Omit<z.input<typeof SessionView>, 'setUp'>) {
    const setUp = (await store.people.list()).length === 0;
    return SessionView.parse({ ...who, setUp });
  }
};

/** The cookie of a session. An empty value with no age takes it away. */
export function sessionCookie(token: string, maxAgeMs: number): string {
  return `${SESSION_COOKIE}=${token}; Path=/; Max-Age=${Math.floor(maxAgeMs / 1000)}; HttpOnly; Secure; SameSite=Strict`;
}

/** What who tries too often is told, with `retry-after` in the answer. */
export function throttled(reply: FastifyReply, waitMs: number): HttpError {
  const seconds = Math.ceil(waitMs / 1000);
  reply.header('retry-after', seconds);
  return new HttpError(429, 'session.throttled', `Too many failed sign-ins: wait ${seconds} s`, {
    hint: 'metalwright admin-link, on the server, signs in without waiting',
  });
}
