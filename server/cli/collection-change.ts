import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { CollectionView } from '../http/api.ts';
import { CollectionDeleted, CollectionDetail } from '../http/api-collections.ts';
import { CliError } from './cli-error.ts';
import { withApi, withServerOptions } from './client-command.ts';
import { memberSentence } from './collection-rules.ts';
import type { Terminal } from './terminal.ts';

/** `metalwright collection set|precedence|copy|update|delete`. */
export function collectionChangeCommands(collection: Command, terminal: Terminal): void {
  withServerOptions(
    collection
      .command('set')
      .argument('<collection>', 'name or id')
      .description('change its name, or what limits it')
      .option('--name <name>', 'its new name')
      .option('--limit <name>', 'only members of this collection can be members'),
  ).action(async (wanted: string, options: unknown) => {
    const { name, limit } = z
      .object({ name: z.string().optional(), limit: z.string().optional() })
      .parse(options);
    if (name === undefined && limit === undefined)
      throw new CliError('cli.usage', 'nothing to set', {
        hint: 'give --name or --limit',
        exitCode: 2,
      });
    const json = {
      ...(name === undefined ? {} : { name }),
      ...(limit === undefined ? {} : { limitingCollection: limit }),
    };
    const changed = await withApi(terminal, options, (api) =>
      api.call('PUT', pathOf(wanted), CollectionDetail, { json }),
    );
    terminal.out(`${memberSentence(changed)}\n`);
  });

  withServerOptions(
    collection
      .command('precedence')
      .argument('<collection>', 'name or id')
      .argument('<number>', '0 to 1000000', parsePrecedence)
      .description('whose variables win where collections of a device differ: the higher number'),
  ).action(async (name: string, precedence: number, options: unknown) => {
    const changed = await withApi(terminal, options, (api) =>
      api.call('PUT', pathOf(name), CollectionView, { json: { precedence } }),
    );
    terminal.out(`"${changed.name}" has precedence ${changed.precedence} now\n`);
  });

  withServerOptions(
    collection
      .command('copy')
      .argument('<collection>', 'name or id')
      .argument('<name>', 'of the copy')
      .description('copy a collection with its rules; the copy is limited by the original'),
  ).action(async (wanted: string, name: string, options: unknown) => {
    const made = await withApi(terminal, options, (api) =>
      api.call('POST', `${pathOf(wanted)}/copy`, CollectionDetail, { json: { name } }),
    );
    terminal.out(`made collection "${made.name}" (${made.id})\n`);
  });

  withServerOptions(
    collection
      .command('update')
      .argument('[collection]', 'name or id; all without it')
      .description('evaluate the rules of a collection and of those that depend on it now'),
  ).action(async (name: string | undefined, options: unknown) => {
    await withApi(terminal, options, async (api) => {
      if (name !== undefined) {
        const view = await api.call('POST', `${pathOf(name)}/update`, CollectionView, { json: {} });
        return terminal.out(`${memberSentence(view)}\n`);
      }
      const all = await api.call('POST', '/collections/update', z.array(CollectionView), {
        json: {},
      });
      const waiting = all.filter(({ pending }) => pending).length;
      terminal.out(
        waiting === 0
          ? 'all collections are evaluated\n'
          : `${waiting} collections are being evaluated\n`,
      );
    });
  });

  withServerOptions(
    collection
      .command('delete')
      .argument('<collection>', 'name or id')
      .description('take a collection away, with its rules and variables')
      .option('--force', 'also when something is deployed to it, which is withdrawn'),
  ).action(async (name: string, options: unknown) => {
    const { force } = z.object({ force: z.boolean().default(false) }).parse(options);
    const { withdrawn } = await withApi(terminal, options, (api) =>
      api.call('DELETE', `${pathOf(name)}?force=${force}`, CollectionDeleted),
    );
    terminal.out(
      withdrawn.length === 0
        ? `removed "${name}"\n`
        : `removed "${name}", and withdrew ${withdrawn.join(', ')}\n`,
    );
  });
}

function pathOf(collection: string): string {
  return `/collections/${encodeURIComponent(collection)}`;
}

function parsePrecedence(text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) > 1_000_000)
    throw new InvalidArgumentError('write a whole number from 0 to 1000000');
  return Number(text);
}
