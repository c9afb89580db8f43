import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { DeploymentSecrets, SiteAccountView } from '../http/api-accounts.ts';
import { ReleaseLevel, SiteAccountKind } from '../inventory/site-account.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { readPassword } from './read-password.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const Options = z.object({
  kind: SiteAccountKind.optional(),
  user: z.string().optional(),
  position: z.int().optional(),
  password: z.boolean().default(false),
  passwordFile: z.string().optional(),
});

/** `metalwright account add|list|change|remove|release-at`: accounts that steps name, and that read content. */
export function accountCommand(program: Command, terminal: Terminal): void {
  const account = program
    .command('account')
    .description('accounts that steps work with, and that read content');
  const kindOption = () =>
    new Option('--kind <kind>', 'what it is for').choices([...SiteAccountKind.options]);
  const position = ['--position <n>', 'the lower is tried first', parsePosition] as const;

  withServerOptions(
    account
      .command('add')
      .argument('<name>')
      .addOption(kindOption().makeOptionMandatory())
      .requiredOption('--user <user>', 'DOMAIN\\user')
      .option(...position)
      .option('--password-file <file>', 'file with the password; without it, it is asked for')
      .description('keep an account; its password is sealed on the server, and shown nowhere'),
  ).action(async (name: string, rawOptions: unknown) => {
    const { kind, user, position: place, passwordFile } = Options.parse(rawOptions);
    const password = await readPassword(terminal, passwordFile);
    const json = {
      name,
      kind,
      user,
      password,
      ...(place === undefined ? {} : { position: place }),
    };
    const made = await withApi(terminal, rawOptions, (api) =>
      api.call('POST', '/accounts', SiteAccountView, { json }),
    );
    terminal.out(`steps name it account:${made.name}\n`);
  });

  withServerOptions(
    account.command('list').description('list them').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const listed = await withApi(terminal, options, (api) =>
      api.call('GET', '/accounts', z.array(SiteAccountView)),
    );
    writeList(terminal, listed, {
      json: wantsJson(options),
      empty: 'there is no account: metalwright account add <name> --kind <kind> --user <user>',
      columns: [
        { title: 'NAME', value: (row) => row.name },
        { title: 'KIND', value: (row) => row.kind },
        { title: 'USER', value: (row) => row.user },
        { title: 'POSITION', value: (row) => String(row.position) },
      ],
    });
  });

  withServerOptions(
    account
      .command('change')
      .argument('<name>')
      .addOption(kindOption())
      .option('--user <user>', 'DOMAIN\\user')
      .option(...position)
      .option('--password', 'set a new password, which is asked for')
      .option('--password-file <file>', 'set a new password from a file')
      .description('change one; what is not named stays'),
  ).action(async (name: string, rawOptions: unknown) => {
    const options = Options.parse(rawOptions);
    const setsPassword = options.password || options.passwordFile !== undefined;
    const json = {
      ...(options.kind === undefined ? {} : { kind: options.kind }),
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.position === undefined ? {} : { position: options.position }),
      ...(setsPassword ? { password: await readPassword(terminal, options.passwordFile) } : {}),
    };
    const path = `/accounts/${encodeURIComponent(name)}`;
    const made = await withApi(terminal, rawOptions, (api) =>
      api.call('PUT', path, SiteAccountView, { json }),
    );
    terminal.out(`${made.name} is changed\n`);
  });

  withServerOptions(
    account.command('remove').argument('<name>').description('take one away'),
  ).action(async (name: string, options: unknown) => {
    await withApi(terminal, options, (api) =>
      api.call('DELETE', `/accounts/${encodeURIComponent(name)}`, z.null()),
    );
    terminal.out(`${name} is removed\n`);
  });

  withServerOptions(
    account
      .command('release-at')
      .argument('<deployment>', 'its id')
      .addArgument(account.createArgument('[level]').choices([...ReleaseLevel.options]))
      .description('show or set how sure a machine must be for the accounts of a deployment'),
  ).action(async (id: string, level: string | undefined, options: unknown) => {
    const path = `/deployments/${encodeURIComponent(id)}/secrets`;
    const { releaseSecretsAt } = await withApi(terminal, options, (api) =>
      level === undefined
        ? api.call('GET', path, DeploymentSecrets)
        : api.call('PUT', path, DeploymentSecrets, { json: { releaseSecretsAt: level } }),
    );
    terminal.out(`${releaseSecretsAt}\n`);
  });
}

function parsePosition(text: string): number {
  const position = Number(text);
  if (Number.isInteger(position) && position >= 0) return position;
  throw new InvalidArgumentError('a number from 0 on');
}
