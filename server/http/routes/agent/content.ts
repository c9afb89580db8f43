import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { BadSource, ContentSources } from '#agent/protocol/policy.ts';
import type { AskedFrom } from '../../../store/content-locations.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

const Params = z.object({ run: RunId });

/** GET /v1/runs/:run/sources: where content is now. POST /v1/runs/:run/bad-source: where it could not be had. */
export function content(app: HttpApp, services: AgentServices): void {
  const { store, changes, nowMs } = services;

  app.get(
    agentPaths.sources(':run'),
    { ...role('agent'), schema: { params: Params, response: { 200: ContentSources } } },
    async (request) => {
      const { keyThumbprint } = agentOf(request);
      const from = askedFrom(request, services);
      return await store.contentUse.sources(request.params.run, keyThumbprint, from);
    },
  );

  app.post(
    agentPaths.badSource(':run'),
    { ...role('agent'), schema: { params: Params, body: BadSource } },
    async (request, reply) => {
      const { keyThumbprint } = agentOf(request);
      const { run } = request.params;
      const { source, sha256, kind, detail } = request.body;
      await store.runs.heard(run, keyThumbprint, nowMs());
      const { ownUrl } = askedFrom(request, services);
      const points = await store.distributionPoints.list();
      const point = points.find(({ url }) => (url ?? ownUrl) === source);
      request.log.warn(
        { run, source, sha256, kind, detail, distributionPoint: point?.name ?? null },
        'a machine could not have content from a distribution point',
      );
      if (point !== undefined) {
        const fault = { sha256, kind, detail: `${detail} (told by ${request.ip})` };
        await store.pointFaults.note(point.id, fault, nowMs());
        changes.changed('view');
      }
      return reply.status(204).send();
    },
  );
}

/** Where a machine asks from, and where it reached this server. */
export function askedFrom(
  request: FastifyRequest,
  { ownSource, otherSources }: Pick<AgentServices, 'ownSource' | 'otherSources'>,
): AskedFrom {
  const { remoteAddress = '', localAddress = '127.0.0.1' } = request.socket;
  return {
    address: remoteAddress,
    ownUrl: ownSource(localAddress),
    otherUrls: otherSources(localAddress),
  };
}
