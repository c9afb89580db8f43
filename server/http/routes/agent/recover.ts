import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { RunRecovered, RunRecovery } from '#agent/protocol/policy.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/** A document of 32 MB, its quotes escaped in JSON. */
const BODY_LIMIT = 80 * 1024 * 1024;

/** POST /v1/runs/:run/recover: takes in a run that was granted after the backup this server was restored from. */
export function recover(app: HttpApp, { store, secret, changes, nowMs }: AgentServices): void {
  app.post(
    agentPaths.recover(':run'),
    {
      ...role('agent'),
      bodyLimit: BODY_LIMIT,
      schema: {
        params: z.object({ run: RunId }),
        body: RunRecovery,
        response: { 200: RunRecovered },
      },
    },
    async (request) => {
      const { deviceId, keyThumbprint } = agentOf(request);
      const { run } = request.params;
      const { recovery, documentJson = null } = request.body;
      const { have, taken } = await store.lostRuns.recover(
        { runId: run, recovery, documentJson, deviceId, keyThumbprint, nowMs: nowMs() },
        secret.variableKey,
      );
      if (taken) {
        request.log.warn({ run, device: deviceId }, 'a run was taken in that this server had lost');
        changes.changed('boot');
      }
      return { have };
    },
  );
}
