import { z } from 'zod';
import { ReportBy } from '../../../inventory/history.ts';
import { causeOfCode } from '../../../inventory/likely-cause.ts';
import type { CountedRow } from '../../../store/reports.ts';
import { type ReportRow, ReportView } from '../../api-history.ts';
import { formatCsv } from '../../csv.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';

const DAY_MS = 86_400_000;
/** Without a beginning: the last 30 days. */
const USUAL_DAYS = 30;
const Query = z.strictObject({
  by: ReportBy.default('sequence'),
  from: z.coerce.number().int().min(0).optional(),
  to: z.coerce.number().int().min(0).optional(),
});

/** GET /reports and /reports.csv: how runs went, by sequence, model, cause, step or day, in a time. */
export const reportRoutes: RouteFile<OperatorServices> = (app, { store, nowMs }) => {
  const schema = { querystring: Query };

  app.get('/api/v1/reports', { ...role('operator'), schema }, async (request) =>
    ReportView.parse(await report(request.query)),
  );

  app.get('/api/v1/reports.csv', { ...role('operator'), schema }, async (request, reply) => {
    const { by } = request.query;
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="runs-by-${by}.csv"`)
      .send(toCsv(await report(request.query)));
  });

  async function report({ by, from, to }: z.infer<typeof Query>): Promise<ReportView> {
    const toMs = to ?? nowMs() + 1;
    const range = { fromMs: from ?? Math.max(0, toMs - USUAL_DAYS * DAY_MS), toMs };
    const [counted, total] = await Promise.all([
      store.reports.count(by, range),
      store.reports.total(range),
    ]);
    return { by, ...range, total: toRow(total), rows: counted.map((row) => toRow(row, by)) };
  }
};

function toRow(row: CountedRow, by?: ReportBy): ReportRow {
  const ended = row.succeeded + row.failed;
  return {
    ...row,
    successRate: ended === 0 ? null : row.succeeded / ended,
    note: by === 'cause' ? (causeOfCode(row.name) ?? '') : '',
  };
}

function toCsv({ by, rows }: ReportView): string {
  return formatCsv(
    [by, 'count', 'succeeded', 'failed', 'success rate', 'average ms', 'longest ms', 'note'],
    rows.map((row) => [
      row.name,
      row.count,
      row.succeeded,
      row.failed,
      row.successRate,
      row.averageMs,
      row.longestMs,
      row.note,
    ]),
  );
}
