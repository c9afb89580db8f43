import type { Command } from 'commander';
import { readImportFiles } from '../import/import-files.ts';
import { finishImport } from './finish-import.ts';
import { readImportOptions, withImportOptions } from './import-options.ts';
import type { Terminal } from './terminal.ts';

/**
 * `metalwright sequence import`: task sequences of Configuration Manager and MDT as documents. Exit code
 * 0 where all was read, 1 where something could not be.
 */
export function sequenceImportCommand(sequence: Command, terminal: Terminal): void {
  withImportOptions(
    sequence
      .command('import')
      .argument('<path...>', 'XML files, ZIP exports, or folders of them')
      .description(
        'task sequences of Configuration Manager and MDT; a report says what became of them',
      ),
  ).action(async (paths: string[], raw: unknown) => {
    const options = readImportOptions(raw);
    await finishImport(terminal, { files: await readImportFiles(paths), options, raw });
  });
}
