import type { Kysely } from 'kysely';
import type { RunEvent } from '#agent/protocol/run-event.ts';
import type { Run } from '../inventory/run.ts';
import type { Tables } from './tables.ts';

/** Rows of the steps that ended, so that a report reads no events. */
export function stepRows(
  run: Pick<Run, 'id' | 'sequenceId'>,
  added: readonly RunEvent[],
  nowMs: number,
): Tables['run_steps'][] {
  return added.flatMap(({ seq, fact }) =>
    fact.kind === 'step-finished'
      ? [
          {
            run_id: run.id,
            seq,
            sequence_id: run.sequenceId,
            step_id: fact.stepId,
            name: fact.name,
            finished_ms: nowMs,
            duration_ms: fact.durationMs,
            succeeded: fact.succeeded ? 1 : 0,
            code: fact.code,
            error_code: fact.error?.code ?? '',
          },
        ]
      : [],
  );
}

/** Notes what reports group a failed run by: its error and the step that failed last. */
export async function noteFailure(db: Kysely<Tables>, run: Run): Promise<void> {
  const step = await db
    .selectFrom('run_steps')
    .select('name')
    .where('run_id', '=', run.id)
    .where('succeeded', '=', 0)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  await db
    .updateTable('runs')
    .set({ error_code: run.error?.code ?? run.state, failed_step: step?.name ?? '' })
    .where('run_id', '=', run.id)
    .execute();
}

/** Make and model of a device in one text, as reports group by it: kept with the run, since records change. */
export async function modelOf(db: Kysely<Tables>, deviceId: string): Promise<string> {
  const row = await db
    .selectFrom('devices')
    .select('facts_json')
    .where('id', '=', deviceId)
    .executeTakeFirst();
  if (row === undefined) return '';
  const { manufacturer, model }: { manufacturer?: string | null; model?: string | null } =
    JSON.parse(row.facts_json);
  return [manufacturer, model].flatMap((text) => text?.trim() || []).join(' ');
}

/** What a run has of these columns when it begins, and before its first event. */
export const newRunFacts = {
  state: 'running',
  step_started: 0,
  takeover_approved: 0,
  error_json: null,
  ended_ms: null,
  have: 0,
  log_bytes: 0,
  cleared_ms: null,
  windows_setup: 'none',
  error_code: '',
  failed_step: '',
  recovered_ms: 0,
  trimmed: 0,
  setup_steps: '',
} as const;
