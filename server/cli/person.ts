import { type Command, Option } from 'commander';
import { z } from 'zod';
import { OpenSessionView, PersonView } from '../http/api-people.ts';
import { PersonRole } from '../trust/person-role.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { readPassword } from './read-password.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

const Options = z.object({
  role: PersonRole.optional(),
  password: z.boolean().default(false),
  passwordFile: z.string().optional(),
  disable: z.boolean().default(false),
  enable: z.boolean().default(false),
  /** False: `--no-subject`. */
  subject: z.union([z.string(), z.literal(false)]).optional(),
});

/** `metalwright person add|list|change|remove|sessions|sign-out`. */
export function personCommand(program: Command, terminal: Terminal): void {
  const person = program.command('person').description('accounts of people, and their roles');
  const roleOption = () =>
    new Option('--role <role>', 'what the person may do').choices([...PersonRole.options]);

  withServerOptions(
    person
      .command('add')
      .argument('<name>')
      .addOption(roleOption().makeOptionMandatory())
      .option('--password-file <file>', 'file with the password; without it, it is asked for')
      .option('--subject <sub>', 'sign in by the OpenID provider, which calls the person so')
      .description('make an account'),
  ).action(async (name: string, rawOptions: unknown) => {
    const { role, passwordFile, subject } = Options.parse(rawOptions);
    const byProvider = subject !== undefined && passwordFile === undefined;
    const password = byProvider ? undefined : await readPassword(terminal, passwordFile);
    const made = await withApi(terminal, rawOptions, (api) =>
      api.call('POST', '/people', PersonView, { json: { name, role, password, subject } }),
    );
    terminal.out(`${made.name} is ${made.role}\n`);
  });

  withServerOptions(
    person.command('list').description('list accounts').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const listed = await withApi(terminal, options, (api) =>
      api.call('GET', '/people', z.array(PersonView)),
    );
    writeList(terminal, listed, {
      json: wantsJson(options),
      empty: 'nobody has an account: metalwright person add <name> --role administrator',
      columns: [
        { title: 'NAME', value: (row) => row.name },
        { title: 'ROLE', value: (row) => row.role },
        { title: 'STATE', value: (row) => (row.disabled ? 'disabled' : 'active') },
        { title: 'SIGNS IN BY', value: waysOf },
        {
          title: 'LAST',
          value: (row) => (row.lastSignedInMs === null ? 'never' : formatTime(row.lastSignedInMs)),
        },
      ],
    });
  });

  withServerOptions(
    person
      .command('change')
      .argument('<name>')
      .addOption(roleOption())
      .option('--disable', 'sign out everywhere, and let in no more')
      .option('--enable', 'let in again')
      .option('--password', 'set a new password, which is asked for')
      .option('--password-file <file>', 'set a new password from a file')
      .option('--subject <sub>', 'sign in by the OpenID provider, which calls the person so')
      .option('--no-subject', 'sign in by the OpenID provider no more')
      .description('change role or password, disable or enable'),
  ).action(async (name: string, rawOptions: unknown) => {
    const options = Options.parse(rawOptions);
    if (options.disable && options.enable)
      throw new CliError('cli.usage', '--disable or --enable, not both', { exitCode: 2 });
    const setsPassword = options.password || options.passwordFile !== undefined;
    const password = setsPassword ? await readPassword(terminal, options.passwordFile) : undefined;
    const path = `/people/${encodeURIComponent(name)}`;
    await withApi(terminal, rawOptions, async (api) => {
      if (password !== undefined)
        await api.call('PUT', `${path}/password`, z.null(), { json: { password } });
      const json = {
        ...(options.role === undefined ? {} : { role: options.role }),
        ...(options.disable || options.enable ? { disabled: options.disable } : {}),
        ...(options.subject === undefined
          ? {}
          : { subject: options.subject === false ? null : options.subject }),
      };
      const after = await api.call('PUT', path, PersonView, { json });
      const state = after.disabled ? ', disabled' : '';
      terminal.out(
        `${after.name} is ${after.role}${state}${setsPassword ? ', with a new password' : ''}\n`,
      );
    });
  });

  withServerOptions(
    person.command('remove').argument('<name>').description('take an account away'),
  ).action(async (name: string, options: unknown) => {
    await withApi(terminal, options, (api) =>
      api.call('DELETE', `/people/${encodeURIComponent(name)}`, z.null()),
    );
    terminal.out(`${name} is removed\n`);
  });

  withServerOptions(
    person.command('sessions').description('list who is signed in').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const open = await withApi(terminal, options, (api) =>
      api.call('GET', '/sessions', z.array(OpenSessionView)),
    );
    writeList(terminal, open, {
      json: wantsJson(options),
      empty: 'nobody is signed in at a console',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        { title: 'FROM', value: (row) => row.address },
        { title: 'SINCE', value: (row) => formatTime(row.createdMs) },
      ],
    });
  });

  withServerOptions(
    person.command('sign-out').argument('<session>').description('end a session by its id'),
  ).action(async (id: string, options: unknown) => {
    await withApi(terminal, options, (api) =>
      api.call('DELETE', `/sessions/${encodeURIComponent(id)}`, z.null()),
    );
    terminal.out('signed out\n');
  });
}

/** The provider first: a password beside it is a second way in. */
function waysOf({ issuer, subject, hasPassword }: PersonView): string {
  const ways = [
    ...(issuer === null ? [] : [`${issuer} (${subject ?? ''})`]),
    ...(hasPassword ? ['password'] : []),
  ];
  return ways.length === 0 ? 'nothing yet' : ways.join(', ');
}
