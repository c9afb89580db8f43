import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { LogSearchView } from '../../api-history.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { notFound } from './not-found.ts';

/** Runs that are looked through, the newest first; and how long at most. */
const MOST_RUNS = 500;
const LONGEST_MS = 5000;
const Query = z.strictObject({
  text: z.string().trim().max(200).default(''),
  run: RunId.optional(),
  /** Id, name, serial number, MAC or GUID. */
  device: z.string().max(200).optional(),
  from: z.coerce.number().int().min(0).default(0),
  to: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** GET /run-search. One short question to the store for each run: nothing waits for the whole of it. */
export const logSearchRoutes: RouteFile<OperatorServices> = (app, { store, nowMs }) => {
  app.get(
    '/api/v1/run-search',
    { ...role('operator'), schema: { querystring: Query } },
    async (request): Promise<LogSearchView> => {
      const { text, run, device: named, from: fromMs, limit } = request.query;
      if (text === '') return { hits: [], searchedRuns: 0, more: false };
      const device = named === undefined ? undefined : await store.devices.find(named);
      if (device === null)
        throw notFound(named ?? '', { what: 'device', code: 'device', names: [] });
      const toMs = request.query.to ?? nowMs() + 1;
      const runs = await store.logSearch.runs({
        run,
        device: device?.id,
        fromMs,
        toMs,
        limit: MOST_RUNS + 1,
      });
      const hits: LogSearchView['hits'] = [];
      const until = performance.now() + LONGEST_MS;
      let searchedRuns = 0;
      for (const { id, deviceId, sequenceName } of runs.slice(0, MOST_RUNS)) {
        if (hits.length >= limit || performance.now() > until) break;
        const found = await store.logSearch.inRun(id, { text, limit: limit - hits.length });
        searchedRuns += 1;
        if (found.length === 0) continue;
        const deviceName = (await store.devices.get(deviceId))?.name ?? deviceId;
        hits.push(
          ...found.map((hit) => ({ runId: id, deviceId, deviceName, sequenceName, ...hit })),
        );
      }
      const more = searchedRuns < runs.length || hits.length >= limit;
      return LogSearchView.parse({ hits, searchedRuns, more });
    },
  );
};
