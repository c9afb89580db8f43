import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { HttpError } from './errors.ts';

/** The longest page. */
export const MOST_ON_PAGE = 1000;

/** Query of a list that is answered page by page: at most `limit`, those behind `after`. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MOST_ON_PAGE).default(200),
  after: z.string().max(2000).optional(),
});

/** The place that an `after` means, as `setNextPage` wrote it. @throws {HttpError} `request.page` */
export function readPlace<Schema extends z.ZodType>(
  after: string | undefined,
  place: Schema,
): z.output<Schema> | null {
  if (after === undefined) return null;
  try {
    return place.parse(JSON.parse(Buffer.from(after, 'base64url').toString('utf8')));
  } catch {
    throw new HttpError(400, 'request.page', 'after is no place in this list', {
      hint: 'Take the address of the next page from the link header, rel="next".',
    });
  }
}

/** Tells where the next page is, in a `link` header (RFC 8288); null after the last one. */
export function setNextPage(request: FastifyRequest, reply: FastifyReply, place: unknown): void {
  if (place === null) return;
  const url = new URL(request.url, 'https://server');
  const after = Buffer.from(JSON.stringify(place)).toString('base64url');
  url.searchParams.set('after', after);
  reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
}
