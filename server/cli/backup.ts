import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { BackupError } from '../backup/backup-error.ts';
import { makeBackup } from '../backup/make-backup.ts';
import { restoreBackup } from '../backup/restore.ts';
import { CliError } from './cli-error.ts';
import { dataOption } from './client-command.ts';
import { placesOf } from './database-location.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes, formatTime } from './units.ts';

const LEAST_PASSPHRASE = 12;
const Options = z.object({
  data: z.string(),
  passphraseFile: z.string().optional(),
  config: z.string().optional(),
  replace: z.boolean().default(false),
});

/** `metalwright backup <file>`. Needs no server, and disturbs none that runs. */
export function backupCommand(program: Command, terminal: Terminal): void {
  program
    .command('backup')
    .argument(
      '<file>',
      'where to write it; one that is there is replaced when the new one is whole',
    )
    .description('write database, keys and settings into one file, while the server runs or not')
    .addOption(dataOption())
    .option('--passphrase-file <file>', 'seal it by the passphrase in this file')
    .option(
      '--config <file>',
      'settings file of the server: it is taken along, and names the database',
    )
    .action(async (file: string, rawOptions: unknown) => {
      const { data, passphraseFile, config } = Options.parse(rawOptions);
      const passphrase = await readPassphrase(passphraseFile);
      const { files, content } = await told(file, async () =>
        makeBackup({
          dataDirectory: data,
          file: resolve(file),
          settingsFile: config,
          databaseUrl: (await placesOf(config)).databaseUrl,
          passphrase,
          nowMs: Date.now(),
        }),
      );
      terminal.out(
        `${file}: ${files.map(({ name, sizeBytes }) => `${name} ${formatBytes(sizeBytes)}`).join(', ')}\n` +
          `not in it: ${content.objects} objects of content, ${formatBytes(content.bytes)}, in ${data}/content\n` +
          (passphrase === undefined
            ? 'it holds the keys of the site, unsealed: keep it where only you can read it\n'
            : ''),
      );
    });
}

/** `metalwright restore <file>`. The server must not run. */
export function restoreCommand(program: Command, terminal: Terminal): void {
  program
    .command('restore')
    .argument('<file>', 'a file that metalwright backup wrote')
    .description('bring a backup back; the server must be stopped')
    .addOption(dataOption())
    .option('--passphrase-file <file>', 'the passphrase that it is sealed by')
    .option('--config <file>', 'settings of the server, for a backup of its PostgreSQL database')
    .option('--replace', 'replace a database that is there; it is kept beside')
    .action(async (file: string, rawOptions: unknown) => {
      const { data, passphraseFile, replace, config } = Options.parse(rawOptions);
      const { databaseUrl } = await placesOf(config);
      const passphrase = await readPassphrase(passphraseFile);
      const restored = await told(file, async () =>
        restoreBackup({
          file,
          dataDirectory: data,
          databaseUrl,
          passphrase,
          replace,
          nowMs: Date.now(),
        }),
      );
      terminal.out(
        `${data} is as it was ${formatTime(restored.madeMs)}\n` +
          (restored.keptIn === null ? '' : `what was there before is in ${restored.keptIn}\n`) +
          `content is not in a backup: metalwright doctor looks whether all of it is there\n`,
      );
    });
}

async function readPassphrase(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await told(file, async () => readFile(file, 'utf8'));
  const passphrase = text.replace(/\r?\n$/, '');
  if (passphrase.length >= LEAST_PASSPHRASE) return passphrase;
  throw new CliError('backup.passphrase', `the passphrase has ${passphrase.length} characters`, {
    where: file,
    hint: `use at least ${LEAST_PASSPHRASE}: a backup can be tried at leisure by whoever has it`,
    exitCode: 2,
  });
}

/** Errors as the command line tells them. */
async function told<Value>(where: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BackupError)
      throw new CliError(error.code, error.message, { where, hint: error.hint, cause: error });
    if (error instanceof Error && 'syscall' in error)
      throw new CliError('cli.file', error.message, {
        where,
        hint: 'look at the path, its rights and the free space there',
        cause: error,
      });
    throw error;
  }
}
