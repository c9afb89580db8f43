import { afterEach, beforeEach, expect, it } from 'vitest';
import { RunId } from '#agent/protocol/identity.ts';
import { RunEvent, type RunFact } from '#agent/protocol/run-event.ts';
import { seeded } from '../testing/seeded.ts';
import { appendLogsTogether, appendRunsTogether } from './append-together.ts';
import { logs } from './logs.ts';
import { migrate } from './migrate.ts';
import { newRunFacts } from './run-facts.ts';
import { runs } from './runs.ts';
import { openSqlite, type SqliteFile } from './sqlite.ts';

const RUNS = 12;
const idOf = (number: number) =>
  RunId.parse(`00000000-0000-4000-8000-0000000000${String(number).padStart(2, '0')}`);

let together: SqliteFile;
let alone: SqliteFile;
beforeEach(async () => {
  [together, alone] = [await openWithRuns(), await openWithRuns()];
});
afterEach(() => {
  together.close();
  alone.close();
});

async function openWithRuns(): Promise<SqliteFile> {
  const file = openSqlite(':memory:');
  await migrate(file);
  await file.db
    .insertInto('webhooks')
    .values({
      id: 'w',
      url: 'https://hook.example',
      sealed_url: '',
      events_json: JSON.stringify(['run-started', 'run-failed', 'run-forked']),
      secret: '',
      state: 'active',
      reason: '',
      failing_since_ms: null,
      created_ms: 1,
    })
    .execute();
  for (let number = 0; number < RUNS; number++)
    await file.db
      .insertInto('runs')
      .values({
        ...newRunFacts,
        run_id: idOf(number),
        device_id: '10000000-0000-4000-8000-000000000000',
        deployment_id: 'MW100001',
        sequence_id: 'MW100002',
        sequence_version: 1,
        sequence_name: 'S',
        purpose: 'available',
        grant_json: JSON.stringify({ documentJson: JSON.stringify(document) }),
        has_secrets: 0,
        key_thumbprint: 'key',
        next_boot: 'pe',
        started_ms: 1,
        last_event_ms: 1,
        model: '',
      })
      .execute();
  return file;
}

const document = { name: 'S', steps: [{ type: 'setup-windows' }, { type: 'run-command' }] };

/** A number below `limit`, the same ones for a seed. */
function randomFrom(seed: number) {
  const next = seeded(seed);
  return (limit: number) => Math.floor(next() * limit);
}

function anyFact(random: (limit: number) => number): RunFact {
  const step = { stepId: String(random(2)), name: 'step', attempt: 1 };
  const facts: readonly unknown[] = [
    { kind: 'step-started', ...step },
    { kind: 'group-entered', stepId: '0', name: `group ${random(5)}` },
    {
      kind: 'step-finished',
      ...step,
      code: random(3),
      succeeded: random(4) > 0,
      variables: random(6) === 0 ? [{ name: 'P', value: 's', secret: true }] : [],
      durationMs: 5,
    },
    ...(random(60) === 0 ? [{ kind: 'restart-requested', next: 'disk', delayMs: 0 }] : []),
    ...(random(60) === 0
      ? [{ kind: 'run-finished', succeeded: false, code: 1, next: 'disk' }]
      : []),
  ];
  return RunEvent.shape.fact.parse(facts[random(facts.length)]);
}

type Call = Parameters<typeof runs.append> extends [unknown, ...infer Rest] ? Rest : never;

/** Most follow what is kept; some come twice, leave a gap, say something else, or speak with another key. */
function anyCall(random: (limit: number) => number, have: ReadonlyMap<RunId, number>): Call {
  const runId = idOf(random(RUNS + 1));
  const last = have.get(runId) ?? 0;
  const first = random(8) === 0 ? Math.max(1, last - 1 + random(4)) : last + 1;
  const events = Array.from({ length: 1 + random(3) }, (_, index) => ({
    runId,
    seq: first + index,
    atMs: first + index,
    fact: anyFact(random),
  }));
  return [runId, events, { keyThumbprint: random(30) === 0 ? 'other' : 'key', nowMs: 100 + last }];
}

async function answerOf<Value>(run: () => Promise<Value>): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    return { code: error instanceof Error ? Reflect.get(error, 'code') : error };
  }
}

async function kept({ db }: SqliteFile) {
  return {
    runs: await db.selectFrom('runs').selectAll().orderBy('run_id').execute(),
    events: await db.selectFrom('events').selectAll().orderBy('run_id').orderBy('seq').execute(),
    steps: await db.selectFrom('run_steps').selectAll().orderBy('run_id').orderBy('seq').execute(),
    told: await db
      .selectFrom('webhook_outbox')
      .select(['event'])
      .orderBy('event')
      .orderBy('created_ms')
      .execute(),
    logs: await db.selectFrom('logs').selectAll().orderBy('run_id').orderBy('start').execute(),
  };
}

it.each([1, 20, 300, 4000])(
  'M32 keeps of many runs at once what it keeps of each, seed %i',
  async (seed) => {
    const random = randomFrom(seed);
    const have = new Map<RunId, number>();
    let count = 0;
    for (let round = 0; round < 25; round++) {
      const calls = Array.from({ length: 2 + random(10) }, () => anyCall(random, have));
      const answers = await appendRunsTogether(together.db, calls);
      for (const [place, call] of calls.entries()) {
        count += answers[place] === undefined ? 0 : 1;
        if (answers[place] === undefined) await answerOf(() => runs.append(together.db, ...call));
      }
      // Those that were done together came before the others.
      const order = [...calls.entries()].toSorted(
        ([a], [b]) => Number(answers[a] === undefined) - Number(answers[b] === undefined),
      );
      for (const [place, call] of order) {
        const answer = await answerOf(() => runs.append(alone.db, ...call));
        expect(answers[place] ?? answer).toEqual(answer);
      }
      for (const { run_id, have: last } of await alone.db.selectFrom('runs').selectAll().execute())
        have.set(RunId.parse(run_id), last);
    }
    expect(await kept(together)).toEqual(await kept(alone));
    expect(count).toBeGreaterThan(8);
    expect((await kept(together)).told.length).toBeGreaterThan(5);
  },
);

it('M32 keeps chunks of logs of many runs, and leaves those that do not follow', async () => {
  const by = { keyThumbprint: 'key', nowMs: 50 };
  const first = await appendLogsTogether(together.db, [
    [idOf(0), { offset: 0, text: 'Grüße' }, by],
    [idOf(1), { offset: 5, text: 'late' }, by],
    [idOf(2), { offset: 0, text: 'mine' }, { ...by, keyThumbprint: 'other' }],
    [idOf(0), { offset: 0, text: 'twice' }, by],
    [idOf(RUNS), { offset: 0, text: 'nobody' }, by],
  ]);
  expect(first).toEqual([7, undefined, undefined, undefined, undefined]);
  const next = await appendLogsTogether(together.db, [[idOf(0), { offset: 7, text: '!' }, by]]);
  expect(next).toEqual([8]);
  expect((await logs.read(together.db, idOf(0), 0)).text).toBe('Grüße!');
  expect((await kept(together)).logs).toHaveLength(2);
  expect(await runs.get(together.db, idOf(1))).toMatchObject({ lastEventMs: 1 });
});
