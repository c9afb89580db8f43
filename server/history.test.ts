import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { expect, it } from 'vitest';
import type { RunId } from '#agent/protocol/identity.ts';
import { agentPaths } from '#agent/protocol/paths.ts';
import { type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { runHere } from './cli/testing/run-here.ts';
import { LogSearchView, ReportView } from './http/api-history.ts';
import { formatCsv } from './http/csv.ts';
import { startSilenceKeeper } from './silence-keeper.ts';
import { openSqlite } from './store/sqlite.ts';
import type { Tables } from './store/tables.ts';
import { sendFacts, startRun, type TestSite } from './test-machines.ts';
import { withTestSite } from './testing/with-test-site.ts';

const DAY_MS = 86_400_000;
let site: TestSite;
withTestSite((opened) => {
  site = opened;
});

const options = () => [
  '--server',
  site.app.addresses.console.replace('0.0.0.0', 'localhost').replace('127.0.0.1', 'localhost'),
  '--data',
  join(site.directory, 'data'),
];
async function cli(...argv: string[]) {
  const ended = await runHere([...argv, ...options()]);
  expect(ended).toMatchObject({ code: 0 });
  return ended.out;
}

const begun = (sha256: string): RunFact => ({
  kind: 'run-started',
  documentSha256: sha256,
  agentVersion: '1',
  machineKey: 'm',
  variables: [{ name: 'Token', value: 'sealed-value', secret: true }],
  environment: 'linux-pe',
});
const step = (name: string, ok: boolean): RunFact => ({
  kind: 'step-finished',
  stepId: StepId.parse('0'),
  name,
  attempt: 1,
  code: ok ? 0 : 5,
  succeeded: ok,
  variables: [],
  durationMs: ok ? 2000 : 10,
  ...(ok ? {} : { error: { code: 'disk.too-small', message: '8 GB are too few' } }),
});

it('M31 counts runs by sequence, model, cause, step and day, as text, JSON and CSV', async () => {
  const [good, bad] = [await site.machine(), await site.machine()];
  const sequence = await site.store({
    name: '=Kiosk',
    steps: [{ step: 'Say', type: 'set-variable', params: { name: 'A', value: 'b' } }],
  });
  const deployment = await site.deploy(sequence, [good, bad]);
  for (const machine of [good, bad]) {
    const ok = machine === good;
    const run = await startRun(machine, deployment);
    await sendFacts(machine, run.runId, [
      begun(run.documentSha256),
      step('Format', true),
      step('Apply', ok),
      {
        kind: 'run-finished',
        succeeded: ok,
        code: ok ? 0 : 5,
        next: 'disk',
        ...(ok ? {} : { error: { code: 'disk.too-small', message: '8 GB are too few' } }),
      },
    ]);
    const text = 'Looking at the 100%_disk\nNothing\n';
    await machine.agent.call('POST', agentPaths.log(run.runId), { offset: 0, text });
  }
  // The clock of the test is years ahead of the command's.
  const { nowMs } = site.clock;
  const count = (by: 'sequence' | 'model' | 'cause' | 'step' | 'day') =>
    site.app.store.reports.count(by, { fromMs: nowMs - DAY_MS, toMs: nowMs + 1 });
  const both = { count: 2, succeeded: 1, failed: 1 };
  expect(await count('sequence')).toMatchObject([{ name: '=Kiosk', ...both }]);
  expect(await count('model')).toMatchObject([{ name: 'Acme One', ...both }]);
  expect(await count('cause')).toMatchObject([{ name: 'disk.too-small', count: 1, failed: 1 }]);
  expect(await count('day')).toMatchObject([{ name: '2027-01-15', ...both }]);
  expect((await count('step')).toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject([
    { name: 'Apply', ...both, averageMs: 2000 },
    { name: 'Format', count: 2, succeeded: 2, averageMs: 2000 },
  ]);
  const json = ReportView.parse(JSON.parse(await cli('report', '--by', 'cause', '--json')));
  expect(json).toMatchObject({ rows: [{ note: expect.stringContaining('disk') }] });
  expect(json.total).toMatchObject({ count: 2, successRate: 0.5 });
  expect(await cli('report', '--csv')).toContain("\r\n'=Kiosk,2,1,1,0.5,");
  expect(await cli('report')).toMatch(/=Kiosk +2 +1 +1 +50%/);
});

it('finds a text in logs and events without case, and no secret', async () => {
  const search = async (...argv: string[]) =>
    LogSearchView.parse(JSON.parse(await cli('run', 'search', '--json', ...argv)));
  expect((await search('100%_DISK')).hits).toMatchObject([{ kind: 'log' }, { kind: 'log' }]);
  expect((await search('100%xdisk')).hits).toEqual([]);
  expect((await search('too few', '--device', 'PC-02')).hits).toHaveLength(2);
  expect((await search('too few', '--device', 'PC-01')).hits).toEqual([]);
  expect((await search('sealed-value')).hits).toEqual([]);
  expect(await cli('run', 'search', 'looking')).toContain('PC-01: Looking at the 100%_disk');
});

it('takes away what is older than it is kept, never of open runs and the newest of a device', async () => {
  const { store } = site.app;
  const machine = await site.machine();
  const sequence = await site.store({
    name: 'Old',
    steps: [{ step: 'Say', type: 'set-variable', params: { name: 'A', value: 'b' } }],
  });
  const start = site.clock.nowMs;
  const runs: RunId[] = [];
  for (let n = 0; n < 3; n++) {
    const run = await startRun(machine, await site.deploy(sequence, [machine]));
    await sendFacts(machine, run.runId, [
      begun(run.documentSha256),
      ...(n === 2
        ? []
        : [{ kind: 'run-finished', succeeded: true, code: 0, next: 'disk' } as const]),
    ]);
    await machine.agent.call('POST', agentPaths.log(run.runId), { offset: 0, text: 'log\n' });
    runs.push(run.runId);
    site.clock.nowMs += DAY_MS;
  }
  await cli('retention', 'set', '--events', '5', '--logs', '2', '--keep-last', '2');
  expect(await cli('retention', 'show')).toMatch(/events +5 days\nlogs +2 days\nruns +for ever/);
  const sweep = async (nowMs: number) => {
    while (await store.retention.sweep(nowMs));
    return await Promise.all(
      runs.map(async (run) => [
        (await store.logs.read(run, 0)).text.length > 0,
        (await store.runs.events(run)).length > 0,
      ]),
    );
  };
  expect(await sweep(start + DAY_MS)).toEqual([
    [true, true],
    [true, true],
    [true, true],
  ]);
  expect(await sweep(start + 4 * DAY_MS)).toEqual([
    [false, true],
    [true, true],
    [true, true],
  ]);
  expect((await sweep(start + 400 * DAY_MS))[0]).toEqual([false, false]);
  await cli('retention', 'set', '--keep-last', '1', '--runs', '10');
  expect(await sweep(start + 400 * DAY_MS)).toEqual([
    [false, false],
    [false, false],
    [true, true],
  ]);
  // The runs themselves stay: their deployments are there, and must not run again.
  expect((await store.runs.ofDevice(machine.device)).length).toBe(3);
});

it('keeps why a network boot was not answered, a flood in one write', async () => {
  const { store } = site.app;
  const failures: unknown[] = [];
  const keeper = startSilenceKeeper(store, (error) => failures.push(error));
  const decision = {
    kind: 'decision',
    atMs: 5,
    interfaceName: 'eth1',
    mac: '02:00:00:00:09:09',
    guid: null,
    architecture: 'x64-uefi',
    outcome: 'silent',
    reason: 'It waits for approval',
    boot: null,
  } as const;
  for (let n = 0; n < 5000; n++) keeper.note({ ...decision, atMs: n });
  for (let n = 0; n < 5000; n++) keeper.note({ ...decision, mac: `mac-${n}` });
  keeper.note({ ...decision, outcome: 'answered', mac: 'none' });
  await keeper.close();
  expect(failures).toEqual([]);
  expect(await store.silences.list({ mac: decision.mac, limit: 10 })).toEqual([
    expect.objectContaining({ count: 5000, lastMs: 4999, reason: decision.reason }),
  ]);
  expect((await store.silences.list({ limit: 5000 })).length).toBe(1000);
  const listed = await cli('netboot', 'silences', '--mac', decision.mac.toUpperCase());
  expect(listed).toMatch(/5000 +eth1 +It waits for approval/);
});

it('writes no formula into a spreadsheet', () => {
  expect(formatCsv(['a'], [['=1+1'], ['-2'], [-2], ['say "a", b'], [null]])).toBe(
    `a\r\n'=1+1\r\n'-2\r\n-2\r\n"say ""a"", b"\r\n\r\n`,
  );
});

it('counts 20,000 runs and 60,000 steps within a second each', async () => {
  const database = openSqlite(join(site.directory, 'data', 'metalwright.sqlite'));
  const run = (text: string) => sql.raw(text).execute(database.db);
  await run(`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
    insert into runs select 'run-' || i, 'd', 'MW1', 'S', 1, 'Sequence ' || (i % 40), 'required', '{}', 'k', 0,
      case i % 10 when 0 then 'failed' else 'succeeded' end, 'disk', null, i, i + 1000, i, 1, 0, null,
      ${await columnsAfter(database.db)} from n;`);
  await run(`
    with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)
    insert into run_steps select 'run-' || (i % 20000), i, 'S', '0', 'Step ' || (i % 30), i, i % 5000, 1, 0, '' from n;`);
  database.close();
  for (const by of ['sequence', 'step', 'cause', 'day'] as const) {
    const began = performance.now();
    const rows = await site.app.store.reports.count(by, { fromMs: 0, toMs: DAY_MS });
    expect(rows.length).toBeGreaterThan(0);
    expect(performance.now() - began, by).toBeLessThan(1000);
  }
});

/** Values of the columns that migrations have added since the first. */
async function columnsAfter(db: Kysely<Tables>): Promise<string> {
  const runs = (await db.introspection.getTables()).find(({ name }) => name === 'runs');
  const added = (runs?.columns ?? []).slice(19);
  return added.map(({ dataType }) => (dataType === 'text' ? "'x'" : '0')).join(', ');
}

it('tells Prometheus how it is, to whoever has a token, and no machine by name', async () => {
  const token = (await readFile(join(site.directory, 'data', 'admin-token'), 'utf8')).trim();
  const scrape = (authorization: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      get(
        `${site.app.addresses.console.replace('0.0.0.0', '127.0.0.1')}/metrics`,
        { ca: site.ca, headers: { authorization }, agent: false },
        (answer) => {
          let text = '';
          answer.on('data', (part: Buffer) => {
            text += part.toString();
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        },
      ).on('error', reject);
    });
  expect((await scrape('Bearer none')).status).toBe(401);
  const { status, text } = await scrape(`Bearer ${token}`);
  expect(status).toBe(200);
  expect(text).toMatch(/^metalwright_runs\{state="running"\} 1$/m);
  expect(text).toMatch(/^metalwright_run_events_total \d{2}$/m);
  expect(text).toMatch(/^metalwright_store_group_calls_bucket\{le="1"\} \d+$/m);
  expect(text).toMatch(/^metalwright_worker_busy_ratio\{worker="store"\} (0\.\d+|1)$/m);
  expect(text).toMatch(/^metalwright_store_call_seconds_count\{operation="runs.append"\} \d+$/m);
  expect(text).toMatch(/^metalwright_http_answers_total\{listener="agents",status="2xx"\} \d+$/m);
  expect(text).toContain('metalwright_eventloop_lag_p99_seconds');
  expect(text).not.toMatch(/PC-0|02:00:00|M-0/);
});
