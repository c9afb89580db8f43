import type { FastifyInstance, FastifyRequest, FastifySchema, RouteOptions } from 'fastify';
import { z } from 'zod';
import { type AccessMatrix, rolesOf } from './access-matrix.ts';

/**
 * Who may call a route. `public-boot`: anyone, boot files and hashes; `bootstrap`: anyone, over the site
 * CA; `agent-key`: who proves a key of his own (registration); `agent`: who has a token bound to his
 * key; `public-console`: anyone, the console's static pages and the sign-in; `operator`: signed in, with a
 * role that the access matrix has for the route.
 */
export type Role =
  | 'public-boot'
  | 'bootstrap'
  | 'agent-key'
  | 'agent'
  | 'public-console'
  | 'operator';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by `role()`. A route without one is refused when the server starts. */
    role?: Role;
  }
}

/** Route options that name the role: `app.get(path, { ...role('operator'), schema }, handler)`. */
export function role(name: Role): { readonly config: { readonly role: Role } } {
  return { config: { role: name } };
}

/** Checks who asks; throws an `HttpError` of 401 or 403 when he may not. Made by each listener. */
export type Authorize = (request: FastifyRequest, role: Role) => Promise<void> | void;

/** One route as the server has it, for the list that a test holds. */
export interface RouteEntry {
  readonly method: string;
  readonly path: string;
  readonly role: Role;
  /** What its parameters and its body are checked by. */
  readonly schema?: RouteSchema;
}

/** Schemas of one route; the route files give no others than those of zod. */
interface RouteSchema {
  readonly body?: z.ZodType;
  readonly params?: z.ZodType;
  readonly querystring?: z.ZodType;
}

/** Who is served by a listener, and how that is told. */
export interface RoleRules {
  readonly roles: readonly Role[];
  readonly authorize: Authorize;
  /** The table that each route of the role `operator` has to be in. */
  readonly access?: AccessMatrix;
}

/**
 * Refuses by default: a route without a role, with one that this listener does not serve, or without a row
 * in the access matrix, makes the server fail to start; every request is authorised after its body was read
 * and before it is looked at.
 *
 * @returns the list of routes, filled as they are registered
 */
export function enforceRoles(
  app: FastifyInstance,
  { roles: allowed, authorize, access }: RoleRules,
): readonly RouteEntry[] {
  const routes: RouteEntry[] = [];
  app.addHook('onRoute', (route) => {
    const name = route.config?.role;
    if (name === undefined) throw new Error(`${String(route.method)} ${route.url} has no role`);
    if (!allowed.includes(name))
      throw new Error(`${String(route.method)} ${route.url}: role ${name} is not served here`);
    for (const entry of toRouteEntries(route)) {
      if (name === 'operator' && access !== undefined && rolesOf(access, entry) === undefined)
        throw new Error(
          `${entry.method} ${entry.path} has no row in server/http/access-matrix.ts: say which roles may call it`,
        );
      if (!routes.some(({ method, path }) => method === entry.method && path === entry.path))
        routes.push(entry);
    }
  });
  app.addHook('preValidation', async (request) => {
    const name = request.routeOptions.config.role;
    if (name === undefined) {
      if (request.is404) return;
      throw new Error('route without a role');
    }
    await authorize(request, name);
  });
  return routes;
}

/** What a route is, one entry a method; none for a route without a role. */
export function toRouteEntries(
  route: Pick<RouteOptions, 'method' | 'config' | 'schema'> & { readonly url: string },
): RouteEntry[] {
  const name = route.config?.role;
  if (name === undefined) return [];
  return [route.method]
    .flat()
    .map((method) => ({ method, path: route.url, role: name, ...schemaOf(route.schema) }));
}

function schemaOf(schema: FastifySchema | undefined): { readonly schema?: RouteSchema } {
  if (schema === undefined) return {};
  const { body, params, querystring } = schema;
  return {
    schema: {
      ...(body instanceof z.ZodType ? { body } : {}),
      ...(params instanceof z.ZodType ? { params } : {}),
      ...(querystring instanceof z.ZodType ? { querystring } : {}),
    },
  };
}
