import type { Kysely } from 'kysely';
import type { DeviceId, RunId } from '#agent/protocol/identity.ts';
import { RunEvent } from '#agent/protocol/run-event.ts';
import { foldRun, isOpen, type Run } from '../inventory/run.ts';
import { foldWindowsSetup } from '../inventory/windows-setup.ts';
import { StoreError } from './error.ts';
import { evaluateDevice } from './evaluate-device.ts';
import { eventRow } from './event-row.ts';
import { setsSecret } from './grant-secrets.ts';
import { insertRows } from './insert-rows.ts';
import { noteFailure, stepRows } from './run-facts.ts';
import { runColumns, toRun } from './run-rows.ts';
import { setupSteps } from './setup-steps.ts';
import type { Tables } from './tables.ts';
import { tellRun } from './webhooks.ts';

/** What became of a batch. `forked`: a kept seq came again with other bytes, the run is marked. */
export type Appended =
  | {
      readonly kind: 'kept';
      readonly have: number;
      readonly run: Run;
      readonly added: number;
      /** State or next boot differ from before: PXE decides anew. */
      readonly bootChanged: boolean;
    }
  | { readonly kind: 'forked'; readonly have: number; readonly seq: number };

export const runs = {
  /** The newest first. */
  async list(db: Kysely<Tables>, limit = 500): Promise<Run[]> {
    const rows = await db
      .selectFrom('runs')
      .select(runColumns)
      .orderBy('started_ms', 'desc')
      .limit(limit)
      .execute();
    return rows.map(toRun);
  },

  async get(db: Kysely<Tables>, id: RunId): Promise<Run | null> {
    const row = await db
      .selectFrom('runs')
      .select(runColumns)
      .where('run_id', '=', id)
      .executeTakeFirst();
    return row === undefined ? null : toRun(row);
  },

  /** Runs of one device, the newest first. */
  async ofDevice(db: Kysely<Tables>, device: DeviceId): Promise<Run[]> {
    const rows = await db
      .selectFrom('runs')
      .select(runColumns)
      .where('device_id', '=', device)
      .orderBy('started_ms', 'desc')
      .execute();
    return rows.map(toRun);
  },

  /** Events with a seq above `after`, in order. */
  async events(db: Kysely<Tables>, id: RunId, after = 0, limit = 10_000): Promise<RunEvent[]> {
    const rows = await db
      .selectFrom('events')
      .selectAll()
      .where('run_id', '=', id)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(limit)
      .execute();
    return rows.map((row) =>
      RunEvent.parse({
        runId: row.run_id,
        seq: row.seq,
        atMs: row.at_ms,
        fact: JSON.parse(row.fact_json),
      }),
    );
  },

  /**
   * Keeps each event exactly once by (run, seq). The same bytes again are fine; other bytes at a kept
   * seq mark the run as forked; past a gap nothing is kept. `have` is the last seq kept.
   *
   * @param keyThumbprint the key that speaks: only the one the run is granted to may.
   * @throws {StoreError} `run.not-found`, `run.key`
   */
  async append(
    db: Kysely<Tables>,
    id: RunId,
    events: readonly RunEvent[],
    by: { readonly keyThumbprint: string; readonly nowMs: number },
  ): Promise<Appended> {
    const before = await speaking(db, id, by.keyThumbprint);
    let { have } = before;
    const first = Math.min(...events.map((event) => event.seq));
    const kept = first > have ? new Map() : await keptFacts(db, id, first);
    let run = toRun(before);
    if (run.state === 'forked') return { kind: 'forked', have, seq: have };
    const isSetupStep = await setupSteps(db, before, events);
    const rows: Tables['events'][] = [];
    const added: RunEvent[] = [];
    for (const event of events.toSorted((a, b) => a.seq - b.seq)) {
      const row = eventRow(event, by.nowMs);
      if (event.seq <= have) {
        const old = kept.get(event.seq) ?? rows.find((added) => added.seq === event.seq);
        if (old?.fact_json !== row.fact_json || old.at_ms !== row.at_ms) {
          const forked = { ...run, state: 'forked', endedMs: by.nowMs } as const;
          await mark(db, id, forked, by.nowMs);
          await noteFailure(db, forked);
          await tellRun(db, 'run-forked', forked, by.nowMs);
          return { kind: 'forked', have: before.have, seq: event.seq };
        }
        continue;
      }
      if (event.seq !== have + 1) break;
      rows.push(row);
      added.push(event);
      have = event.seq;
      run = {
        ...run,
        ...foldRun(run, event.fact, event.atMs),
        windowsSetup: foldWindowsSetup(run, event.fact, isSetupStep),
        have,
      };
    }
    await insertRows(db, 'events', rows);
    run = { ...run, lastEventMs: by.nowMs };
    await mark(db, id, run, by.nowMs);
    await markFacts(db, before, added);
    await insertRows(db, 'run_steps', stepRows(run, added, by.nowMs));
    if (run.state === 'failed' && before.state !== 'failed') await noteFailure(db, run);
    if (before.have === 0 && have > 0) await tellRun(db, 'run-started', run, by.nowMs);
    if (run.state !== before.state && (run.state === 'failed' || run.state === 'succeeded'))
      await tellRun(db, `run-${run.state}`, run, by.nowMs);
    if (run.state === 'succeeded' && before.state !== 'succeeded')
      await db
        .updateTable('devices')
        .set({ state: 'known' })
        .where('id', '=', run.deviceId)
        .execute();
    if (run.state !== before.state)
      await evaluateDevice(db, run.deviceId, run.state === 'succeeded' ? 'record' : 'runs');
    const bootChanged = run.state !== before.state || run.nextBoot !== before.next_boot;
    return { kind: 'kept', have, run, added: rows.length, bootChanged };
  },

  /** Lets the next key of this device take its open run over. False when no run is open. */
  async approveTakeover(db: Kysely<Tables>, device: DeviceId): Promise<boolean> {
    const changed = await db
      .updateTable('runs')
      .set({ takeover_approved: 1 })
      .where('device_id', '=', device)
      .where('state', 'in', ['running', 'restarting'])
      .executeTakeFirst();
    return changed.numUpdatedRows > 0n;
  },

  /** Notes that the run was heard of, without an event (progress, log). */
  async heard(db: Kysely<Tables>, id: RunId, keyThumbprint: string, nowMs: number): Promise<Run> {
    const run = toRun(await speaking(db, id, keyThumbprint));
    if (isOpen(run))
      await db.updateTable('runs').set({ last_event_ms: nowMs }).where('run_id', '=', id).execute();
    return run;
  },
};

