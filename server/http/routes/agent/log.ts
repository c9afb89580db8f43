import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { LogAck, LogChunk } from '#agent/protocol/run-event.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/** A chunk of 256 Ki characters, each escaped in JSON. */
const BODY_LIMIT = 2 * 1024 * 1024;

/** POST /v1/runs/:run/log: a slice of the run's log; kept when it lies at the end of what is there. */
export function log(app: HttpApp, { store, changes, nowMs }: AgentServices): void {
  app.post(
    agentPaths.log(':run'),
    {
      ...role('agent'),
      bodyLimit: BODY_LIMIT,
      schema: { params: z.object({ run: RunId }), body: LogChunk, response: { 200: LogAck } },
    },
    async (request) => {
      const { keyThumbprint } = agentOf(request);
      const have = await store.logs.append(request.params.run, request.body, {
        keyThumbprint,
        nowMs: nowMs(),
      });
      changes.changed('view');
      return { have };
    },
  );
}
