import { z } from 'zod';
import { RunId } from '#agent/protocol/identity.ts';
import { likelyCause } from '../../../inventory/likely-cause.ts';
import { isOpen, type Run } from '../../../inventory/run.ts';
import { readVersion } from '../../../version.ts';
import { LogSlice, RunDetail, RunView } from '../../api.ts';
import { role } from '../../role.ts';
import { writeRunBundle } from '../../run-bundle.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { closedSignal } from './closed-signal.ts';
import { notFound } from './not-found.ts';
import { runContext, toRunView, withoutSecrets } from './run-view.ts';
import { waitForChange } from './wait-for-change.ts';

/** How long a question for more log is held, and how often the store is looked at meanwhile. */
const LONG_POLL_MS = 20_000;
const LOOK_EVERY_MS = 1000;

const Params = z.object({ id: RunId });
const LogQuery = z.strictObject({
  offset: z.coerce.number().int().min(0).default(0),
  wait: z.enum(['0', '1']).default('0'),
});

/** GET /runs, /runs/:id, /runs/:id/log and /runs/:id/bundle. A run cannot be stopped (M32): there is nothing to change here. */
export const runRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, changes, nowMs } = services;

  app.get('/api/v1/runs', role('operator'), async () => {
    const [runs, context] = await Promise.all([store.runs.list(), runContext(services)]);
    return z.array(RunView).parse(runs.map((run) => toRunView(run, context)));
  });

  app.get(
    '/api/v1/runs/:id',
    { ...role('operator'), schema: { params: Params } },
    async (request) => {
      const run = await find(request.params.id);
      const [context, events] = await Promise.all([
        runContext(services),
        store.runs.events(run.id),
      ]);
      const shown = events.map(withoutSecrets);
      return RunDetail.parse({
        ...toRunView(run, context),
        events: shown,
        likelyCause: likelyCause(run, shown),
      });
    },
  );

  app.get(
    '/api/v1/runs/:id/log',
    { ...role('operator'), schema: { params: Params, querystring: LogQuery } },
    async (request, reply) => {
      const { offset, wait } = request.query;
      const until = nowMs() + (wait === '1' ? LONG_POLL_MS : 0);
      const signal = closedSignal(reply);
      for (;;) {
        const run = await find(request.params.id);
        const slice = await store.logs.read(run.id, offset);
        const ended = !isOpen(run);
        const left = until - nowMs();
        if (slice.next > offset || ended || left <= 0 || signal.aborted) {
          return LogSlice.parse({ ...slice, ended });
        }
        await waitForChange(changes, Math.min(left, LOOK_EVERY_MS), signal);
      }
    },
  );

  app.get(
    '/api/v1/runs/:id/bundle',
    { ...role('operator'), schema: { params: Params } },
    async (request, reply) => {
      const run = await find(request.params.id);
      const [context, events, document] = await Promise.all([
        runContext(services),
        store.runs.events(run.id),
        store.runDocuments.of(run.id),
      ]);
      if (document === null) throw notFound(run.id, { what: 'run', code: 'run', names: [] });
      const view = {
        ...toRunView(run, context),
        likelyCause: likelyCause(run, events.map(withoutSecrets)),
      };
      const device = context.devices.find(({ id }) => id === run.deviceId) ?? null;
      const facts = { run: view, document, device, serverVersion: readVersion(), madeMs: nowMs() };
      return reply
        .type('application/zip')
        .header('content-disposition', `attachment; filename="run-${run.id.slice(0, 8)}.zip"`)
        .send(writeRunBundle(facts, services));
    },
  );

  async function find(id: RunId): Promise<Run> {
    const run = await store.runs.get(id);
    if (run !== null) return run;
    const names = (await store.runs.list()).map((each) => each.id);
    throw notFound(id, { what: 'run', code: 'run', names });
  }
};
