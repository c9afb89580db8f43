import type { Command } from 'commander';
import { z } from 'zod';
import { CollectionView } from '../http/api.ts';
import { VariableView } from '../http/api-variables.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findCollection } from './collection.ts';
import { findDevice, listDevices } from './device-lookup.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const Options = z.object({
  collection: z.string().optional(),
  device: z.string().optional(),
  secret: z.boolean().default(false),
});

/** `metalwright variable list|set|delete`, of one collection or device. */
export function variableCommand(program: Command, terminal: Terminal): void {
  const variable = program
    .command('variable')
    .description('task sequence variables of collections and devices');
  withOwner(
    variable
      .command('list')
      .description('list the variables; values of secret ones are never shown')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const listed = await withApi(terminal, options, async (api) =>
      api.call('GET', await pathOf(api, options), z.array(VariableView)),
    );
    writeList(terminal, listed, {
      json: wantsJson(options),
      empty: 'there is no variable: metalwright variable set NAME=VALUE',
      columns: [
        { title: 'NAME', value: (row) => row.name },
        { title: 'VALUE', value: (row) => (row.secret ? '********' : row.value) },
        {
          title: 'KIND',
          value: (row) => (row.secret ? 'secret' : row.value === '' ? 'empty' : ''),
        },
      ],
    });
  });

  withOwner(
    variable
      .command('set')
      .argument('<variable...>', 'NAME=VALUE; NAME alone takes its value from standard input')
      .description(
        'set variables. An empty value takes away what a collection of lower precedence says',
      )
      .option('--secret', 'the value is sealed on the server, and shown nowhere'),
  ).action(async (words: string[], options: unknown) => {
    const { secret } = Options.parse(options);
    const wishes = await readWishes(words, terminal);
    await withApi(terminal, options, async (api) => {
      const path = await pathOf(api, options);
      for (const { name, value } of wishes) {
        const json = { value, ...(secret ? { secret } : {}) };
        const at = `${path}/${encodeURIComponent(name)}`;
        const made = await api.call('PUT', at, VariableView, { json });
        terminal.out(`${made.name} is set${made.secret ? ', secret' : ''}\n`);
      }
    });
  });

  withOwner(
    variable.command('delete').argument('<name...>').description('take variables away'),
  ).action(async (names: string[], options: unknown) => {
    await withApi(terminal, options, async (api) => {
      const path = await pathOf(api, options);
      for (const name of names) {
        await api.call('DELETE', `${path}/${encodeURIComponent(name)}`, z.null());
        terminal.out(`${name} is deleted\n`);
      }
    });
  });
}

function withOwner(command: Command): Command {
  return withServerOptions(
    command
      .option('--collection <name>', 'of this collection (name or id)')
      .option('--device <name>', 'of this device (name, serial number, MAC address or id)'),
  );
}

/** Path of the variables of the one owner that was named. @throws {CliError} `cli.usage` */
async function pathOf(api: ApiClient, rawOptions: unknown): Promise<string> {
  const { collection, device } = Options.parse(rawOptions);
  if ((collection === undefined) === (device === undefined))
    throw new CliError('cli.usage', 'whose variables?', {
      hint: 'name either --collection or --device',
      exitCode: 2,
    });
  if (collection !== undefined) {
    const all = await api.call('GET', '/collections', z.array(CollectionView));
    return `/collections/${findCollection(all, collection).id}/variables`;
  }
  const all = await listDevices(api);
  return `/devices/${findDevice(all, device ?? '').id}/variables`;
}

interface Wish {
  readonly name: string;
  readonly value: string;
}

/** A secret on the command line would stand in the shell's history and in the list of processes. */
async function readWishes(words: readonly string[], terminal: Terminal): Promise<Wish[]> {
  const fromInput = words.filter((word) => !word.includes('='));
  if (fromInput.length > 1)
    throw new CliError(
      'cli.usage',
      `only one value can come from standard input, not ${fromInput.length}`,
      {
        hint: 'write the others as NAME=VALUE, or call it once for each',
        exitCode: 2,
      },
    );
  const wishes: Wish[] = [];
  for (const word of words) {
    const at = word.indexOf('=');
    if (at >= 0) wishes.push({ name: word.slice(0, at), value: word.slice(at + 1) });
    else wishes.push({ name: word, value: await readInput(terminal) });
  }
  return wishes;
}

async function readInput({ input }: Terminal): Promise<string> {
  if (input === undefined)
    throw new CliError('cli.usage', 'there is no standard input', { exitCode: 2 });
  return (await input()).replace(/\r?\n$/, '');
}
