import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { DATABASE_NAME } from '../backup/manifest.ts';
import { loadConfig } from '../config/load-config.ts';
import { isPostgresUrl, storeLocation } from '../store/location.ts';
import { CliError } from './cli-error.ts';
import { dataOption } from './client-command.ts';

const Options = z.object({ data: z.string(), config: z.string().optional() });

/** Adds the options by which a command that needs no server finds the database. */
export function databaseOptions(command: Command): Command {
  return command
    .addOption(dataOption())
    .option('--config <file>', 'settings of the server, for its database');
}

/**
 * Where the database is: what the settings name, in the file or the environment, or the file in the data
 * directory. @throws {CliError} `cli.settings`
 */
export async function locationOf(rawOptions: unknown): Promise<string> {
  const { data, config } = Options.parse(rawOptions);
  const url = await databaseUrlOf(config);
  return url ?? join(data, DATABASE_NAME);
}

/** The PostgreSQL database that the settings name, in the file or the environment; undefined for SQLite. */
export async function databaseUrlOf(file: string | undefined): Promise<string | undefined> {
  try {
    const { config } = await loadConfig(file, process.env);
    const location = await storeLocation(config);
    return isPostgresUrl(location) ? location : undefined;
  } catch (error) {
    throw new CliError('cli.settings', `the settings cannot be used: ${String(error)}`, {
      where: file ?? 'environment variables METALWRIGHT_*',
      hint: 'metalwright config check says what is wrong with each',
      exitCode: 2,
      cause: error,
    });
  }
}
