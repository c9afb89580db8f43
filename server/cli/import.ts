import type { Command } from 'commander';
import { ImportError } from '../import/import-error.ts';
import { readImportOptions, withImportOptions } from './import-options.ts';
import { documentError } from './sequence-file.ts';
import type { Terminal } from './terminal.ts';

/** `metalwright import mdt`: what a whole deployment share has. */
export function importCommand(program: Command, terminal: Terminal): void {
  const command = program.command('import').description('what other systems have');
  withImportOptions(
    command
      .command('mdt')
      .argument('<share>', 'folder of a deployment share of MDT')
      .description('its task sequences as documents, and what content it would bring'),
  ).action(async (folder: string, raw: unknown) => {
    const options = readImportOptions(raw);
    // Loaded when asked for: every other command starts without them.
    const { shareReport } = await import('../import/report/build-share.ts');
    const { finishImport } = await import('./finish-import.ts');
    const share = await readShare(folder);
    const files = { read: share.read, failures: share.failures, skipped: [] };
    await finishImport(terminal, { files, options, raw, share: shareReport(share) });
  });
}

async function readShare(folder: string) {
  const { readDeploymentShare } = await import('../import/mdt/share/read-share.ts');
  try {
    return await readDeploymentShare(folder);
  } catch (error) {
    throw error instanceof ImportError ? documentError(error, folder) : error;
  }
}
