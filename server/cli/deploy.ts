import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { LEAST_PASSWORD_CHARACTERS } from '#agent/protocol/password-hash.ts';
import { type DeploymentCreate, DeploymentView } from '../http/api.ts';
import { riskWarnings } from '../inventory/high-risk.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { settingsOf, withSettingOptions } from './deployment-options.ts';
import { deploymentSettingsCommand } from './deployment-settings.ts';
import { deploymentCommands } from './deployment-status.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime, parseCount, parseDuration } from './units.ts';

const DeployOptions = z.object({
  collection: z.string(),
  purpose: z.enum(['available', 'required']),
  yesUnknown: z.boolean().default(false),
  subnet: z.array(z.string()).default([]),
  port: z.array(z.string()).default([]),
  interface: z.array(z.string()).default([]),
  accept: z.array(z.enum(riskWarnings)).default([]),
  unhide: z.boolean().default(false),
  for: z.number().optional(),
  perHour: z.number().optional(),
  commandPrompt: z.boolean().default(false),
});

/** `metalwright deploy <sequence> --collection <name> --purpose ...`, `deployment list`. */
export function deployCommand(program: Command, terminal: Terminal): void {
  withServerOptions(
    withSettingOptions(
      program
        .command('deploy')
        .argument('<sequence>', 'name or id of the task sequence')
        .description('aim a task sequence at a collection')
        .requiredOption('--collection <name>', 'name or id of the collection')
        .addOption(
          new Option(
            '--purpose <purpose>',
            'available: chosen at the machine; required: starts by itself',
          )
            .choices(['available', 'required'])
            .makeOptionMandatory(),
        )
        .option('--yes-unknown', 'confirm a required deployment to All Unknown Computers')
        .option('--subnet <cidr...>', 'with --yes-unknown: only machines in these subnets')
        .option(
          '--for <span>',
          'with --yes-unknown: ends by itself after 30m, 2h, 1d',
          parseDuration,
        )
        .option(
          '--command-prompt',
          'F8 opens a command prompt in Windows PE, behind a password that is asked for here',
        )
        .option(
          '--per-hour <n>',
          'with --yes-unknown: at most so many machines an hour',
          parseCount,
        )
        .option(
          '--port <port...>',
          'with --yes-unknown: at these switch ports, port or port@switch (option 82)',
        )
        .option(
          '--interface <name...>',
          'with --yes-unknown: heard on these interfaces of the server',
        )
        .addOption(
          new Option('--accept <code...>', 'accept warnings of a high-risk deployment').choices([
            ...riskWarnings,
          ]),
        )
        .option('--unhide', 'to a collection above the default size of high-risk deployments'),
      '--available-to',
    ),
  ).action(async (sequence: string, rawOptions: unknown) => {
    const options = DeployOptions.parse(rawOptions);
    const { availableTo, ...others } = z
      .looseObject({ availableTo: z.unknown().optional() })
      .parse(rawOptions);
    const settings = settingsOf({ ...others, for: availableTo });
    const wish = {
      ...deploymentFromOptions(sequence, options, Date.now()),
      ...(Object.keys(settings).length === 0 ? {} : { settings }),
      ...(options.accept.length === 0 ? {} : { accepts: options.accept }),
      ...(options.unhide ? { unhide: true } : {}),
    };
    const password = options.commandPrompt ? await readPassword(terminal) : undefined;
    const json = password === undefined ? wish : { ...wish, commandPromptPassword: password };
    const made = await withApi(terminal, rawOptions, (api) =>
      api.call('POST', '/deployments', DeploymentView, { json }),
    );
    const what = `deployed "${made.sequence.name}" to "${made.collection.name}" as ${made.id}`;
    const effect =
      made.purpose === 'required'
        ? 'machines in it start it by themselves at their next network boot'
        : 'machines in it offer it in their menu at their next network boot';
    terminal.out(`${what}: ${effect}\n`);
  });

  const deployment = program
    .command('deployment')
    .description('what is deployed to which collection');
  deploymentSettingsCommand(deployment, terminal);
  deploymentCommands(deployment, terminal);
  withServerOptions(
    deployment.command('list').description('list deployments').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const deployments = await withApi(terminal, options, (api) =>
      api.call('GET', '/deployments', z.array(DeploymentView)),
    );
    writeList(terminal, deployments, {
      json: wantsJson(options),
      empty:
        'nothing is deployed yet: metalwright deploy <sequence> --collection <name> --purpose required',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'TASK SEQUENCE', value: (row) => row.sequence.name },
        { title: 'COLLECTION', value: (row) => row.collection.name },
        { title: 'PURPOSE', value: (row) => row.purpose },
        { title: 'STATE', value: (row) => (row.withdrawn ? 'withdrawn' : 'active') },
        { title: 'MADE', value: (row) => formatTime(row.createdMs) },
      ],
    });
  });
}

/** One line of standard input: on the command line it would stand in the list of processes. */
async function readPassword({ input }: Terminal): Promise<string> {
  if (input === undefined)
    throw new CliError('cli.usage', 'there is no standard input to read the password from', {
      exitCode: 2,
    });
  const password = (await input()).replace(/\r?\n$/, '');
  if (password.length >= LEAST_PASSWORD_CHARACTERS) return password;
  throw new CliError(
    'cli.usage',
    `the password of a command prompt has at least ${LEAST_PASSWORD_CHARACTERS} characters, this has ${password.length}`,
    { exitCode: 2 },
  );
}

/** The request that the options ask for. @throws {CliError} `cli.usage` where the confirmation has gaps */
function deploymentFromOptions(
  sequence: string,
  options: z.infer<typeof DeployOptions>,
  nowMs: number,
): DeploymentCreate {
  const { collection, purpose } = options;
  if (!options.yesUnknown) {
    if (!namesPlace(options) && options.for === undefined && options.perHour === undefined) {
      return { sequence, collection, purpose };
    }
    throw new CliError(
      'cli.usage',
      '--subnet, --port, --interface, --for and --per-hour confirm a deployment to unknown machines',
      {
        hint: 'add --yes-unknown, or leave them out',
        exitCode: 2,
      },
    );
  }
  if (!namesPlace(options) || options.for === undefined || options.perHour === undefined) {
    throw new CliError(
      'cli.usage',
      '--yes-unknown needs its limits: where, how long and how many',
      {
        hint: 'add --subnet 10.0.5.0/24 --for 2h --per-hour 20',
        exitCode: 2,
      },
    );
  }
  return {
    sequence,
    collection,
    purpose,
    confirmUnknown: {
      subnets: options.subnet,
      ports: options.port.map(parsePort),
      interfaces: options.interface,
      endsMs: nowMs + options.for,
      perHour: options.perHour,
    },
  };
}

function namesPlace(options: z.infer<typeof DeployOptions>): boolean {
  return options.subnet.length + options.port.length + options.interface.length > 0;
}

/** `Gi1/0/7`, or `Gi1/0/7@switch` with the remote id of the switch. */
function parsePort(text: string): { port: string; switchId: string | null } {
  const [port = '', switchId] = text.split('@');
  return { port, switchId: switchId ?? null };
}
