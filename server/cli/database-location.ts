import { join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { BackupError } from '../backup/backup-error.ts';
import { DATABASE_NAME } from '../backup/manifest.ts';
import { loadConfig } from '../config/load-config.ts';
import type { Config } from '../config.ts';
import { type ProviderConfig, providerConfig } from '../oidc/provider.ts';
import { toPlainError } from '../store/group.ts';
import { isPostgresUrl, storeLocation } from '../store/location.ts';
import { CliError } from './cli-error.ts';
import { dataOption } from './client-command.ts';

const Options = z.object({ data: z.string(), config: z.string().optional() });

/** Adds the options by which a command that needs no server finds the database. */
export function databaseOptions(command: Command): Command {
  return command
    .addOption(dataOption())
    .option('--config <file>', 'settings of the server, for its database and sign-in');
}

/**
 * Where the database is: what the settings name, in the file or the environment, or the file in the data
 * directory. @throws {CliError} `cli.settings`
 */
export async function locationOf(rawOptions: unknown): Promise<string> {
  const { data, config } = Options.parse(rawOptions);
  const { databaseUrl } = await placesOf(config);
  return databaseUrl ?? join(data, DATABASE_NAME);
}

/** What the settings name, in the file or the environment, that a command looks at by itself. */
interface NamedPlaces {
  readonly config: Config;
  /** The PostgreSQL database; undefined for SQLite. */
  readonly databaseUrl: string | undefined;
  /** The OpenID provider; undefined where there is none. */
  readonly provider: ProviderConfig | undefined;
}

/** Reads the settings for them. @throws {CliError} `cli.settings` */
export async function placesOf(file: string | undefined): Promise<NamedPlaces> {
  try {
    const { config } = await loadConfig(file, process.env);
    const location = await storeLocation(config);
    return {
      config,
      databaseUrl: isPostgresUrl(location) ? location : undefined,
      provider: providerConfig(config.oidc),
    };
  } catch (error) {
    throw new CliError('cli.settings', `the settings cannot be used: ${String(error)}`, {
      where: file ?? 'environment variables METALWRIGHT_*',
      hint: 'metalwright config check says what is wrong with each',
      exitCode: 2,
      cause: error,
    });
  }
}

/** Errors of the database as the command line tells them. @throws {CliError} */
export async function inCommandWords<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    const { code, message, hint } = error instanceof BackupError ? error : toPlainError(error);
    throw new CliError(code, message, { ...(hint === undefined ? {} : { hint }), cause: error });
  }
}
