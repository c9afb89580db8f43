import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { shortVariableOf, variableOf } from '../config/environment.ts';
import { ConfigError, type LoadedConfig, loadConfig, valueAt } from '../config/load-config.ts';
import { configJsonSchema, listSettings } from '../config/setting-paths.ts';
import { CliError } from './cli-error.ts';
import { wantsJson } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const ShowOptions = z.object({ config: z.string().optional() });

/** `metalwright config check|show|schema`. Needs no server. */
export function configCommand(program: Command, terminal: Terminal): void {
  const config = program.command('config').description('the settings file of the server');
  config
    .command('check')
    .argument('<file>', 'YAML file with settings')
    .description(
      'say what is wrong with a settings file, each with its line; the environment is left out',
    )
    .action(async (file: string) => {
      await readSettings(file, {});
      terminal.out(`${file} is well\n`);
    });
  config
    .command('show')
    .description('show each setting and where its value comes from; secrets are hidden')
    .option('--config <file>', 'YAML file with settings')
    .option('--json', 'as JSON')
    .action(async (options: unknown) => {
      const { config: file } = ShowOptions.parse(options);
      const loaded = await readSettings(file, process.env);
      for (const { name, hint } of loaded.unknownVariables)
        terminal.err(`warning: ${name} is no setting: ${hint}\n`);
      writeList(terminal, rowsOf(loaded), {
        json: wantsJson(options),
        empty: '',
        columns: [
          { title: 'SETTING', value: (row) => row.setting },
          { title: 'VALUE', value: (row) => JSON.stringify(row.value ?? null) },
          { title: 'FROM', value: (row) => row.from },
          { title: 'VARIABLE', value: (row) => row.variables.join(', ') },
        ],
      });
    });
  config
    .command('schema')
    .description('print the JSON Schema of the settings file, for editors')
    .action(() => terminal.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`));
}

function rowsOf({ config, origins }: LoadedConfig) {
  return listSettings().map((setting) => {
    const name = setting.path.join('.');
    const value = valueAt(config, setting.path);
    return {
      setting: name,
      value: setting.secret && value !== undefined && value !== null ? '(hidden)' : value,
      from: origins.get(name) ?? 'default',
      variables: [variableOf(setting), shortVariableOf(setting)].filter(
        (each) => each !== undefined,
      ),
      description: setting.description,
    };
  });
}

/**
 * Reads the settings for a command.
 *
 * @throws {CliError} `cli.file`, `cli.settings`
 */
export async function readSettings(
  file: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LoadedConfig> {
  if (file !== undefined) {
    // Read here only to say which file it is about.
    await readFile(file).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      throw new CliError('cli.file', `cannot read the settings: ${message}`, {
        where: file,
        hint: 'name a YAML file with --config, or leave it out: every setting has a default',
        exitCode: 2,
      });
    });
  }
  try {
    return await loadConfig(file, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliError('cli.settings', `the settings cannot be used: ${error.message}`, {
      where: file ?? 'environment variables METALWRIGHT_*',
      hint:
        error.problems.find(({ hint }) => hint !== undefined)?.hint ??
        'docs/operation.md lists the settings with their defaults',
      problems: error.problems,
      exitCode: 2,
      cause: error,
    });
  }
}
