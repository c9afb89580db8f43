import { type Command, Option } from 'commander';
import { z } from 'zod';
import { conflictRules } from '../archive/plan-import.ts';
import { CliError } from './cli-error.ts';
import { readImportOptions, withImportOptions } from './import-options.ts';
import type { Terminal } from './terminal.ts';

const ArchiveOptions = z.object({ onConflict: z.enum(conflictRules).default('create') });

/**
 * `metalwright sequence import`: task sequences of Configuration Manager and MDT as documents, and archives
 * that `sequence export` made. Exit code 0 where all was read, 1 where something could not be.
 */
export function sequenceImportCommand(sequence: Command, terminal: Terminal): void {
  withImportOptions(
    sequence
      .command('import')
      .argument('<path...>', 'XML files, ZIP exports, or folders of them; archives')
      .description(
        'task sequences of Configuration Manager and MDT; a report says what became of them. Archives of sequence export',
      )
      .addOption(
        new Option('--on-conflict <rule>', 'archives: what becomes of a name that is taken')
          .choices(conflictRules)
          .default('create'),
      ),
  ).action(async (paths: string[], raw: unknown) => {
    const options = readImportOptions(raw);
    const { onConflict } = ArchiveOptions.parse(raw);
    // Loaded when asked for: every other command starts without them.
    const { isOwnArchive } = await import('../archive/read-archive.ts');
    const archives: string[] = [];
    const others: string[] = [];
    for (const path of paths) ((await isOwnArchive(path)) ? archives : others).push(path);
    if (archives.length > 0 && options.output !== undefined)
      throw new CliError('cli.usage', '--output writes documents of other systems', {
        hint: 'unpack the archive: its documents are in the folder sequences',
        exitCode: 2,
      });
    const { takeInArchive, tellArchive } = await import('./take-in-archive.ts');
    for (const file of archives)
      if (options.report === undefined) await takeInArchive(terminal, file, { onConflict, raw });
      else await tellArchive(terminal, file);
    if (others.length === 0) return;
    const { readImportFiles } = await import('../import/import-files.ts');
    const { finishImport } = await import('./finish-import.ts');
    await finishImport(terminal, { files: await readImportFiles(others), options, raw });
  });
}
