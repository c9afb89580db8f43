import type { Command } from 'commander';
import { z } from 'zod';
import { assertUnused } from '../backup/restore.ts';
import { isPostgresUrl } from '../store/location.ts';
import { checkMigration, type MigrationCheck } from '../store/migration-check.ts';
import { openStore } from '../store/open.ts';
import { CliError } from './cli-error.ts';
import { wantsJson } from './client-command.ts';
import { databaseOptions, inCommandWords, locationOf } from './database-location.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes } from './units.ts';

/** `metalwright migrate [--check]`. Needs no server; without `--check` none may run. */
export function migrateCommand(program: Command, terminal: Terminal): void {
  databaseOptions(
    program
      .command('migrate')
      .description(
        'bring the database to this version, as the next start of the server does; --check says what that would do',
      ),
  )
    .option(
      '--check',
      'change nothing: what would run, whether there is room, whether all is whole',
    )
    .option('--json', 'as JSON, with --check')
    .action(async (rawOptions: unknown) => {
      const { check: onlyCheck } = z
        .object({ check: z.boolean().default(false) })
        .parse(rawOptions);
      const location = await locationOf(rawOptions);
      const check = await inCommandWords(() => checkMigration(location));
      if (onlyCheck) {
        terminal.out(wantsJson(rawOptions) ? `${JSON.stringify(check, null, 2)}\n` : text(check));
        refuse(check);
        return;
      }
      refuse(check);
      await inCommandWords(async () => {
        if (!isPostgresUrl(location) && check.schema > 0) assertUnused(location);
        await (await openStore(location)).close();
      });
      terminal.out(
        check.pending.length === 0
          ? `the database has schema ${check.schema} already\n`
          : `the database had schema ${check.schema} and has ${check.newest} now\n` +
              (isPostgresUrl(location) || check.schema === 0
                ? ''
                : `as it was before it is kept beside it: ${location}.before-${String(check.schema).padStart(4, '0')}\n`),
      );
    });
}

function text({ schema, newest, pending, room, fault }: MigrationCheck): string {
  const lines = [
    `schema of the database: ${schema === 0 ? 'none yet' : schema}; of this version: ${newest}`,
    ...pending.map(({ number, name }) => `would run ${number}: ${name}`),
    ...(pending.length === 0 && schema === newest ? ['nothing would run'] : []),
    ...(room === null
      ? []
      : [
          `room: ${formatBytes(room.neededBytes)} needed at most, ${formatBytes(room.freeBytes)} free`,
        ]),
    fault === null ? 'no fault was found' : `fault: ${fault}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** @throws {CliError} with the code that the start of a server would end with */
function refuse({ schema, newest, room, fault }: MigrationCheck): void {
  if (schema > newest)
    throw new CliError(
      'store.newer',
      `the database has schema ${schema}, this version knows ${newest}`,
      { hint: 'run the newer version of Metalwright, or restore the backup made before it' },
    );
  if (fault !== null)
    throw new CliError('store.corrupt', `the database is damaged: ${fault}`, {
      hint: 'restore it from a backup',
    });
  if (room !== null && room.freeBytes < room.neededBytes)
    throw new CliError('store.no-room', 'there is not enough room for a copy of the database', {
      hint: 'make room on the disk of the data directory',
    });
}
