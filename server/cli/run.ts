import type { Command } from 'commander';
import { z } from 'zod';
import { RunDetail, RunView } from '../http/api.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findByName } from './find-by-name.ts';
import { runSearchCommand } from './report.ts';
import { writeRunLog } from './run-log.ts';
import { describeProgress, formatRunDetail } from './run-text.ts';
import { saveStream } from './save-stream.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes, formatSpan, formatTime } from './units.ts';

/** `metalwright run list|show|log|bundle`. */
export function runCommand(program: Command, terminal: Terminal): void {
  const run = program.command('run').description('what runs and ran on which machine');
  withServerOptions(
    run.command('list').description('list runs, the newest first').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const runs = await withApi(terminal, options, listRuns);
    writeList(terminal, runs, {
      json: wantsJson(options),
      empty: 'nothing has run yet: metalwright deploy, then start a machine from the network',
      columns: [
        { title: 'ID', value: (row) => row.id.slice(0, 8) },
        { title: 'DEVICE', value: (row) => row.deviceName },
        { title: 'TASK SEQUENCE', value: (row) => row.sequenceName },
        { title: 'STATE', value: (row) => row.state },
        { title: 'STARTED', value: (row) => formatTime(row.startedMs) },
        {
          title: 'TOOK',
          value: (row) => formatSpan((row.endedMs ?? row.lastEventMs) - row.startedMs),
        },
        {
          title: 'NOW',
          value: (row) => (row.error === null ? describeProgress(row) : row.error.message),
        },
      ],
    });
  });

  runSearchCommand(run, terminal);

  withServerOptions(
    run
      .command('show')
      .argument('<id>', 'id of the run, or its beginning')
      .description('show the steps of a run and how each ended')
      .option('--json', 'as JSON'),
  ).action(async (id: string, options: unknown) => {
    const detail = await withApi(terminal, options, async (api) =>
      api.call('GET', `/runs/${await findRun(api, id)}`, RunDetail),
    );
    terminal.out(
      wantsJson(options) ? `${JSON.stringify(detail, null, 2)}\n` : formatRunDetail(detail),
    );
  });

  withServerOptions(
    run
      .command('bundle')
      .argument('<id>', 'id of the run, or its beginning')
      .description('save all that is known of a run as a ZIP file, without secrets')
      .option('-o, --output <file>', 'where to; one that is there is not replaced'),
  ).action(async (id: string, options: unknown) => {
    const { output } = z.object({ output: z.string().optional() }).parse(options);
    await withApi(terminal, options, async (api) => {
      const runId = await findRun(api, id);
      const file = output ?? `run-${runId.slice(0, 8)}.zip`;
      const bytes = await saveStream(await api.download(`/runs/${runId}/bundle`), file);
      terminal.out(`${file}: ${formatBytes(bytes)}\n`);
    });
  });

  withServerOptions(
    run
      .command('log')
      .argument('<id>', 'id of the run, or its beginning')
      .description("show a run's log")
      .option('--follow', 'go on until the run has ended; the exit code is 1 if it failed')
      .option('--raw', 'as the machine wrote it, in CMTrace form'),
  ).action(async (id: string, options: unknown) => {
    const wanted = z
      .object({ follow: z.boolean().default(false), raw: z.boolean().default(false) })
      .parse(options);
    await withApi(terminal, options, async (api) => {
      const runId = await findRun(api, id);
      await writeRunLog(api, runId, { terminal, ...wanted });
      if (!wanted.follow) return;
      const ended = await api.call('GET', `/runs/${runId}`, RunDetail);
      if (ended.state === 'succeeded') return;
      const error = ended.error;
      throw new CliError(
        error?.code ?? 'run.failed',
        error?.message ?? `the run is ${ended.state}`,
        {
          where: `run ${runId} on ${ended.deviceName}`,
          hint: error?.hint ?? `metalwright run show ${runId.slice(0, 8)} shows each step`,
        },
      );
    });
  });
}

function listRuns(api: ApiClient): Promise<RunView[]> {
  return api.call('GET', '/runs', z.array(RunView));
}

async function findRun(api: ApiClient, wanted: string): Promise<string> {
  return findByName(await listRuns(api), wanted, {
    what: 'run',
    listCommand: 'metalwright run list',
    names: (each) => [each.id],
    label: (each) => `${each.id.slice(0, 8)} on ${each.deviceName}`,
    prefix: true,
  }).id;
}
