import { type Command, Option } from 'commander';
import { z } from 'zod';
import { DeviceWindowsView, type WindowChange, WindowView } from '../http/api-windows.ts';
import { Recurrence } from '../inventory/schedule/recurrence.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { formatRecurrenceText, parseRecurrenceText, RECURRENCE_FORMS } from './recurrence-text.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

const WindowOptions = z.object({
  name: z.string().optional(),
  description: z.string().optional(),
  date: z.string().optional(),
  start: z.string().optional(),
  finish: z.string().optional(),
  timeZone: z.string().optional(),
  kind: z.enum(['general', 'task-sequences', 'software-updates']).optional(),
  repeat: Recurrence.optional(),
  enable: z.boolean().optional(),
  disable: z.boolean().optional(),
});

/** `metalwright window add|change|remove|list|next`. */
export function windowCommand(program: Command, terminal: Terminal): void {
  const window = program
    .command('window')
    .description('maintenance windows: when machines of a collection may be disturbed');

  withSettings(
    window
      .command('add')
      .argument('<collection>', 'name or id')
      .description('make a maintenance window'),
  ).action(async (collection: string, options: unknown) => {
    const change = changeOf(options);
    const missing = (['name', 'startDate', 'startTime', 'finishTime'] as const).filter(
      (field) => change[field] === undefined,
    );
    if (missing.length > 0)
      throw new CliError('cli.usage', 'a window has a name, a first day, a start and a finish', {
        hint: 'add --name Nights --date 2027-01-15 --start 22:00 --finish 04:00',
        exitCode: 2,
      });
    const made = await withApi(terminal, options, (api) =>
      api.call('POST', '/maintenance-windows', WindowView, { json: { collection, ...change } }),
    );
    terminal.out(`made maintenance window ${told(made)}\n`);
  });

  withSettings(
    window
      .command('change')
      .argument('<window>', 'its id')
      .description('change a maintenance window; what is not named stays'),
  ).action(async (id: string, options: unknown) => {
    const path = `/maintenance-windows/${encodeURIComponent(id)}`;
    const changed = await withApi(terminal, options, (api) =>
      api.call('PUT', path, WindowView, { json: changeOf(options) }),
    );
    terminal.out(`changed maintenance window ${told(changed)}\n`);
  });

  withServerOptions(
    window
      .command('remove')
      .argument('<window>', 'its id')
      .description('take a maintenance window away'),
  ).action(async (id: string, options: unknown) => {
    const path = `/maintenance-windows/${encodeURIComponent(id)}`;
    await withApi(terminal, options, (api) => api.call('DELETE', path, z.unknown()));
    terminal.out(`took maintenance window ${id} away\n`);
  });

  withServerOptions(
    window
      .command('list')
      .description('list maintenance windows')
      .option('--collection <name>', 'only those of a collection')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const { collection } = z.object({ collection: z.string().optional() }).parse(options);
    const query = collection === undefined ? '' : `?collection=${encodeURIComponent(collection)}`;
    const windows = await withApi(terminal, options, (api) =>
      api.call('GET', `/maintenance-windows${query}`, z.array(WindowView)),
    );
    writeList(terminal, windows, {
      json: wantsJson(options),
      empty: 'there is no maintenance window: metalwright window add <collection> --name ...',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'COLLECTION', value: (row) => row.collection.name },
        { title: 'NAME', value: (row) => row.name },
        { title: 'FOR', value: (row) => (row.enabled ? row.kind : `${row.kind} (disabled)`) },
        { title: 'FROM', value: (row) => row.startDate },
        { title: 'OPEN', value: (row) => `${row.startTime}-${row.finishTime} ${row.timeZone}` },
        { title: 'REPEATS', value: (row) => formatRecurrenceText(row.recurrence) },
        {
          title: 'NEXT (HERE)',
          value: (row) => (row.next[0] === undefined ? 'never' : formatTime(row.next[0].startMs)),
        },
      ],
    });
  });

  withServerOptions(
    window
      .command('next')
      .argument('<device>', 'name, serial number, MAC address or id')
      .description('when a device may be disturbed next, by all its windows')
      .option('--json', 'as JSON'),
  ).action(async (device: string, options: unknown) => {
    const path = `/devices/${encodeURIComponent(device)}/maintenance-windows`;
    const { windows, next } = await withApi(terminal, options, (api) =>
      api.call('GET', path, DeviceWindowsView),
    );
    writeList(terminal, next, {
      json: wantsJson(options),
      empty:
        windows.length === 0
          ? 'it has no maintenance window: required deployments start at any time'
          : 'its maintenance windows are not open any more: no required deployment starts by itself',
      columns: [
        { title: 'OPENS (HERE)', value: (row) => formatTime(row.startMs) },
        { title: 'CLOSES', value: (row) => formatTime(row.endMs) },
        { title: 'MINUTES', value: (row) => String((row.endMs - row.startMs) / 60_000) },
      ],
    });
  });
}

function withSettings(command: Command): Command {
  return withServerOptions(
    command
      .option('--name <name>')
      .option('--description <text>')
      .option('--date <yyyy-mm-dd>', 'the first day; the recurrence is counted from it')
      .option('--start <hh:mm>')
      .option('--finish <hh:mm>', 'at or before the start: on the next day')
      .option('--time-zone <zone>', 'local (that of the site), UTC, or a name like Europe/Berlin')
      .addOption(
        new Option('--kind <kind>', 'what it is for').choices([
          'general',
          'task-sequences',
          'software-updates',
        ]),
      )
      .option('--repeat <recurrence>', RECURRENCE_FORMS, parseRecurrenceText)
      .option('--enable', 'it counts again')
      .option('--disable', 'it does not count'),
  );
}

function changeOf(rawOptions: unknown): WindowChange {
  const options = WindowOptions.parse(rawOptions);
  const enabled = options.disable === true ? false : options.enable;
  const change = {
    name: options.name,
    description: options.description,
    startDate: options.date,
    startTime: options.start,
    finishTime: options.finish,
    timeZone: options.timeZone,
    kind: options.kind,
    recurrence: options.repeat,
    enabled,
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

function told({ id, name, collection, next: [next] }: WindowView): string {
  const when = next === undefined ? 'it never opens' : `opens next ${formatTime(next.startMs)}`;
  return `${id} "${name}" of "${collection.name}": ${when}`;
}
