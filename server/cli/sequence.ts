import type { Command } from 'commander';
import { sequenceCheckCommand } from './sequence-check.ts';
import { sequenceEditCommand } from './sequence-edit.ts';
import { sequenceExportCommand } from './sequence-export.ts';
import { sequenceImportCommand } from './sequence-import.ts';
import { sequenceNewCommand } from './sequence-new.ts';
import { sequenceSchemaCommand } from './sequence-schema.ts';
import { sequenceVersionsCommands } from './sequence-versions.ts';
import { simulateCommand } from './simulate.ts';
import type { Terminal } from './terminal.ts';

/** `metalwright sequence …`. */
export function sequenceCommand(program: Command, terminal: Terminal): void {
  const sequence = program.command('sequence').description('task sequences, YAML or JSON files');
  sequenceCheckCommand(sequence, terminal);
  sequenceNewCommand(sequence, terminal);
  sequenceImportCommand(sequence, terminal);
  sequenceSchemaCommand(sequence, terminal);
  sequenceEditCommand(sequence, terminal);
  simulateCommand(sequence, terminal);

  sequenceVersionsCommands(sequence, terminal);
  sequenceExportCommand(sequence, terminal);
}
