import type { Command } from 'commander';
import { ImportError } from '../import/import-error.ts';
import { readDeploymentShare } from '../import/mdt/share/read-share.ts';
import { shareReport } from '../import/report/build-share.ts';
import { finishImport } from './finish-import.ts';
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
    const share = await readShare(folder);
    const files = { read: share.read, failures: share.failures, skipped: [] };
    await finishImport(terminal, { files, options, raw, share: shareReport(share) });
  });
}

async function readShare(folder: string) {
  try {
    return await readDeploymentShare(folder);
  } catch (error) {
    throw error instanceof ImportError ? documentError(error, folder) : error;
  }
}
