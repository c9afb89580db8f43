import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Sha256 } from '#agent/protocol/identity.ts';
import { type SentFile, sendFile } from '../../content/send-file.ts';
import type { ContentStore } from '../../content/store.ts';
import { HttpError } from '../errors.ts';
import { type Role, role } from '../role.ts';
import type { HttpApp } from '../server.ts';

const ObjectPath = z.object({ prefix: z.string(), sha256: z.string() });

/**
 * GET and HEAD /content/:prefix/:sha256: the distribution point (`objectPath`). Only a hash can be asked
 * for, so nothing else of the disk can be reached.
 *
 * @param base path in front of it
 */
export function objectRoutes(name: Role, base = '') {
  return (app: HttpApp, { content }: { readonly content: ContentStore }): void => {
    app.route({
      method: ['GET', 'HEAD'],
      url: `${base}/content/:prefix/:sha256`,
      ...role(name),
      schema: { params: ObjectPath },
      handler: async (request, reply) => {
        const { data: sha256 } = Sha256.safeParse(request.params.sha256);
        if (sha256 === undefined || !sha256.startsWith(request.params.prefix))
          throw new HttpError(404, 'content.not-found', 'An object is named by its SHA-256');
        return hijackWithFile(request, reply, { ...(await content.file(sha256)), etag: sha256 });
      },
    });
  };
}

/** Hands the answer over to `sendFile`, with the headers set so far. */
export async function hijackWithFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: SentFile,
): Promise<FastifyReply> {
  reply.hijack();
  try {
    await sendFile(request.raw, reply.raw, file);
  } catch (error) {
    request.log.warn({ err: error, path: file.path }, 'file could not be sent');
    reply.raw.destroy();
  }
  return reply;
}
