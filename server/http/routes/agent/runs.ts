import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunGrant, RunRequest } from '#agent/protocol/policy.ts';
import type { PinnedGrant } from '../../../store/grants.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/** POST /v1/runs: starts a run. GET /v1/runs/:run: its grant again. Nothing here or elsewhere ends one (M32). */
export function runs(app: HttpApp, services: AgentServices): void {
  const { store, changes, nowMs } = services;
  app.post(
    agentPaths.runs,
    { ...role('agent'), schema: { body: RunRequest, response: { 200: RunGrant } } },
    async (request) => {
      const { deviceId, keyThumbprint } = agentOf(request);
      if (deviceId === null)
        throw new HttpError(409, 'run.refused', 'This site has no record of the machine');
      const made = await store.grants.make({
        ...request.body,
        deviceId,
        keyThumbprint,
        remoteAddress: request.socket.remoteAddress ?? '',
        nowMs: nowMs(),
      });
      changes.changed('boot');
      return complete(made, request, services);
    },
  );
  app.get(
    agentPaths.run(':run'),
    {
      ...role('agent'),
      schema: { params: z.object({ run: RunId }), response: { 200: RunGrant } },
    },
    async (request) => {
      const { keyThumbprint } = agentOf(request);
      const found = await store.grants.get(request.params.run, keyThumbprint);
      return complete(found, request, services);
    },
  );
}

/** Adds to what was pinned what depends on where and when it is asked for. */
function complete(
  { grant, have }: { readonly grant: PinnedGrant; readonly have: number },
  request: FastifyRequest,
  { secret, sources }: Pick<AgentServices, 'secret' | 'sources'>,
): RunGrant {
  const urls = sources(request.socket.localAddress ?? '127.0.0.1');
  const content = Object.entries(grant.content).map(([id, one]) => [
    id,
    one.kind === 'found' ? { ...one, sources: urls } : one,
  ]);
  return {
    ...grant,
    content: Object.fromEntries(content) as RunGrant['content'],
    resumeToken: secret.resumeToken(grant.runId),
    runKey: secret.runKey(grant.runId),
    have,
  };
}
