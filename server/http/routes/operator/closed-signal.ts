import type { FastifyReply } from 'fastify';

/** Aborts when the asker has gone away, or the listener closes and ends its connections. */
export function closedSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
