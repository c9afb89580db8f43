import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { EventAck, EventBatch } from '#agent/protocol/run-event.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/** 500 events with long outputs. */
const BODY_LIMIT = 4 * 1024 * 1024;
/** Events in one answer. */
const READ_LIMIT = 500;

/**
 * POST /v1/runs/:run/events: the agent sends from `have` on until all are kept; a repeat is no error.
 * GET with `?after=seq`: what the server has, for an agent whose journal is behind.
 */
export function events(app: HttpApp, { store, changes, nowMs }: AgentServices): void {
  app.post(
    agentPaths.events(':run'),
    {
      ...role('agent'),
      bodyLimit: BODY_LIMIT,
      schema: {
        params: z.object({ run: RunId }),
        body: EventBatch,
        response: { 200: EventAck },
      },
    },
    async (request) => {
      const { run } = request.params;
      const { events } = request.body;
      if (events.some((event) => event.runId !== run))
        throw new HttpError(400, 'request.invalid', 'The batch holds events of another run');
      const { keyThumbprint } = agentOf(request);
      const result = await store.runs.append(run, events, { keyThumbprint, nowMs: nowMs() });
      if (result.kind === 'forked') {
        changes.changed('boot');
        throw new HttpError(
          409,
          'run.forked',
          `Event ${result.seq} of this run is kept with other content: two machines run it`,
          { hint: 'Was the disk cloned while the run was open? Start the machine anew.' },
        );
      }
      if (result.added > 0)
        changes.changed(result.bootChanged ? 'boot' : 'view', [result.run.deviceId]);
      return { have: result.have };
    },
  );
  app.get(
    agentPaths.events(':run'),
    {
      ...role('agent'),
      schema: {
        params: z.object({ run: RunId }),
        querystring: z.object({ after: z.coerce.number().int().nonnegative().default(0) }),
      },
    },
    async (request) => {
      const { run } = request.params;
      await store.runs.heard(run, agentOf(request).keyThumbprint, nowMs());
      return { events: await store.runs.events(run, request.query.after, READ_LIMIT) };
    },
  );
}
