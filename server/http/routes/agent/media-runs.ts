import { MediaRun, MediaRunTaken } from '#agent/protocol/media-run.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { agentOf } from '../../agent-authorizer.ts';
import { role } from '../../role.ts';
import type { HttpApp } from '../../server.ts';
import type { AgentServices } from './services.ts';

/** A document of 32 MB, its quotes escaped in JSON, and the events. */
const BODY_LIMIT = 96 * 1024 * 1024;

/** POST /v1/media-runs: the history of a run from stand-alone media, from a machine that meets the server again. */
export function mediaRuns(app: HttpApp, { store, changes, nowMs }: AgentServices): void {
  app.post(
    agentPaths.mediaRuns,
    {
      ...role('agent'),
      bodyLimit: BODY_LIMIT,
      schema: { body: MediaRun, response: { 200: MediaRunTaken } },
    },
    async (request) => {
      const { deviceId, keyThumbprint } = agentOf(request);
      const wish = { run: request.body, deviceId, keyThumbprint, nowMs: nowMs() };
      const { runId, taken } = await store.mediaRuns.take(wish);
      if (taken) {
        request.log.info({ run: runId, device: deviceId }, 'a run from stand-alone media is known');
        changes.changed('boot', deviceId === null ? [] : [deviceId]);
      }
      return { taken };
    },
  );
}
