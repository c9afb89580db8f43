import type { Command } from 'commander';
import { z } from 'zod';
import { steps } from '#agent/steps/index.ts';
import { SequenceView } from '../http/api.ts';
import { readSequenceText } from '../sequence-text.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { documentError, readSequenceFile } from './sequence-file.ts';
import { sequenceNewCommand } from './sequence-new.ts';
import { simulateCommand } from './simulate.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

/** `metalwright sequence new|check|simulate|add|list`. */
export function sequenceCommand(program: Command, terminal: Terminal): void {
  const sequence = program.command('sequence').description('task sequences, YAML or JSON files');
  sequence
    .command('check')
    .argument('<file>')
    .description('check a file without a server: its form, its steps and their settings')
    .action(async (file: string) => {
      const { text } = await readSequenceFile(file);
      try {
        const { sequence: parsed, warnings } = readSequenceText(text, steps);
        for (const { path, message, hint, code } of warnings) {
          terminal.out(`warning: ${path}: ${message} [${code}]\n`);
          if (hint !== undefined) terminal.out(`    what to do: ${hint}\n`);
        }
        terminal.out(
          `"${parsed.name}" is well formed. Whether its images exist is checked by sequence add\n`,
        );
      } catch (error) {
        throw documentError(error, file);
      }
    });

  sequenceNewCommand(sequence, terminal);
  simulateCommand(sequence, terminal);

  withServerOptions(
    sequence
      .command('add')
      .argument('<file>')
      .description('store a task sequence; a name that exists gets a new version'),
  ).action(async (file: string, options: unknown) => {
    const json = await readSequenceFile(file);
    const added = await withApi(terminal, options, (api) =>
      api.call('POST', '/sequences', SequenceView, { json }),
    );
    terminal.out(`stored "${added.name}" as ${added.id}, version ${added.version}\n`);
    for (const problem of added.problems) {
      terminal.out(`  problem: ${problem.message} [${problem.code}]\n`);
      if (problem.hint !== undefined) terminal.out(`    what to do: ${problem.hint}\n`);
    }
    if (added.problems.length > 0) terminal.out('it cannot be deployed until this is put right\n');
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
        { title: 'ADDED', value: (row) => formatTime(row.createdMs) },
        {
          title: 'CAN BE DEPLOYED',
          value: (row) => (row.problems.length === 0 ? 'yes' : `no: ${row.problems[0]?.message}`),
        },
      ],
    });
  });
}
