import type { TlsOptions } from 'node:tls';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { answerConditions } from './conditional.ts';
import { answerErrors, answerFrameworkError } from './errors.ts';
import { enforceRoles, type RoleRules, type RouteEntry } from './role.ts';

/** A listener's app as route files see it: zod schemas give the types of body, params and answer. */
export type HttpApp = ReturnType<typeof withZod>;

/**
 * One file of routes: adds them to the app, each with its role. Registries are literal lists in
 * `routes/<listener>/index.ts`.
 */
export type RouteFile<Services> = (app: HttpApp, services: Services) => void;

export interface ListenerOptions<Services> extends RoleRules {
  /** Key and certificate chain, PEM; absent on the plain boot listener. */
  readonly tls?: {
    readonly key: string;
    readonly cert: string;
    readonly SNICallback?: TlsOptions['SNICallback'];
  };
  readonly routes: readonly RouteFile<Services>[];
  readonly services: Services;
  readonly logger?: FastifyBaseLogger;
  /** Hooks and decorations before the routes. */
  readonly prepare?: (app: FastifyInstance) => void;
  /** True where answers have tags, and changes may ask for them (`conditional.ts`). */
  readonly conditional?: boolean;
  /** True where images are sent in and feeds are held open: no time-out but for headers. */
  readonly longRequests?: boolean;
}

/** Most bodies are small; a route that takes a big one says so itself (`bodyLimit`). */
const BODY_LIMIT = 1024 * 1024;
/** For a request to arrive whole. */
const REQUEST_TIMEOUT_MS = 60_000;
/** A connection on which nothing moves for so long is closed. */
const IDLE_TIMEOUT_MS = 120_000;

/** Makes one listener, not listening yet: roles, errors, limits and time-outs in one place. */
export function createListener<Services>(options: ListenerOptions<Services>): {
  readonly app: FastifyInstance;
  readonly routes: readonly RouteEntry[];
} {
  const common = {
    bodyLimit: BODY_LIMIT,
    requestTimeout: options.longRequests === true ? 0 : REQUEST_TIMEOUT_MS,
    connectionTimeout: options.longRequests === true ? 0 : IDLE_TIMEOUT_MS,
    keepAliveTimeout: 72_000,
    forceCloseConnections: true,
    frameworkErrors: answerFrameworkError,
    routerOptions: { maxParamLength: 256 },
    ...(options.logger === undefined
      ? { logger: false }
      : {
          loggerInstance: options.logger,
          logController: new LogController({ disableRequestLogging: true }),
        }),
  } as const;
  const raw: FastifyInstance =
    options.tls === undefined ? Fastify(common) : Fastify({ ...common, https: options.tls });
  raw.server.headersTimeout = 30_000;
  raw.setValidatorCompiler(validatorCompiler);
  raw.setSerializerCompiler(serializerCompiler);
  keepRawBody(raw);
  answerErrors(raw);
  if (options.conditional === true) answerConditions(raw);
  options.prepare?.(raw);
  const routes = enforceRoles(raw, options);
  const app = withZod(raw);
  for (const file of options.routes) file(app, options.services);
  return { app: raw, routes };
}

function withZod(app: FastifyInstance) {
  return app.withTypeProvider<ZodTypeProvider>();
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Bytes of a JSON body as they came: an agent's proof is over them. */
    rawBody: Uint8Array | undefined;
  }
}

/** JSON bodies are parsed from bytes that are kept: the agent's proof covers their digest. */
function keepRawBody(app: FastifyInstance): void {
  app.decorateRequest('rawBody', undefined);
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer' },
    (request, body, done) => {
      request.rawBody = body;
      if (body.length === 0) return done(null, undefined);
      try {
        done(null, JSON.parse(body.toString('utf8')));
      } catch {
        done(Object.assign(new Error('The body is no JSON'), { statusCode: 400 }), undefined);
      }
    },
  );
}
