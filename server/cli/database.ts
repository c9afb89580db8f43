import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { BackupError } from '../backup/backup-error.ts';
import { withoutPassword } from '../backup/postgres-dump.ts';
import { assertUnused } from '../backup/restore.ts';
import { copyDatabase } from '../store/copy-database.ts';
import { isPostgresUrl, withPassword } from '../store/location.ts';
import { CliError } from './cli-error.ts';
import { databaseOptions, inCommandWords, locationOf } from './database-location.ts';
import type { Terminal } from './terminal.ts';

const Options = z.object({ to: z.string(), toPasswordFile: z.string().optional() });

/** `metalwright database copy`. Needs no server, and none may run. */
export function databaseCommand(program: Command, terminal: Terminal): void {
  const database = program.command('database').description('the database of the site');
  databaseOptions(
    database
      .command('copy')
      .description('copy all of it to an empty database, from SQLite to PostgreSQL or back')
      .requiredOption('--to <url>', 'postgres://user@host/database, or the path of a new file')
      .option('--to-password-file <file>', 'file with the password for it'),
  ).action(async (rawOptions: unknown) => {
    const { to, toPasswordFile } = Options.parse(rawOptions);
    const from = await locationOf(rawOptions);
    if (isPostgresUrl(to) && withoutPassword(to).password !== undefined)
      throw new CliError('cli.usage', 'a password on the command line can be read by everybody', {
        hint: 'leave it out of --to, and name a file with it by --to-password-file',
        exitCode: 2,
      });
    const target = toPasswordFile === undefined ? to : await withPassword(to, toPasswordFile);
    const copied = await inCommandWords(async () => {
      if (!isPostgresUrl(from)) {
        if ((await stat(from).catch(() => undefined)) === undefined)
          throw new BackupError('backup.no-data', `There is no database at ${from}`, {
            hint: 'name the data directory with --data, or the settings with --config',
          });
        assertUnused(from);
      }
      return await copyDatabase(from, target, { nowMs: Date.now() });
    });
    const rows = copied.reduce((sum, each) => sum + each.rows, 0);
    terminal.out(
      `copied ${rows} rows of ${copied.length} tables, counted on both sides\n` +
        (isPostgresUrl(to)
          ? 'now: name it as database.url in the settings file, then start the server; the file is left as it was\n'
          : 'now: take database.url out of the settings, and put the file into the data directory as metalwright.sqlite\n'),
    );
  });
}
