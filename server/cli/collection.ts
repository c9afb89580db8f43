import { type Command, Option } from 'commander';
import { z } from 'zod';
import { CollectionView } from '../http/api.ts';
import { CollectionDetail } from '../http/api-collections.ts';
import type { ApiClient } from './api-client.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { collectionChangeCommands } from './collection-change.ts';
import {
  collectionRuleCommands,
  memberSentence,
  ruleWishes,
  withRuleOptions,
} from './collection-rules.ts';
import { collectionShowCommands } from './collection-show.ts';
import { collectionClearCommand } from './deployment-status.ts';
import { findDevice, listDevices } from './device-lookup.ts';
import { findByName } from './find-by-name.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const CreateOptions = z.object({
  kind: z.enum(['device', 'user']).optional(),
  limit: z.string().optional(),
  limiting: z.string().optional(),
});

/** `metalwright collection create|list|add|remove`, and the commands of the files beside this one. */
export function collectionCommand(program: Command, terminal: Terminal): void {
  const collection = program.command('collection').description('named sets of devices');
  withServerOptions(
    withRuleOptions(
      collection
        .command('create')
        .argument('<name>')
        .description('make a collection')
        .option('--limit <name>', 'only its members can be members (default: All Systems)')
        .addOption(new Option('--limiting <name>', 'the same').hideHelp())
        .addOption(new Option('--kind <kind>', 'of what').choices(['device', 'user'])),
      'add',
    ),
  ).action(async (name: string, options: unknown) => {
    const { kind, limiting, limit = limiting } = CreateOptions.parse(options);
    const json = {
      name,
      kind,
      rules: ruleWishes(options),
      ...(limit === undefined ? {} : { limitingCollection: limit }),
    };
    const made = await withApi(terminal, options, (api) =>
      api.call('POST', '/collections', CollectionDetail, { json }),
    );
    terminal.out(`made collection "${made.name}" (${made.id})\n`);
    if (made.rules.length > 0) terminal.out(`${memberSentence(made)}\n`);
  });

  collectionRuleCommands(collection, terminal);
  collectionShowCommands(collection, terminal);
  collectionChangeCommands(collection, terminal);

  withServerOptions(
    collection.command('list').description('list collections').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const collections = await withApi(terminal, options, listCollections);
    const names = new Map(collections.map((each) => [each.id, each.name]));
    writeList(terminal, collections, {
      json: wantsJson(options),
      empty: 'there is no collection: metalwright collection create <name>',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        { title: 'MEMBERS', value: (row) => `${row.memberCount}${row.pending ? ' …' : ''}` },
        {
          title: 'LIMITED BY',
          value: (row) =>
            row.limitingCollection === null ? '' : (names.get(row.limitingCollection) ?? ''),
        },
        { title: 'PRECEDENCE', value: (row) => String(row.precedence) },
        {
          title: 'KIND',
          value: (row) =>
            `${row.builtIn ? 'built in' : 'custom'}${row.kind === 'user' ? ', users' : ''}`,
        },
      ],
    });
  });

  collectionClearCommand(collection, terminal);

  for (const change of ['add', 'remove'] as const) {
    withServerOptions(
      collection
        .command(change)
        .argument('<collection>', 'name or id')
        .argument('<device...>', 'name, serial number, MAC address or id of each device')
        .description(change === 'add' ? 'put devices into a collection' : 'take devices out of it'),
    ).action(async (name: string, devices: string[], options: unknown) => {
      const changed = await withApi(terminal, options, (api) =>
        changeMembers(api, { change, name, devices }),
      );
      terminal.out(`${memberSentence(changed)}\n`);
    });
  }
}

/** Finds a collection by id or name. */
export function findCollection(
  collections: readonly CollectionView[],
  wanted: string,
): CollectionView {
  return findByName(collections, wanted, {
    what: 'collection',
    listCommand: 'metalwright collection list',
    names: (each) => [each.id, each.name],
    label: (each) => `"${each.name}"`,
  });
}

function listCollections(api: ApiClient): Promise<CollectionView[]> {
  return api.call('GET', '/collections', z.array(CollectionView));
}

async function changeMembers(
  api: ApiClient,
  request: { change: 'add' | 'remove'; name: string; devices: readonly string[] },
): Promise<CollectionView> {
  const collection = findCollection(await listCollections(api), request.name);
  const known = await listDevices(api);
  const ids = request.devices.map((device) => findDevice(known, device).id);
  const json = { [request.change]: ids };
  return await api.call('POST', `/collections/${collection.id}/members`, CollectionView, { json });
}
