import type { Command } from 'commander';
import { steps } from '#agent/steps/index.ts';
import { readSequenceText } from '../sequence-text.ts';
import { documentError, readSequenceFile } from './sequence-file.ts';
import { sequenceNewCommand } from './sequence-new.ts';
import { sequenceVersionsCommands } from './sequence-versions.ts';
import { simulateCommand } from './simulate.ts';
import type { Terminal } from './terminal.ts';

/** `metalwright sequence …`. */
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

  sequenceVersionsCommands(sequence, terminal);
}
