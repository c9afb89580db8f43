import type { Command } from 'commander';
import { z } from 'zod';
import { ApplicationDetail, ApplicationView } from '../http/api-software.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { readPlainDocument } from './plain-document.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

/** `metalwright application add|list|show|retire`. */
export function applicationCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('application')
    .description('what Install Application installs where it is needed and not there');

  withServerOptions(
    command
      .command('add')
      .argument('<file>', 'YAML or JSON: docs/applications.md')
      .description('store an application; a name that exists gets a new revision'),
  ).action(async (file: string, options: unknown) => {
    const json = await readPlainDocument(file);
    const made = await withApi(terminal, options, (api) =>
      api.call('POST', '/applications', ApplicationView, { json }),
    );
    terminal.out(`stored "${made.name}" as ${made.id}, revision ${made.revision}\n`);
    if (made.refusal !== null) terminal.err(`no task sequence can install it: ${made.refusal}\n`);
  });

  withServerOptions(
    command.command('list').description('list applications').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const all = await withApi(terminal, options, (api) =>
      api.call('GET', '/applications', z.array(ApplicationView)),
    );
    writeList(terminal, all, {
      json: wantsJson(options),
      empty: 'no application is stored yet: metalwright application add <file>',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        { title: 'VERSION', value: (row) => row.softwareVersion },
        { title: 'REVISION', value: (row) => String(row.revision) },
        { title: 'TYPES', value: (row) => row.deploymentTypes.join(', ') },
        { title: 'CHANGED', value: (row) => formatTime(row.createdMs) },
        { title: 'CANNOT BE INSTALLED', value: (row) => row.refusal ?? '' },
      ],
    });
  });

  withServerOptions(
    command
      .command('show')
      .argument('<application>', 'name or id')
      .description('print its document, as JSON'),
  ).action(async (wanted: string, options: unknown) => {
    const found = await withApi(terminal, options, (api) =>
      api.call('GET', `/applications/${encodeURIComponent(wanted)}`, ApplicationDetail),
    );
    terminal.out(`${JSON.stringify(found.application, null, 2)}\n`);
  });

  withServerOptions(
    command
      .command('retire')
      .argument('<application>', 'name or id')
      .option('--undo', 'bring it back')
      .description('let no task sequence install it any more'),
  ).action(async (wanted: string, options: unknown) => {
    const { undo } = z.object({ undo: z.boolean().default(false) }).parse(options);
    const changed = await withApi(terminal, options, (api) =>
      api.call('POST', `/applications/${encodeURIComponent(wanted)}/retire`, ApplicationView, {
        json: { retired: !undo },
      }),
    );
    terminal.out(
      `"${changed.name}" (${changed.id}) is ${changed.retired ? 'retired' : 'in use again'}, revision ${changed.revision}\n`,
    );
  });
}
