import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { OidcError } from '../../../oidc/oidc-error.ts';
import { CALLBACK_PATH, SIGNED_OUT_PATH } from '../../../oidc/provider.ts';
import type { OidcSignIn } from '../../../oidc/sign-in.ts';
import type { Person } from '../../../store/people.ts';
import { OidcBegin, OidcBegun, SignInWays } from '../../api-people.ts';
import { HttpError, toAnswer } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordSignIn } from './audit.ts';
import { readCookie } from './authorize.ts';
import { pageHeaders } from './console-page.ts';
import {
  ATTEMPT_COOKIE,
  attemptCookie,
  idTokenCookie,
  SIGN_OUT_COOKIE,
  signOutCookie,
} from './provider-cookies.ts';
import { refusedPage } from './refused-page.ts';
import { sessionCookie, throttled } from './session.ts';

/** What the provider adds to the address; of several states none is ours. */
const SignedOutQuery = z.object({ state: z.string().optional().catch(undefined) });

/**
 * GET /sign-in: the ways there are. POST /sign-in/oidc begins one by the OpenID provider, as JSON, which
 * a form of another site cannot send. The callbacks answer pages: a browser is led there.
 */
export const signInRoutes: RouteFile<OperatorServices> = (app, services) => {
  app.get('/api/v1/sign-in', role('public-console'), async () => {
    const { oidc } = services;
    return SignInWays.parse({ oidc: oidc === null ? null : { label: oidc.label } });
  });

  app.post(
    '/api/v1/sign-in/oidc',
    { ...role('public-console'), schema: { body: OidcBegin } },
    async (request, reply) => {
      const begun = await providerOf(services).begin({ ...request.body, address: request.ip });
      if (begun.kind === 'throttled') throw throttled(reply, begun.waitMs);
      reply.header('set-cookie', attemptCookie(begun.secret, begun.maxAgeMs));
      return OidcBegun.parse({ location: begun.location });
    },
  );

  app.get(CALLBACK_PATH, role('public-console'), async (request, reply) => {
    reply.headers(pageHeaders).header('cache-control', 'no-store');
    if (services.oidc === null) throw providerOff();
    try {
      const came = await services.oidc.finish({
        search: new URL(request.url, 'https://console.invalid').search,
        secret: readCookie(request.headers.cookie, ATTEMPT_COOKIE),
        address: request.ip,
      });
      if (came.kind === 'throttled') throw throttled(reply, came.waitMs);
      const { session, person, before, returnTo } = came;
      await recordSignIn(services, request, {
        action: 'session.sign-in',
        who: person.name,
        detail: { by: 'oidc', issuer: person.issuer, subject: person.subject, ...changed(came) },
      });
      if (before === null || before.role !== person.role) services.changes.changed('view');
      reply.header('set-cookie', [
        sessionCookie(session.token, session.maxAgeMs),
        idTokenCookie(came.idToken, session.maxAgeMs),
        attemptCookie('', 0),
      ]);
      return await reply.redirect(returnTo, 303);
    } catch (error) {
      return await refuse(request, reply, error);
    }
  });

  app.get(SIGNED_OUT_PATH, role('public-console'), async (request, reply) => {
    const { state } = SignedOutQuery.parse(request.query);
    const isOurs =
      state !== undefined && readCookie(request.headers.cookie, SIGN_OUT_COOKIE) === state;
    reply.header('set-cookie', signOutCookie('', 0)).header('cache-control', 'no-store');
    return await reply.redirect(isOurs ? '/#signed-out' : '/', 303);
  });

  /** A page that says why; what was not throttled is in the audit log, with whom the provider has told. */
  async function refuse(request: FastifyRequest, reply: FastifyReply, error: unknown) {
    const { status, body } = toAnswer(error);
    if (status >= 500) request.log.error({ err: error, code: body.code }, 'sign-in failed');
    if (status !== 429) {
      const told = error instanceof OidcError ? error.told : undefined;
      await recordSignIn(services, request, {
        action: 'session.refused',
        who: 'unknown',
        detail: { by: 'oidc', reason: body.code, issuer: services.oidc?.issuer, ...told },
      });
    }
    return await reply
      .header('set-cookie', attemptCookie('', 0))
      .status(status)
      .type('text/html; charset=utf-8')
      .send(refusedPage(body));
  }
};

/** @throws {HttpError} `oidc.off` */
function providerOf({ oidc }: OperatorServices): OidcSignIn {
  if (oidc !== null) return oidc;
  throw providerOff();
}

/** What is told where the settings name no provider. */
export function providerOff(): HttpError {
  return new HttpError(404, 'oidc.off', 'This site has no OpenID provider', {
    hint: 'oidc.issuer in the settings names one; sign in with name and password meanwhile',
  });
}

/** What the provider's word has changed: an account that was made, or another role. */
function changed({ before, person }: { readonly before: Person | null; readonly person: Person }) {
  if (before === null) return { made: true, role: person.role };
  return before.role === person.role
    ? { role: person.role }
    : { before: { role: before.role }, after: { role: person.role } };
}
