import type { FastifyRequest } from 'fastify';
import { type OperatorAccess, SESSION_COOKIE } from '../../../trust/operator-access.ts';
import type { Caller } from '../../../trust/person-role.ts';
import { type AccessMatrix, readingPosts, rolesOf } from '../../access-matrix.ts';
import { HttpError } from '../../errors.ts';
import type { Authorize } from '../../role.ts';

/**
 * Header that the console's page sends with each call. A page of another site cannot send it without
 * being asked for by a CORS preflight, which is never granted: with it and the cookie's SameSite=Strict,
 * a change can only come from the console itself.
 */
export const CONSOLE_HEADER = 'x-metalwright-console';

const callers = new WeakMap<FastifyRequest, Caller>();

/** Who asks; set for each request of the role `operator`. */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new Error('route without role operator');
  return caller;
}

/** Who asks, for the audit log. */
export function operatorOf(request: FastifyRequest): string {
  return callers.get(request)?.name ?? 'unknown';
}

/**
 * Lets people in by what their role may do: by `authorization: Bearer`, as the `metalwright` command does,
 * or by the session cookie. Throws `session.required` (401), `session.csrf`, `session.role`,
 * `token.scope` (403).
 */
export function authorizeOperator(access: OperatorAccess, matrix: AccessMatrix): Authorize {
  return async (request, role) => {
    if (role === 'public-console') return;
    const bearer = /^Bearer ([\w-]{1,200})$/i.exec(request.headers.authorization ?? '')?.[1];
    const cookie = readCookie(request.headers.cookie, SESSION_COOKIE);
    const token = bearer ?? cookie;
    const caller = token === undefined ? undefined : await access.identify(token);
    if (caller === undefined) {
      throw new HttpError(401, 'session.required', 'This needs an operator who is signed in', {
        hint: 'the command: --token-file names the admin token; the browser: metalwright admin-link prints a link',
      });
    }
    if (bearer === undefined && !isRead(request.method)) refuseForeign(request);
    refuseRole(caller, request, matrix);
    refuseScope(caller, request);
    callers.set(request, caller);
  };
}

/**
 * Lets no API token do what would outlive it: make accounts, passwords or tokens.
 *
 * @throws {HttpError} `token.person`
 */
export function refuseTokens(request: FastifyRequest): void {
  if (callerOf(request).by !== 'token') return;
  throw new HttpError(
    403,
    'token.person',
    'An API token changes no accounts, sessions and tokens',
    {
      hint: 'sign in yourself, or use the admin token on the server',
    },
  );
}

function refuseRole({ name, role }: Caller, request: FastifyRequest, matrix: AccessMatrix): void {
  const route = { method: request.method, path: request.routeOptions.url ?? '' };
  const allowed = rolesOf(matrix, route) ?? [];
  if (allowed.includes(role)) return;
  throw new HttpError(
    403,
    'session.role',
    `${route.method} ${route.path} is for ${allowed.join(', ')}; ${name} is ${role}`,
    { hint: 'ask somebody with that role, or an administrator to give it to you' },
  );
}

/** An API token may do less than its role. */
function refuseScope({ name, scope }: Caller, request: FastifyRequest): void {
  if (scope === null) return;
  const area = (request.routeOptions.url ?? '').split('/')[3] ?? '';
  const isOwn = area === 'session';
  const covers = isOwn || scope.areas.length === 0 || scope.areas.includes(area);
  const { method, routeOptions } = request;
  const reads = isRead(method) || readingPosts.has(`${method} ${routeOptions.url ?? ''}`);
  if (covers && (reads || !scope.readOnly)) return;
  throw new HttpError(
    403,
    'token.scope',
    covers ? `The token ${name} only reads` : `The token ${name} is not for ${area}`,
    { hint: 'metalwright token create makes one with the scope that is needed' },
  );
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function refuseForeign(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  const isOwn = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  if (isOwn && request.headers[CONSOLE_HEADER] === '1') return;
  throw new HttpError(403, 'session.csrf', 'This change did not come from the console', {
    hint: `send the header ${CONSOLE_HEADER}: 1 from the console's own page, or use a token`,
  });
}

/** The value of one cookie (RFC 6265, section 5.4); undefined when it was not sent. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    const [key, ...value] = pair.split('=');
    if (key?.trim() === name) return value.join('=').trim();
  }
  return undefined;
}
