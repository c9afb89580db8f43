import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { HttpError } from './errors.ts';

/** A longer answer gets no tag: hashing it would hold everybody else up. */
const LARGEST = 1024 * 1024;

/** Changes with `if-match` to one resource go one after the other. */
type Turns = Map<string, Promise<void>>;

declare module 'fastify' {
  interface FastifyRequest {
    /** Lets the next change of this resource begin; set where `if-match` was sent. */
    endTurn: (() => void) | undefined;
  }
}

/**
 * Conditional requests (RFC 9110, section 13) on all JSON of the API. Each GET is answered with an
 * `etag`, and with 304 when `if-none-match` has it. A PUT or DELETE with `if-match` is done only while a
 * GET of the same path would be answered with that tag; else it is refused, `request.changed` (412).
 *
 * The tag is of the answer's bytes, so what only a machine changes, such as when it was last seen, changes
 * it too. Two changes that come to one server wait for each other; of two servers on one database, each
 * looks for itself.
 */
export function answerConditions(app: FastifyInstance): void {
  const turns: Turns = new Map();
  app.decorateRequest('endTurn', undefined);

  app.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string')
      return payload;
    if (payload.length > LARGEST) return payload;
    if (!String(reply.getHeader('content-type')).includes('json')) return payload;
    const tag = tagOf(payload);
    reply.header('etag', tag).header('cache-control', 'private, no-cache');
    if (!hasTag(request.headers['if-none-match'], tag)) return payload;
    reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return '';
  });

  app.addHook('preHandler', async (request) => {
    const wanted = request.headers['if-match'];
    if (wanted === undefined || request.method === 'GET' || request.method === 'HEAD') return;
    const path = request.url.split('?')[0] ?? '';
    if (
      !['PUT', 'DELETE'].includes(request.method) ||
      !app.hasRoute({ method: 'GET', url: request.routeOptions.url ?? '' })
    )
      throw new HttpError(400, 'request.condition', `if-match means nothing to ${request.method}`, {
        hint: 'It is for PUT and DELETE of what can be asked for at the same path.',
      });
    await takeTurn(turns, path, request);
    const now = await app.inject({ method: 'GET', url: path, headers: credentials(request) });
    const tag = now.statusCode === 200 ? tagOf(now.body) : undefined;
    if (tag !== undefined && (wanted.trim() === '*' || hasTag(wanted, tag))) return;
    throw new HttpError(412, 'request.changed', 'It is not as it was when it was last asked for', {
      hint: 'Get it again, look at what has changed, and send the change with its new etag.',
    });
  });

  app.addHook('onResponse', async (request) => request.endTurn?.());
  app.addHook('onRequestAbort', async (request) => request.endTurn?.());
}

/** Strong tag of an answer. */
function tagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}

function hasTag(header: string | undefined, tag: string): boolean {
  return (header ?? '').split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

/** Waits until changes of this path that came before are answered. */
async function takeTurn(turns: Turns, path: string, request: FastifyRequest): Promise<void> {
  const before = turns.get(path);
  const { promise, resolve } = Promise.withResolvers<void>();
  const mine = (before ?? Promise.resolve()).then(() => promise);
  turns.set(path, mine);
  request.endTurn = () => {
    resolve();
    if (turns.get(path) === mine) turns.delete(path);
  };
  await before;
}

/** What says who asks, for asking on his behalf. */
function credentials({ headers }: FastifyRequest): Record<string, string> {
  const { authorization, cookie } = headers;
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(cookie === undefined ? {} : { cookie }),
  };
}
