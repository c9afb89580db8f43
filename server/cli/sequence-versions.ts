import type { Command } from 'commander';
import { z } from 'zod';
import { SequenceDetail, SequenceVersionView, SequenceView } from '../http/api-sequences.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { problemLines } from './problem-lines.ts';
import { readSequenceFile } from './sequence-file.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime, parseCount } from './units.ts';

const AddOptions = z.object({
  draft: z.boolean().default(false),
  base: z.number().optional(),
});
const ShowOptions = z.object({ version: z.number().optional() });

/** `metalwright sequence add|ready|list|show|versions|remove`: what the server keeps. */
export function sequenceVersionsCommands(sequence: Command, terminal: Terminal): void {
  withServerOptions(
    sequence
      .command('add')
      .argument('<file>')
      .description('store a task sequence; a name that exists gets a new version')
      .option('--draft', 'keep it whatever is wrong with it; machines do not get it')
      .option('--base <version>', 'refuse it when the newest version is another', parseCount),
  ).action(async (file: string, options: unknown) => {
    const { draft, base } = AddOptions.parse(options);
    const read = await readSequenceFile(file);
    const json = { ...read, draft, ...(base === undefined ? {} : { baseVersion: base }) };
    const added = await withApi(terminal, options, (api) =>
      api.call('POST', '/sequences', SequenceView, { json }),
    );
    const state = draft ? ', a draft' : '';
    terminal.out(`stored "${added.name}" as ${added.id}, version ${added.version}${state}\n`);
    writeStanding(terminal, added);
  });

  withServerOptions(
    sequence
      .command('ready')
      .argument('<sequence>', 'name or id')
      .description('make the newest draft ready: machines get it'),
  ).action(async (name: string, options: unknown) => {
    const ready = await withApi(terminal, options, (api) =>
      api.call('POST', `${pathOf(name)}/ready`, SequenceView, { json: {} }),
    );
    terminal.out(`"${ready.name}" is ready, version ${ready.version}\n`);
    writeStanding(terminal, ready);
  });

  withServerOptions(
    sequence.command('list').description('list task sequences').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const sequences = await withApi(terminal, options, (api) =>
      api.call('GET', '/sequences', z.array(SequenceView)),
    );
    writeList(terminal, sequences, {
      json: wantsJson(options),
      empty: 'no task sequence is stored yet: metalwright sequence add <file.yaml>',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        { title: 'VERSION', value: (row) => String(row.version) },
        { title: 'STATE', value: stateOf },
        { title: 'ADDED', value: (row) => formatTime(row.createdMs) },
        {
          title: 'CAN BE DEPLOYED',
          value: ({ deployProblems: [problem] }) =>
            problem === undefined ? 'yes' : `no: ${problem.message}`,
        },
      ],
    });
  });

  withServerOptions(
    sequence
      .command('show')
      .argument('<sequence>', 'name or id')
      .description('print the text of a task sequence as it was written')
      .option('--version <n>', 'that version (default: the newest, a draft or not)', parseCount),
  ).action(async (name: string, options: unknown) => {
    const { version } = ShowOptions.parse(options);
    const path = version === undefined ? '' : `/versions/${version}`;
    const { text } = await withApi(terminal, options, (api) =>
      api.call('GET', `${pathOf(name)}${path}`, SequenceDetail),
    );
    terminal.out(text.endsWith('\n') ? text : `${text}\n`);
  });

  withServerOptions(
    sequence
      .command('versions')
      .argument('<sequence>', 'name or id')
      .description('list the versions of a task sequence, the newest first')
      .option('--json', 'as JSON'),
  ).action(async (name: string, options: unknown) => {
    const versions = await withApi(terminal, options, (api) =>
      api.call('GET', `${pathOf(name)}/versions`, z.array(SequenceVersionView)),
    );
    writeList(terminal, versions, {
      json: wantsJson(options),
      empty: 'it has no version',
      columns: [
        { title: 'VERSION', value: (row) => String(row.version) },
        { title: 'STATE', value: (row) => row.state },
        { title: 'ADDED', value: (row) => formatTime(row.createdMs) },
      ],
    });
  });

  withServerOptions(
    sequence
      .command('remove')
      .argument('<sequence>', 'name or id')
      .description('take a task sequence away that nothing deploys or runs, with all its versions'),
  ).action(async (name: string, options: unknown) => {
    await withApi(terminal, options, (api) => api.call('DELETE', pathOf(name), z.null()));
    terminal.out(`removed ${JSON.stringify(name)}\n`);
  });
}

function pathOf(name: string): string {
  return `/sequences/${encodeURIComponent(name)}`;
}

function stateOf({ state, readyVersion, version }: SequenceView): string {
  if (readyVersion === null || readyVersion === version) return state;
  return `draft, version ${readyVersion} is ready`;
}

function writeStanding(terminal: Terminal, view: SequenceView): void {
  const { problems, warnings, state, readyVersion } = view;
  terminal.out(problemLines(problems));
  terminal.out(problemLines(warnings, 'warning'));
  if (state === 'ready') {
    if (problems.length > 0) terminal.out('it cannot be deployed until this is put right\n');
    return;
  }
  const now = readyVersion === null ? 'none get it' : `they get version ${readyVersion}`;
  terminal.out(`machines do not get a draft (${now}): metalwright sequence ready <name>\n`);
}
