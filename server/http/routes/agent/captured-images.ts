import { z } from 'zod';
import {
  CAPTURE_PART_BYTES,
  CapturedImageAck,
  CapturedImageOffer,
  CapturedImageState,
} from '#agent/protocol/captured-image.ts';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/** Hashes of 100,000 chunks. */
const OFFER_LIMIT = 8 * 1024 * 1024;
const PartParams = z.object({ run: RunId, id: z.string().regex(/^[0-9a-f]{32}$/) });
const PartQuery = z.object({ offset: z.coerce.number().int().nonnegative() });

/**
 * POST /v1/runs/:run/captured-images: an image that the running step has captured, or how far it is.
 * PUT /v1/runs/:run/captured-images/:id?offset=N: bytes of it.
 */
export function capturedImages(app: HttpApp, { captured }: AgentServices): void {
  app.addContentTypeParser<Buffer>(
    'application/octet-stream',
    { parseAs: 'buffer' },
    (request, body, done) => {
      request.rawBody = body;
      done(null, body);
    },
  );
  app.post(
    agentPaths.capturedImages(':run'),
    {
      ...role('agent'),
      bodyLimit: OFFER_LIMIT,
      schema: {
        params: z.object({ run: RunId }),
        body: CapturedImageOffer,
        response: { 200: CapturedImageState },
      },
    },
    async (request) => {
      const { keyThumbprint } = agentOf(request);
      const run = { runId: request.params.run, keyThumbprint, from: request.ip };
      return await captured.offer(run, request.body);
    },
  );
  app.put(
    agentPaths.capturedImage(':run', ':id'),
    {
      ...role('agent'),
      bodyLimit: CAPTURE_PART_BYTES,
      schema: {
        params: PartParams,
        querystring: PartQuery,
        response: { 200: CapturedImageAck },
      },
    },
    async (request) => {
      const { keyThumbprint } = agentOf(request);
      const { run: runId, id } = request.params;
      const bytes = request.rawBody;
      if (bytes === undefined || bytes.length === 0)
        throw new HttpError(400, 'request.invalid', 'The body is to be bytes of the image');
      const { offset } = request.query;
      return { have: await captured.add({ runId, keyThumbprint }, { id, offset, bytes }) };
    },
  );
}
