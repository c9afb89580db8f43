import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { CollectionView, DeviceView } from '../http/api.ts';
import type { ApiClient } from './api-client.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findDevice } from './device-lookup.ts';
import { findByName } from './find-by-name.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

/** `metalwright collection create|list|add|remove|precedence`. */
export function collectionCommand(program: Command, terminal: Terminal): void {
  const collection = program.command('collection').description('named sets of devices');
  withServerOptions(
    collection
      .command('create')
      .argument('<name>')
      .description('make an empty collection')
      .option('--limiting <name>', 'only its members can be members (default: All Systems)'),
  ).action(async (name: string, options: unknown) => {
    const { limiting } = z.object({ limiting: z.string().optional() }).parse(options);
    const json = { name, ...(limiting === undefined ? {} : { limitingCollection: limiting }) };
    const made = await withApi(terminal, options, (api) =>
      api.call('POST', '/collections', CollectionView, { json }),
    );
    terminal.out(`made collection "${made.name}" (${made.id})\n`);
  });

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
        { title: 'MEMBERS', value: (row) => String(row.members.length) },
        {
          title: 'LIMITED BY',
          value: (row) =>
            row.limitingCollection === null ? '' : (names.get(row.limitingCollection) ?? ''),
        },
        { title: 'PRECEDENCE', value: (row) => String(row.precedence) },
        { title: 'KIND', value: (row) => (row.builtIn ? 'built in' : 'custom') },
      ],
    });
  });

  withServerOptions(
    collection
      .command('precedence')
      .argument('<collection>', 'name or id')
      .argument('<number>', '0 to 1000000', parsePrecedence)
      .description('whose variables win where collections of a device differ: the higher number'),
  ).action(async (name: string, precedence: number, options: unknown) => {
    const changed = await withApi(terminal, options, async (api) => {
      const { id } = findCollection(await listCollections(api), name);
      return await api.call('PUT', `/collections/${id}`, CollectionView, { json: { precedence } });
    });
    terminal.out(`"${changed.name}" has precedence ${changed.precedence} now\n`);
  });

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
      terminal.out(`"${changed.name}" has ${changed.members.length} members now\n`);
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

function parsePrecedence(text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) > 1_000_000)
    throw new InvalidArgumentError('write a whole number from 0 to 1000000');
  return Number(text);
}

function listCollections(api: ApiClient): Promise<CollectionView[]> {
  return api.call('GET', '/collections', z.array(CollectionView));
}

async function changeMembers(
  api: ApiClient,
  request: { change: 'add' | 'remove'; name: string; devices: readonly string[] },
): Promise<CollectionView> {
  const collection = findCollection(await listCollections(api), request.name);
  const known = await api.call('GET', '/devices', z.array(DeviceView));
  const ids = request.devices.map((device) => findDevice(known, device).id);
  const json = { [request.change]: ids };
  return await api.call('POST', `/collections/${collection.id}/members`, CollectionView, { json });
}
