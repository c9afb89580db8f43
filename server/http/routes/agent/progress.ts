import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { Progress } from '#agent/protocol/run-event.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/** How long it stays true that a key may speak for a run, and how often the run is noted as alive. */
const CHECK_MS = 60_000;

/** PUT /v1/runs/:run/progress: the latest wins and is kept in memory only, so it costs no disk. */
export function progress(
  app: HttpApp,
  { store, changes, noteProgress, nowMs }: AgentServices,
): void {
  const checked = new Map<string, number>();
  app.put(
    agentPaths.progress(':run'),
    { ...role('agent'), schema: { params: z.object({ run: RunId }), body: Progress } },
    async (request, reply) => {
      const { run } = request.params;
      const { keyThumbprint } = agentOf(request);
      const now = nowMs();
      const key = `${run} ${keyThumbprint}`;
      if (now - (checked.get(key) ?? -CHECK_MS) >= CHECK_MS) {
        await store.runs.heard(run, keyThumbprint, now);
        for (const [old, at] of checked) if (now - at >= CHECK_MS) checked.delete(old);
        checked.set(key, now);
      }
      noteProgress(run, request.body);
      changes.changed('view');
      return reply.status(204).send();
    },
  );
}
