import type { Kysely } from 'kysely';
import type { RunEvent } from '#agent/protocol/run-event.ts';
import type { Tables } from '../tables.ts';
import { index, numberColumn, table, textColumn } from './columns.ts';

/** Ended steps as rows that reports count, what reports group runs by, silences of PXE, webhooks. */
export async function history(db: Kysely<Tables>): Promise<void> {
  for (const name of ['model', 'error_code', 'failed_step'])
    await textColumn(db, 'runs', { name, default: '' });
  for (const name of ['recovered_ms', 'trimmed'])
    await numberColumn(db, 'runs', { name, default: 0 });
  await index(db, 'runs', ['started_ms']);
  await index(db, 'runs', ['state', 'ended_ms']);
  await table(
    db,
    'run_steps',
    {
      run_id: 'text',
      seq: 'int',
      sequence_id: 'text',
      step_id: 'text',
      name: 'text',
      finished_ms: 'int',
      duration_ms: 'int',
      succeeded: 'int',
      code: 'int',
      error_code: 'text',
    },
    ['run_id', 'seq'],
  );
  await index(db, 'run_steps', ['finished_ms']);
  await table(
    db,
    'silences',
    {
      mac: 'text',
      reason_key: 'text',
      reason: 'text',
      interface_name: 'text',
      architecture: 'text',
      guid: 'text?',
      first_ms: 'int',
      last_ms: 'int',
      count: 'int',
    },
    ['mac', 'reason_key'],
  );
  await index(db, 'silences', ['last_ms']);
  await table(
    db,
    'webhooks',
    {
      id: 'text',
      url: 'text',
      events_json: 'text',
      secret: 'text',
      state: 'text',
      reason: 'text',
      failing_since_ms: 'int?',
      created_ms: 'int',
    },
    ['id'],
  );
  await table(
    db,
    'webhook_outbox',
    {
      id: 'text',
      webhook_id: 'text',
      event: 'text',
      body_json: 'text',
      created_ms: 'int',
      next_ms: 'int',
      attempts: 'int',
      lease_until_ms: 'int',
    },
    ['id'],
  );
  await index(db, 'webhook_outbox', ['next_ms']);
  await index(db, 'webhook_outbox', ['webhook_id']);
  await backfill(db);
}

/** The runs that are there already, one after the other: each has some hundred events at most. */
async function backfill(db: Kysely<Tables>): Promise<void> {
  const runs = await db
    .selectFrom('runs')
    .select(['run_id', 'sequence_id', 'device_id', 'error_json'])
    .execute();
  for (const { run_id, sequence_id, error_json } of runs) {
    if (error_json !== null) {
      const error: { readonly code?: string } = JSON.parse(error_json);
      await db
        .updateTable('runs')
        .set({ error_code: error.code ?? '' })
        .where('run_id', '=', run_id)
        .execute();
    }
    const events = await db
      .selectFrom('events')
      .select(['seq', 'received_ms', 'fact_json'])
      .where('run_id', '=', run_id)
      .execute();
    for (const { seq, received_ms, fact_json } of events) {
      const fact: Partial<Finished> = JSON.parse(fact_json);
      if (fact.kind !== 'step-finished') continue;
      await db
        .insertInto('run_steps')
        .values({
          run_id,
          seq,
          sequence_id,
          step_id: fact.stepId ?? '',
          name: fact.name ?? '',
          finished_ms: received_ms,
          duration_ms: fact.durationMs ?? 0,
          succeeded: fact.succeeded === true ? 1 : 0,
          code: fact.code ?? 0,
          error_code: fact.error?.code ?? '',
        })
        .execute();
    }
  }
}

type Finished = Extract<RunEvent['fact'], { kind: 'step-finished' }>;