/**
 * The row of a run, for the key it was granted to.
 *
 * @throws {StoreError} `run.not-found`, `run.key`
 */
export async function speaking(db: Kysely<Tables>, id: RunId, keyThumbprint: string) {
  const row = await db
    .selectFrom('runs')
    .select(runColumns)
    .where('run_id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new StoreError('run.not-found', `There is no run ${id}`);
  if (row.key_thumbprint !== keyThumbprint)
    throw new StoreError('run.key', `Run ${id} belongs to another key now`, {
      hint: 'A later start of the machine has taken it over, or this is another machine: start it again, or have an operator approve it.',
    });
  return row;
}

async function keptFacts(db: Kysely<Tables>, id: RunId, from: number) {
  const rows = await db
    .selectFrom('events')
    .select(['seq', 'at_ms', 'fact_json'])
    .where('run_id', '=', id)
    .where('seq', '>=', from)
    .execute();
  return new Map(rows.map((row) => [row.seq, row]));
}

/** Notes what is asked of a run without reading its events again. */
async function markFacts(
  db: Kysely<Tables>,
  before: Pick<Tables['runs'], 'run_id' | 'has_secrets' | 'step_started'>,
  added: readonly RunEvent[],
): Promise<void> {
  const has_secrets = added.some(({ fact }) => setsSecret(fact)) ? 1 : before.has_secrets;
  const hasStarted = added.some(({ fact }) => fact.kind === 'step-started');
  const step_started = hasStarted ? 1 : before.step_started;
  if (has_secrets === before.has_secrets && step_started === before.step_started) return;
  await db
    .updateTable('runs')
    .set({ has_secrets, step_started })
    .where('run_id', '=', before.run_id)
    .execute();
}

async function mark(db: Kysely<Tables>, id: RunId, run: Run, nowMs: number): Promise<void> {
  await db
    .updateTable('runs')
    .set({
      state: run.state,
      next_boot: run.nextBoot,
      error_json: run.error === null ? null : JSON.stringify(run.error),
      ended_ms: run.endedMs,
      last_event_ms: nowMs,
      have: run.have,
      windows_setup: run.windowsSetup,
    })
    .where('run_id', '=', id)
    .execute();
}
