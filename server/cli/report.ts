import { text } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { LogSearchView, ReportView } from '../http/api-history.ts';
import { formatLogEntry, parseCmTrace } from '../inventory/cmtrace.ts';
import { ReportBy, Retention, Silence } from '../inventory/history.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatSpan, formatTime, parseCount } from './units.ts';

const DAY_MS = 86_400_000;
const ReportOptions = z.object({
  by: ReportBy,
  days: z.number(),
  csv: z.boolean().default(false),
});

/** `metalwright report`. */
export function reportCommand(program: Command, terminal: Terminal): void {
  withServerOptions(
    program
      .command('report')
      .description('how runs went: success, time and causes of failure')
      .addOption(
        new Option('--by <what>', 'what runs are counted by')
          .choices(ReportBy.options)
          .default('sequence'),
      )
      .option('--days <n>', 'of so many days back', parseCount, 30)
      .option('--csv', 'as CSV')
      .option('--json', 'as JSON'),
  ).action(async (rawOptions: unknown) => {
    const { by, days, csv } = ReportOptions.parse(rawOptions);
    const from = Math.max(0, Date.now() - days * DAY_MS);
    const query = `by=${by}&from=${from}`;
    if (csv) {
      const csvText = await withApi(terminal, rawOptions, async (api) =>
        text(await api.download(`/reports.csv?${query}`)),
      );
      terminal.out(csvText);
      return;
    }
    const report = await withApi(terminal, rawOptions, (api) =>
      api.call('GET', `/reports?${query}`, ReportView),
    );
    if (wantsJson(rawOptions)) {
      terminal.out(`${JSON.stringify(report, null, 2)}\n`);
      return;
    }
    writeList(terminal, [...report.rows, { ...report.total, name: 'all runs' }], {
      json: false,
      empty: '',
      columns: [
        { title: by.toUpperCase(), value: (row) => row.name },
        { title: by === 'step' ? 'ENDED' : 'RUNS', value: (row) => String(row.count) },
        { title: 'SUCCEEDED', value: (row) => String(row.succeeded) },
        { title: 'FAILED', value: (row) => String(row.failed) },
        {
          title: 'RATE',
          value: (row) =>
            row.successRate === null ? '' : `${Math.floor(row.successRate * 1000) / 10}%`,
        },
        {
          title: 'AVERAGE',
          value: (row) => (row.averageMs === null ? '' : formatSpan(row.averageMs)),
        },
        {
          title: 'LONGEST',
          value: (row) => (row.longestMs === null ? '' : formatSpan(row.longestMs)),
        },
        { title: 'NOTE', value: (row) => row.note },
      ],
    });
  });
}

const daysOf = ['events', 'logs', 'runs', 'audit', 'silences'] as const;
const RetentionOptions = z.object({
  ...Object.fromEntries(daysOf.map((name) => [name, z.string().optional()])),
  keepLast: z.number().optional(),
});

/** `metalwright retention show|set`. */
export function retentionCommand(program: Command, terminal: Terminal): void {
  const retention = program.command('retention').description('how long history is kept');
  const show = (kept: Retention, options: unknown) =>
    terminal.out(
      wantsJson(options)
        ? `${JSON.stringify(kept, null, 2)}\n`
        : [
            ...daysOf.map((name) => `${name.padEnd(9)}${describeDays(kept[`${name}Days`])}\n`),
            `of each device the last ${kept.keepLastRuns} runs keep everything\n`,
          ].join(''),
    );
  withServerOptions(
    retention.command('show').description('show it').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    show(
      await withApi(terminal, options, (api) => api.call('GET', '/retention', Retention)),
      options,
    );
  });
  const set = retention
    .command('set')
    .description("change it; what is not named stays. 'ever' keeps for ever")
    .option('--events <days>', 'events of runs that ended')
    .option('--logs <days>', 'logs of runs that ended')
    .option('--runs <days>', 'whole runs, where their deployment is withdrawn')
    .option('--audit <days>', 'who changed what')
    .option('--silences <days>', 'why network boots were not answered')
    .option('--keep-last <n>', 'newest runs of each device that keep everything', parseCount)
    .option('--json', 'as JSON');
  withServerOptions(set).action(async (options: unknown) => {
    const wish: Record<string, unknown> = RetentionOptions.loose().parse(options);
    const changed = await withApi(terminal, options, async (api) => {
      const before = await api.call('GET', '/retention', Retention);
      const json = Retention.parse({
        ...before,
        ...Object.fromEntries(
          daysOf.flatMap((name) => {
            const text = wish[name];
            if (text === undefined) return [];
            return [[`${name}Days`, text === 'ever' ? null : Number(text)]];
          }),
        ),
        ...(wish['keepLast'] === undefined ? {} : { keepLastRuns: wish['keepLast'] }),
      });
      return await api.call('PUT', '/retention', Retention, { json });
    });
    show(changed, options);
  });
}

function describeDays(days: number | null): string {
  return days === null ? 'for ever' : `${days} days`;
}

const SearchOptions = z.object({
  run: z.string().optional(),
  device: z.string().optional(),
  days: z.number(),
});

/** `metalwright run search <text>`. */
export function runSearchCommand(run: Command, terminal: Terminal): void {
  withServerOptions(
    run
      .command('search')
      .argument('<text>')
      .description('find a text in logs and events, without regard to case')
      .option('--run <id>', 'in one run')
      .option('--device <device>', 'in runs of one device')
      .option('--days <n>', 'in runs of so many days back', parseCount, 30)
      .option('--json', 'as JSON'),
  ).action(async (text: string, options: unknown) => {
    const { run: runId, device, days } = SearchOptions.parse(options);
    const query = new URLSearchParams({
      text,
      from: String(Math.max(0, Date.now() - days * DAY_MS)),
      ...(runId === undefined ? {} : { run: runId }),
      ...(device === undefined ? {} : { device }),
    });
    const found = await withApi(terminal, options, (api) =>
      api.call('GET', `/run-search?${query.toString()}`, LogSearchView),
    );
    if (wantsJson(options)) {
      terminal.out(`${JSON.stringify(found, null, 2)}\n`);
      return;
    }
    for (const hit of found.hits) {
      const [entry] = parseCmTrace(`${hit.line}\n`).entries;
      const shown = entry === undefined ? hit.line : formatLogEntry(entry);
      terminal.out(`${hit.runId.slice(0, 8)} ${hit.deviceName}: ${shown}\n`);
    }
    terminal.err(
      `${found.hits.length} found in ${found.searchedRuns} runs${found.more ? '; there may be more: name a run or a device' : ''}\n`,
    );
  });
}

/** `metalwright netboot silences`. */
export function silencesCommand(netboot: Command, terminal: Terminal): void {
  withServerOptions(
    netboot
      .command('silences')
      .description('why machines were not answered, the newest first')
      .option('--mac <address>', 'of one machine')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const { mac } = z.object({ mac: z.string().optional() }).parse(options);
    const query = mac === undefined ? '' : `?mac=${encodeURIComponent(mac)}`;
    const rows = await withApi(terminal, options, (api) =>
      api.call('GET', `/silences${query}`, z.array(Silence)),
    );
    writeList(terminal, rows, {
      json: wantsJson(options),
      empty: 'no request was left without an answer',
      columns: [
        { title: 'LAST', value: (row) => formatTime(row.lastMs) },
        { title: 'MAC', value: (row) => row.mac },
        { title: 'TIMES', value: (row) => String(row.count) },
        { title: 'ON', value: (row) => row.interfaceName },
        { title: 'WHY', value: (row) => row.reason },
      ],
    });
  });
}
