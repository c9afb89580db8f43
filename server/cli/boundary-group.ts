import type { Command } from 'commander';
import { z } from 'zod';
import { BoundaryGroupView, LocatedPoints } from '../http/api-content.ts';
import type { ApiClient } from './api-client.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findByName } from './find-by-name.ts';
import { shareText } from './share-address.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const GroupOptions = z.object({
  name: z.string().optional(),
  boundary: z.array(z.string()).optional(),
  point: z.array(z.string()).optional(),
  neighbor: z.array(z.string()).optional(),
  blockedNeighbor: z.array(z.string()).default([]),
  siteDefault: z.enum(['allow', 'refuse']).optional(),
});

/** `metalwright boundary-group create|list|set|remove|locate`. */
export function boundaryGroupCommand(program: Command, terminal: Terminal): void {
  const group = program
    .command('boundary-group')
    .description('which machines, by their addresses, use which distribution points');
  withServerOptions(
    withGroupOptions(group.command('create').argument('<name>')).description(
      'make a boundary group',
    ),
  ).action(async (name: string, options: unknown) => {
    const json = { ...readChange(options), name };
    const made = await withApi(terminal, options, (api) =>
      api.call('POST', '/boundary-groups', BoundaryGroupView, { json }),
    );
    terminal.out(describeGroup(made));
  });

  withServerOptions(
    withGroupOptions(group.command('set').argument('<group>', 'name or id'))
      .option('--name <name>')
      .description('change it: a list that is named replaces the one before, what is not stays'),
  ).action(async (wanted: string, options: unknown) => {
    const json = readChange(options);
    const changed = await withApi(terminal, options, async (api) => {
      const { id } = await findGroup(api, wanted);
      return await api.call('PUT', `/boundary-groups/${id}`, BoundaryGroupView, { json });
    });
    terminal.out(describeGroup(changed));
  });

  withServerOptions(
    group.command('list').description('list boundary groups').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    writeList(terminal, await withApi(terminal, options, listGroups), {
      json: wantsJson(options),
      empty: 'there is no boundary group',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        {
          title: 'BOUNDARIES',
          value: (row) => (row.isDefault ? 'all others' : row.boundaries.join(', ')),
        },
        { title: 'DISTRIBUTION POINTS', value: (row) => row.points.map(nameOf).join(', ') },
        { title: 'NEIGHBORS', value: neighborsOf },
        { title: 'SITE DEFAULT', value: defaultOf },
      ],
    });
  });

  withServerOptions(
    group.command('remove').argument('<group>', 'name or id').description('take it away'),
  ).action(async (wanted: string, options: unknown) => {
    const { name } = await withApi(terminal, options, async (api) => {
      const found = await findGroup(api, wanted);
      await api.call('DELETE', `/boundary-groups/${found.id}`, z.null());
      return found;
    });
    terminal.out(`boundary group "${name}" is removed\n`);
  });

  withServerOptions(
    group
      .command('locate')
      .argument('<address>', 'IPv4 or IPv6 address of a machine')
      .option('--neighbors', 'for a deployment that may fall back to neighbors')
      .option('--site-default', 'for a deployment that may fall back to the site default group')
      .option('--json', 'as JSON')
      .description('which distribution points a machine would use, the nearest first'),
  ).action(async (address: string, options: unknown) => {
    const { neighbors, siteDefault } = z
      .object({ neighbors: z.boolean().default(false), siteDefault: z.boolean().default(false) })
      .parse(options);
    const query = new URLSearchParams({
      address,
      neighbors: String(neighbors),
      siteDefault: String(siteDefault),
    });
    const found = await withApi(terminal, options, (api) =>
      api.call('GET', `/boundary-groups/locate?${query.toString()}`, LocatedPoints),
    );
    if (wantsJson(options)) {
      terminal.out(`${JSON.stringify(found, null, 2)}\n`);
      return;
    }
    terminal.out(`${found.where}\n`);
    for (const [index, { name, url }] of found.points.entries())
      terminal.out(`${index + 1}. ${name}${url === null ? '' : `, ${shareText(url)}`}\n`);
    if (found.points.length === 0) terminal.out('it may use no distribution point\n');
  });
}

function withGroupOptions(command: Command): Command {
  return command
    .option('--boundary <boundary...>', 'subnets, ranges and addresses, IPv4 or IPv6')
    .option('--point <dp...>', 'distribution points, by name or id')
    .option('--neighbor <group...>', 'groups to fall back to, in their order')
    .option('--blocked-neighbor <group...>', 'neighbors that are never fallen back to')
    .option('--site-default <allow|refuse>', 'whether the site default group is fallen back to');
}

function readChange(options: unknown): Record<string, unknown> {
  const { name, boundary, point, neighbor, blockedNeighbor, siteDefault } =
    GroupOptions.parse(options);
  const blocked = blockedNeighbor.map((group) => ({ group, allowed: false }));
  const neighbors = [...(neighbor ?? []).map((group) => ({ group, allowed: true })), ...blocked];
  const change = {
    name,
    boundaries: boundary,
    points: point,
    neighbors: neighbor === undefined && blocked.length === 0 ? undefined : neighbors,
    allowDefault: siteDefault === undefined ? undefined : siteDefault === 'allow',
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

async function findGroup(api: ApiClient, wanted: string): Promise<BoundaryGroupView> {
  return findByName(await listGroups(api), wanted, {
    what: 'boundary group',
    listCommand: 'metalwright boundary-group list',
    names: (each) => [each.id, each.name],
    label: (each) => `"${each.name}"`,
  });
}

function listGroups(api: ApiClient): Promise<BoundaryGroupView[]> {
  return api.call('GET', '/boundary-groups', z.array(BoundaryGroupView));
}

function describeGroup(group: BoundaryGroupView): string {
  const inside = group.isDefault ? 'machines in no other group' : group.boundaries.join(', ');
  return [
    `boundary group "${group.name}" (${group.id}): ${inside || 'no machine yet'}`,
    `distribution points: ${group.points.map(nameOf).join(', ') || 'none'}`,
    `neighbors: ${neighborsOf(group) || 'none'}`,
    ...(group.isDefault ? [] : [`site default group: ${defaultOf(group)}`]),
    '',
  ].join('\n');
}

function nameOf({ name, enabled }: BoundaryGroupView['points'][number]): string {
  return enabled ? name : `${name} (disabled)`;
}

function neighborsOf({ neighbors }: BoundaryGroupView): string {
  return neighbors.map(({ name, allowed }) => (allowed ? name : `${name} (never)`)).join(', ');
}

function defaultOf({ isDefault, allowDefault }: BoundaryGroupView): string {
  return isDefault ? '' : allowDefault ? 'allowed' : 'never';
}
