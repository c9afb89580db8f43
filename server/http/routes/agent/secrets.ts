import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { ReleasedSecrets, SecretsRequest } from '#agent/protocol/step-secrets.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/** POST /v1/runs/:run/secrets: accounts of the site for the step that runs now. Each release is audited. */
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
      const wish = { runId, keyThumbprint, request: request.body };
      const given = await store.siteAccounts.release(wish, secret.variableKey);
      await store.audit.add(randomUUID(), {
        atMs: nowMs(),
        who: given.deviceName,
        action: 'secret.release',
        detail: {
          device: given.deviceId,
          run: runId,
          for: request.body.for === 'step' ? `step ${request.body.step}` : 'content',
          accounts: given.accounts.map(({ name }) => name),
          from: request.ip,
        },
      });
      void reply.header('cache-control', 'no-store');
      return ReleasedSecrets.parse({ accounts: given.accounts });
    },
  );
}
