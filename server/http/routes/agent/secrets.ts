import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { ReleasedSecrets, SecretsRequest } from '#agent/protocol/step-secrets.ts';
import { releasePlace } from '../../../store/noted-releases.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/**
 * POST /v1/runs/:run/secrets: accounts of the site and secret variables for the step that runs now. Each is one
 * entry of the audit log for each step, however often the machine asks.
 */
export function secrets(app: HttpApp, { store, secret, nowMs }: AgentServices): void {
  app.post(
    agentPaths.secrets(':run'),
    {
      ...role('agent'),
      schema: { params: z.object({ run: RunId }), body: SecretsRequest },
    },
    async (request, reply) => {
      const { keyThumbprint } = agentOf(request);
      const runId = request.params.run;
      const wish = { runId, keyThumbprint, request: request.body, nowMs: nowMs() };
      const given = await store.secretReleases.release(wish, secret.variableKey);
      const { accounts, variables, packages } = given.first;
      if (accounts.length + variables.length + packages.length > 0)
        await store.audit.add(randomUUID(), {
          atMs: wish.nowMs,
          who: given.deviceName,
          action: 'secret.release',
          detail: {
            device: given.deviceId,
            run: runId,
            for: releasePlace(request.body),
            ...(accounts.length === 0 ? {} : { accounts }),
            ...(variables.length === 0 ? {} : { variables }),
            ...(packages.length === 0 ? {} : { packages }),
            from: request.ip,
          },
        });
      void reply.header('cache-control', 'no-store');
      return ReleasedSecrets.parse(given);
    },
  );
}
