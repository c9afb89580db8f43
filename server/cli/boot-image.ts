import type { Command } from 'commander';
import { z } from 'zod';
import { type BootImageUse, BootImageView } from '../http/api-boot-images.ts';
import { FilePackageView } from '../http/api-packages.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findByName, type Lookup } from './find-by-name.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes, parseCount } from './units.ts';
import { openWimSource } from './wim-source.ts';

const AddOptions = z.object({
  name: z.string(),
  id: z.string().optional(),
  index: z.number().optional(),
  drivers: z.array(z.string()).default([]),
  serverAddress: z.string().optional(),
  pathInIso: z.string().optional(),
});
const RebuildOptions = z.object({
  all: z.boolean().default(false),
  serverAddress: z.string().optional(),
});

/** `metalwright boot-image add|list|show|rebuild`. */
export function bootImageCommand(program: Command, terminal: Terminal): void {
  const command = program.command('boot-image').description('boot images of Windows PE');
  withServerOptions(
    command
      .command('add')
      .argument('<file>', 'boot.wim or winpe.wim, or an ISO with Windows')
      .description('put the agent into a Windows PE and store it; a name that exists is replaced')
      .requiredOption('--name <name>', 'name that task sequences refer to')
      .option('--id <id>', 'package id, 3 to 16 of A-Z and 0-9 (default: the next free one)')
      .option('--index <number>', 'image of the WIM (default: the one it starts)', parseCount)
      .option('--drivers <package...>', 'packages with drivers, loaded when it starts')
      .option('--server-address <address>', 'of this server, as the machines reach it')
      .option('--path-in-iso <path>', 'the WIM of an ISO (default: sources/boot.wim)'),
  ).action(async (file: string, options: unknown) => {
    const { pathInIso, drivers, ...wish } = AddOptions.parse(options);
    const source = await openWimSource(file, { wanted: 'boot', pathInIso }, terminal.signal);
    const made = await withApi(terminal, options, async (api) => {
      const query = new URLSearchParams(
        Object.entries(wish).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, String(value)]],
        ),
      );
      if (drivers.length > 0) query.set('drivers', (await packageIds(api, drivers)).join(','));
      return api.call('POST', `/boot-images?${query.toString()}`, BootImageView, {
        stream: source.open(),
        sizeBytes: source.sizeBytes,
      });
    });
    terminal.out(
      `stored "${made.name}" as ${made.id}, version ${made.version}\n${describe(made)
        .map((line) => `  ${line}\n`)
        .join('')}`,
    );
  });

  withServerOptions(
    command.command('list').description('list boot images').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    writeList(terminal, await withApi(terminal, options, listImages), {
      json: wantsJson(options),
      empty: 'no boot image of Windows PE is stored yet: metalwright boot-image add <boot.wim>',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        { title: 'VERSION', value: (row) => String(row.version) },
        { title: 'WINDOWS PE', value: ({ facts }) => `${facts.version} ${facts.architecture}` },
        { title: 'SIGNED BY', value: ({ facts }) => signers(facts) },
        { title: 'SIZE', value: (row) => formatBytes(row.sizeBytes) },
        { title: 'AGENT', value: (row) => agentOf(row) },
      ],
    });
  });

  withServerOptions(
    command
      .command('show')
      .argument('<boot-image>', 'name or id')
      .description('tell what is in a boot image')
      .option('--json', 'as JSON'),
  ).action(async (wanted: string, options: unknown) => {
    const image = await withApi(terminal, options, async (api) => findImage(api, wanted));
    terminal.out(
      wantsJson(options)
        ? `${JSON.stringify(image, null, 2)}\n`
        : `${image.name} (${image.id}, version ${image.version})\n${describe(image).join('\n')}\n`,
    );
  });

  withServerOptions(
    command
      .command('rebuild')
      .argument('[boot-image]', 'name or id')
      .description("put this server's agent, address and CA into a boot image anew")
      .option('--all', 'every boot image')
      .option('--server-address <address>', 'of this server, as the machines reach it'),
  ).action(async (wanted: string | undefined, options: unknown) => {
    const { all, serverAddress } = RebuildOptions.parse(options);
    if (all === (wanted !== undefined))
      throw new CliError('cli.usage', 'name one boot image, or say --all', { exitCode: 2 });
    await withApi(terminal, options, async (api) => {
      const images = wanted === undefined ? await listImages(api) : [await findImage(api, wanted)];
      for (const { id } of images) {
        const json = serverAddress === undefined ? {} : { serverAddress };
        const made = await api.call('POST', `/boot-images/${id}/rebuild`, BootImageView, { json });
        terminal.out(
          `rebuilt "${made.name}" (${made.id}), version ${made.version}, agent ${made.facts.agentVersion}\n`,
        );
      }
    });
  });
}

async function listImages(api: ApiClient): Promise<BootImageView[]> {
  return api.call('GET', '/boot-images', z.array(BootImageView));
}

async function findImage(api: ApiClient, wanted: string): Promise<BootImageView> {
  return findByName(await listImages(api), wanted, lookup('boot image', 'boot-image'));
}

async function packageIds(api: ApiClient, wanted: readonly string[]): Promise<readonly string[]> {
  const all = await api.call('GET', '/packages', z.array(FilePackageView));
  return wanted.map((name) => findByName(all, name, lookup('package', 'package')).id);
}

function lookup<Item extends { readonly id: string; readonly name: string }>(
  what: string,
  word: string,
): Lookup<Item> {
  return {
    what,
    listCommand: `metalwright ${word} list`,
    names: ({ id, name }) => [id, name],
    label: ({ id, name }) => `"${name}" (${id})`,
  };
}

function describe(image: BootImageView): readonly string[] {
  const { facts } = image;
  return [
    `Windows PE ${facts.version}, ${facts.architecture}, ${facts.languages.join(' ') || 'no language'}`,
    `starts ${[signers(facts) && `UEFI (signed by ${signers(facts)})`, facts.bios && 'BIOS'].filter(Boolean).join(' and ')}`,
    `components: ${facts.components.join(', ') || 'none'}`,
    `drivers: ${facts.drivers.join(', ') || 'those of Windows PE'}`,
    `agent ${agentOf(image)}`,
    `size ${formatBytes(image.sizeBytes)}`,
    image.setFor.length === 0
      ? 'set for no machine; task sequences may name it'
      : `set for ${image.setFor.map(useText).join(', ')}`,
  ];
}

function agentOf({ facts, outdated }: BootImageView): string {
  return outdated ? `${facts.agentVersion} (boot-image rebuild)` : facts.agentVersion;
}

function useText({ scope, label }: BootImageUse): string {
  switch (scope) {
    case 'all':
      return 'all machines';
    case 'unknown':
      return 'unknown machines and those that wait';
    case 'model':
      return `the model ${label}`;
    case 'device':
      return label;
  }
}

function signers({ efiBootManagers }: BootImageView['facts']): string {
  return Object.keys(efiBootManagers).join(', ');
}
