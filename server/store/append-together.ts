import type { Kysely } from 'kysely';
import type { RunId } from '#agent/protocol/identity.ts';
import type { RunEvent } from '#agent/protocol/run-event.ts';
import { foldRun, isOpen, type Run } from '../inventory/run.ts';
import { foldWindowsSetup } from '../inventory/windows-setup.ts';
import { allDone } from './all-done.ts';
import { eventRow } from './event-row.ts';
import { setsSecret } from './grant-secrets.ts';
import { insertRows, padded } from './insert-rows.ts';
import { packChunk } from './log-chunks.ts';
import type { logs } from './logs.ts';
import { stepRows } from './run-facts.ts';
import { runColumns, toRun } from './run-rows.ts';
import type { Appended, runs } from './runs.ts';
import { setupSteps } from './setup-steps.ts';
import type { Tables } from './tables.ts';
import { tellRuns } from './webhooks.ts';

type Rest<Operation> = Operation extends (db: Kysely<Tables>, ...args: infer Args) => unknown
  ? Args
  : never;
type AppendRun = Rest<typeof runs.append>;
type AppendLog = Rest<typeof logs.append>;
type RunRow = Pick<Tables['runs'], (typeof runColumns)[number]>;

/**
 * `runs.append` of many runs at once: a handful of statements for all. It takes what most posts are: events
 * that follow what is kept, and change nothing of the run but how far it is.
 *
 * @returns answers by place; undefined for a call that has to be run by itself
 */
export async function appendRunsTogether(
  db: Kysely<Tables>,
  calls: readonly AppendRun[],
): Promise<readonly (Appended | undefined)[]> {
  const rows = await rowsOf(db, calls);
  const answers: (Extract<Appended, { kind: 'kept' }> | undefined)[] = [];
  const events: Tables['events'][] = [];
  const steps: Tables['run_steps'][] = [];
  for (const [id, added, { keyThumbprint, nowMs }] of calls) {
    const run = await afterPlainEvents(db, takeRow(rows, id, keyThumbprint), added, nowMs);
    answers.push(
      run && { kind: 'kept', have: run.have, run, added: added.length, bootChanged: false },
    );
    if (run === undefined) continue;
    events.push(...added.map((event) => eventRow(event, nowMs)));
    steps.push(...stepRows(run, added, nowMs));
  }
  const kept = answers.flatMap((answer) => answer ?? []);
  await allDone([
    insertRows(db, 'events', events),
    insertRows(db, 'run_steps', steps),
    ...[...Map.groupBy(kept, (answer) => answer.added)].map(([added, group]) =>
      db
        .updateTable('runs')
        .set(({ eb }) => ({ have: eb('have', '+', added), last_event_ms: latest(group) }))
        .where('run_id', 'in', padded(group.map(({ run }) => run.id)))
        .execute(),
    ),
  ]);
  const started = kept.flatMap(({ run, added }) => (run.have === added ? [run] : []));
  await tellRuns(db, 'run-started', started, latest(kept));
  return answers;
}

/**
 * `logs.append` of many runs at once, for chunks that lie at the end of what is there.
 *
 * @returns lengths of the logs by place; undefined for a call that has to be run by itself
 */
export async function appendLogsTogether(
  db: Kysely<Tables>,
  calls: readonly AppendLog[],
): Promise<readonly (number | undefined)[]> {
  const rows = await rowsOf(db, calls);
  const chunks: Tables['logs'][] = [];
  const answers = calls.map(([id, { offset, text }, { keyThumbprint }]) => {
    const row = takeRow(rows, id, keyThumbprint);
    const bytes = Buffer.byteLength(text);
    if (row === undefined || row.log_bytes !== offset || bytes === 0) return undefined;
    chunks.push(packChunk(id, offset, text));
    return offset + bytes;
  });
  const last_event_ms = Math.max(...calls.map(([, , { nowMs }]) => nowMs));
  await allDone([
    insertRows(db, 'logs', chunks),
    ...[...Map.groupBy(chunks, (chunk) => chunk.bytes)].map(([bytes, group]) =>
      db
        .updateTable('runs')
        .set(({ eb }) => ({ log_bytes: eb('log_bytes', '+', bytes), last_event_ms }))
        .where('run_id', 'in', padded(group.map(({ run_id }) => run_id)))
        .execute(),
    ),
  ]);
  return answers;
}

async function rowsOf(
  db: Kysely<Tables>,
  calls: readonly (readonly [RunId, ...unknown[]])[],
): Promise<Map<string, RunRow>> {
  const rows = await db
    .selectFrom('runs')
    .select(runColumns)
    .where('run_id', 'in', padded([...new Set(calls.map(([id]) => id))]))
    .execute();
  return new Map(rows.map((row) => [row.run_id, row]));
}

/** The row of a run for its first call; a second one of the same run comes after it, by itself. */
function takeRow(rows: Map<string, RunRow>, id: RunId, keyThumbprint: string): RunRow | undefined {
  const row = rows.get(id);
  rows.delete(id);
  return row?.key_thumbprint === keyThumbprint ? row : undefined;
}

/** The run after events that follow what is kept; undefined where they change more than how far it is. */
async function afterPlainEvents(
  db: Kysely<Tables>,
  row: RunRow | undefined,
  events: readonly RunEvent[],
  nowMs: number,
): Promise<Run | undefined> {
  if (row === undefined) return undefined;
  const before = toRun(row);
  if (!isOpen(before) || events.some(({ seq }, index) => seq !== row.have + 1 + index))
    return undefined;
  if (events.some(({ fact }) => isNewsOf(row, fact))) return undefined;
  const isSetupStep = await setupSteps(db, row, events);
  const isChanged = events.some(({ fact, atMs }) => {
    const after = foldRun(before, fact, atMs);
    return (
      after.state !== before.state ||
      after.nextBoot !== before.nextBoot ||
      foldWindowsSetup(before, fact, isSetupStep) !== before.windowsSetup
    );
  });
  return isChanged
    ? undefined
    : { ...before, have: before.have + events.length, lastEventMs: nowMs };
}

/** Whether a fact is the first of its kind, which the row of the run notes. */
function isNewsOf(row: RunRow, fact: RunEvent['fact']): boolean {
  if (fact.kind === 'step-started') return row.step_started === 0;
  return row.has_secrets === 0 && setsSecret(fact);
}

function latest(group: readonly { readonly run: Pick<Run, 'lastEventMs'> }[]): number {
  return Math.max(...group.map(({ run }) => run.lastEventMs));
}
