import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { type ApiClient, openApiClient } from './api-client.ts';
import type { Terminal } from './terminal.ts';

/** Where a server keeps everything when nobody says otherwise. */
export const DEFAULT_DATA_DIRECTORY = '/var/lib/metalwright';
/** Files of the data directory that a command needs; the server writes them. */
export const ADMIN_TOKEN_FILE = 'admin-token';
export const SITE_CA_FILE = 'site-ca.pem';

const ClientOptions = z.object({
  data: z.string().default(DEFAULT_DATA_DIRECTORY),
  server: z.string().optional(),
  tokenFile: z.string().optional(),
});

/** Adds the options with which every client of the API finds its server. */
export function withServerOptions(command: Command): Command {
  return command
    .option('--server <url>', 'console address of the server', 'https://localhost:7400')
    .option(
      '--token-file <file>',
      `file with the admin token (default: <data>/${ADMIN_TOKEN_FILE})`,
    )
    .addOption(dataOption());
}

/** Whether one of these options was given: for commands that need no server. */
export function namesServer(command: Command): boolean {
  return ['server', 'tokenFile', 'data'].some(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
}

/** `--data`: where the server keeps everything; the server reads the same environment variable. */
export function dataOption(): Option {
  return new Option('--data <dir>', 'data directory of the server')
    .default(DEFAULT_DATA_DIRECTORY)
    .env('METALWRIGHT_DATA');
}

/** Opens the client that the options of `withServerOptions` describe, for the length of `use`. */
export async function withApi<Result>(
  terminal: Terminal,
  rawOptions: unknown,
  use: (api: ApiClient) => Promise<Result>,
): Promise<Result> {
  const options = ClientOptions.parse(rawOptions);
  await using api = await openApiClient(
    {
      serverUrl: options.server ?? 'https://localhost:7400',
      tokenFile: options.tokenFile ?? join(options.data, ADMIN_TOKEN_FILE),
      caFile: join(options.data, SITE_CA_FILE),
    },
    terminal.signal,
  );
  return await use(api);
}

/** Reads `--json`. */
export function wantsJson(rawOptions: unknown): boolean {
  return z.object({ json: z.boolean().default(false) }).parse(rawOptions).json;
}
