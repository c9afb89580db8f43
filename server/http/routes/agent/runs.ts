import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { hiddenValues } from '#agent/protocol/hidden-values.ts';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunRequest } from '#agent/protocol/policy.ts';
import { secretTexts } from '#agent/sequence/mask-secrets.ts';
import type { GrantFrame } from '../../../store/grants.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import { sendJson } from '../send-json.ts';
import { askedFrom } from './content.ts';
import { refusalOfMedia } from './media.ts';
import type { AgentServices } from './services.ts';

/** POST /v1/runs: starts a run. GET /v1/runs/:run: its grant again. Nothing here or elsewhere ends one (M32). */
export function runs(app: HttpApp, services: AgentServices): void {
  const { store, changes, nowMs } = services;
  app.post(
    agentPaths.runs,
    { ...role('agent'), schema: { body: RunRequest } },
    async (request, reply) => {
      const session = agentOf(request);
      const { deviceId, keyThumbprint, bootImage, environment, preferred } = session;
      if (deviceId === null)
        throw new HttpError(409, 'run.refused', 'This site has no record of the machine');
      const device = session.media === null ? null : await store.devices.get(deviceId);
      const refusal = await refusalOfMedia(store, { ...session, device }, nowMs());
      if (refusal !== undefined) throw new HttpError(409, refusal.code, refusal.reason);
      const remoteAddress = request.socket.remoteAddress ?? '';
      const grant = await store.grants.make(
        {
          ...request.body,
          deviceId,
          keyThumbprint,
          remoteAddress,
          environment,
          bootImage,
          preferred,
          nowMs: nowMs(),
        },
        frameOf(request.body.runId, request, services),
      );
      changes.changed('boot', [deviceId]);
      return sendJson(reply, grant);
    },
  );
  app.get(
    agentPaths.run(':run'),
    {
      ...role('agent'),
      schema: { params: z.object({ run: RunId }) },
    },
    async (request, reply) => {
      const { keyThumbprint } = agentOf(request);
      const { run } = request.params;
      const { variableKey } = services.secret;
      const given = await store.secretReleases.given(run, keyThumbprint, variableKey);
      const hidden = given.length === 0 ? undefined : await hiddenValues(secretTexts(given));
      const frame = { ...frameOf(run, request, services), hidden };
      return sendJson(reply, await store.grants.get(run, keyThumbprint, frame));
    },
  );
}

/** What a grant has that depends on where and by whom it is asked for. */
function frameOf(
  run: RunId,
  request: FastifyRequest,
  services: Pick<AgentServices, 'secret' | 'ownSource' | 'otherSources'>,
): GrantFrame {
  const { secret } = services;
  return {
    resumeToken: secret.resumeToken(run),
    runKey: secret.runKey(run),
    from: askedFrom(request, services),
    variableKey: secret.variableKey,
  };
}
