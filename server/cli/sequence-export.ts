import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { exportArchive } from '../archive/export-archive.ts';
import { ArchiveScope } from '../archive/manifest.ts';
import { SequenceView } from '../http/api-sequences.ts';
import { archiveSite } from './archive-site.ts';
import { CliError } from './cli-error.ts';
import { withApi, withServerOptions } from './client-command.ts';
import { findByName } from './find-by-name.ts';
import { documentError } from './sequence-file.ts';
import type { Terminal } from './terminal.ts';

const ExportOptions = z.object({
  output: z.string().default('sequences.zip'),
  with: ArchiveScope.default('objects'),
});

/** `metalwright sequence export <sequence>...`: an archive that `sequence import` takes in elsewhere. */
export function sequenceExportCommand(sequence: Command, terminal: Terminal): void {
  withServerOptions(
    sequence
      .command('export')
      .argument('<sequence...>', 'names or ids')
      .description('write task sequences into an archive, with those that they run')
      .option('--output <file>', 'the archive (default: sequences.zip)')
      .addOption(
        new Option('--with <what>', 'what of the images and packages that they reference')
          .choices(ArchiveScope.options)
          .default('objects'),
      ),
  ).action(async (names: string[], raw: unknown) => {
    const { output: file, with: scope } = ExportOptions.parse(raw);
    const manifest = await withApi(terminal, raw, async (api) => {
      const all = await api.call('GET', '/sequences', z.array(SequenceView));
      const wanted = names.map((name) =>
        findByName(all, name, {
          what: 'task sequence',
          listCommand: 'metalwright sequence list',
          names: (each) => [each.id, each.name],
          label: (each) => `"${each.name}"`,
        }),
      );
      const { signal } = terminal;
      return await exportArchive(archiveSite(api), wanted, { file, scope, signal }).catch(
        (error: unknown) => {
          throw isFileError(error) ? cannotWrite(error, file) : documentError(error, file);
        },
      );
    });
    const { sequences, objects, missing, secrets } = manifest;
    const nameOf = (id: string) => sequences.find((each) => each.id === id)?.name ?? id;
    const what = { nothing: 'names of', objects: 'manifests of', content: 'content of' }[scope];
    terminal.out(
      `wrote ${file}: ${sequences.map(({ name }) => `"${name}"`).join(', ')}; ${what} ${objects.length} images and packages\n`,
    );
    for (const { sequence: id, path } of secrets)
      terminal.out(`  taken out: the secret in "${nameOf(id)}", ${path}\n`);
    for (const { id, name, secret } of objects)
      if (secret === true)
        terminal.out(
          `  left out: "${name}" (${id}) is secret, add it there by package add --secret\n`,
        );
    for (const { sequence: id, path, wanted } of missing)
      terminal.out(`  not there: ${JSON.stringify(wanted)}, in "${nameOf(id)}", ${path}\n`);
  });
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

function cannotWrite(error: Error, file: string): CliError {
  return new CliError('cli.file', `cannot write: ${error.message}`, {
    where: file,
    hint: 'name a file in a folder that this user may write to',
    cause: error,
  });
}
