import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { TokenCreated, TokenView } from '../http/api-people.ts';
import { PersonRole } from '../trust/person-role.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime, parseNames } from './units.ts';

const CreateOptions = z.object({
  role: PersonRole.optional(),
  days: z.int().optional(),
  readOnly: z.boolean().default(false),
  areas: z.array(z.string()).default([]),
});

/** `metalwright token create|list|revoke`. */
export function tokenCommand(program: Command, terminal: Terminal): void {
  const token = program.command('token').description('API tokens for scripts');
  withServerOptions(
    token
      .command('create')
      .argument('<name>')
      .addOption(
        new Option(
          '--role <role>',
          'what it may do at most; your own role if none is named',
        ).choices([...PersonRole.options]),
      )
      .option('--days <n>', 'how long it is good, 90 if nothing is said, at most 366', parseDays)
      .option('--read-only', 'it changes nothing')
      .option('--areas <areas>', 'only these first words of paths, commas between', parseNames)
      .option('--json', 'as JSON')
      .description('make one; it is printed this once'),
  ).action(async (name: string, rawOptions: unknown) => {
    const { role, days, readOnly, areas } = CreateOptions.parse(rawOptions);
    const json = {
      name,
      ...(role === undefined ? {} : { role }),
      ...(days === undefined ? {} : { days }),
      scope: { readOnly, areas },
    };
    const made = await withApi(terminal, rawOptions, (api) =>
      api.call('POST', '/tokens', TokenCreated, { json }),
    );
    if (wantsJson(rawOptions)) {
      terminal.out(`${JSON.stringify(made, null, 2)}\n`);
      return;
    }
    terminal.out(`${made.token}\n`);
    terminal.err(
      `${made.name} is ${made.role} until ${formatTime(made.expiresMs)}; it is shown this once\n`,
    );
  });

  withServerOptions(
    token.command('list').description('list API tokens').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const listed = await withApi(terminal, options, (api) =>
      api.call('GET', '/tokens', z.array(TokenView)),
    );
    writeList(terminal, listed, {
      json: wantsJson(options),
      empty: 'there is no API token: metalwright token create <name>',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        { title: 'ROLE', value: (row) => row.role },
        {
          title: 'SCOPE',
          value: ({ scope }) =>
            [scope?.readOnly === true ? 'reads' : '', ...(scope?.areas ?? [])]
              .filter((word) => word !== '')
              .join(' ') || 'all',
        },
        { title: 'END', value: (row) => formatTime(row.expiresMs) },
        {
          title: 'LAST USED',
          value: (row) => (row.lastUsedMs === null ? 'never' : formatTime(row.lastUsedMs)),
        },
      ],
    });
  });

  withServerOptions(
    token.command('revoke').argument('<id>').description('end one by its id'),
  ).action(async (id: string, options: unknown) => {
    await withApi(terminal, options, (api) =>
      api.call('DELETE', `/tokens/${encodeURIComponent(id)}`, z.null()),
    );
    terminal.out('the token is none any more\n');
  });
}

function parseDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days >= 1 && days <= 366) return days;
  throw new InvalidArgumentError('a number of days from 1 to 366');
}
