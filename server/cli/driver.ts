import type { Command } from 'commander';
import { z } from 'zod';
import {
  DriverCoverageView,
  DriverDetail,
  DriverGapView,
  DriverView,
  RankedDriverView,
} from '../http/api-drivers.ts';
import { FilePackageView } from '../http/api-packages.ts';
import type { ApiClient } from './api-client.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { coverageText, gapRows } from './driver-text.ts';
import { findByName } from './find-by-name.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

const ListOptions = z.object({ package: z.string().optional(), class: z.string().optional() });
const FindOptions = z.object({
  architecture: z.string().optional(),
  windows: z.string().optional(),
  forServer: z.boolean().default(false),
});

/** `metalwright driver list|show|find|missing|coverage`: the catalogue of drivers. */
export function driverCommand(program: Command, terminal: Terminal): void {
  const command = program
    .command('driver')
    .description('drivers of all driver packages, and devices that have none');

  withServerOptions(
    command
      .command('list')
      .description('list drivers, by package')
      .option('--package <package>', 'of this driver package alone')
      .option('--class <name>', 'of this class alone: Net, SCSIAdapter')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const wanted = ListOptions.parse(options);
    const drivers = await withApi(terminal, options, async (api) => {
      const query =
        wanted.package === undefined ? '' : `?package=${await packageId(api, wanted.package)}`;
      return await api.call('GET', `/drivers${query}`, z.array(DriverView));
    });
    const ofClass = wanted.class?.toLowerCase();
    writeList(
      terminal,
      drivers.filter(
        ({ className }) => ofClass === undefined || className.toLowerCase() === ofClass,
      ),
      {
        json: wantsJson(options),
        empty: 'no driver is there: metalwright package add <folder> --drivers, or driver-pack add',
        columns: [
          { title: 'PACKAGE', value: (row) => row.packageName },
          { title: 'CLASS', value: (row) => row.className },
          { title: 'PROVIDER', value: (row) => row.provider },
          { title: 'VERSION', value: (row) => row.version ?? '' },
          { title: 'DATE', value: (row) => row.date ?? '' },
          { title: 'FOR', value: (row) => row.architectures.join(' ') },
          { title: 'IDS', value: (row) => String(row.idCount) },
          { title: 'INF', value: (row) => row.inf },
        ],
      },
    );
  });

  withServerOptions(
    command
      .command('show')
      .argument('<package>', 'name or id of the driver package')
      .argument('<inf>', 'path of the INF file in it, as driver list shows it')
      .description('print all that decides what a driver is for, as JSON'),
  ).action(async (wanted: string, inf: string, options: unknown) => {
    const { facts } = await withApi(terminal, options, async (api) =>
      api.call(
        'GET',
        `/drivers/${await packageId(api, wanted)}?inf=${encodeURIComponent(inf)}`,
        DriverDetail,
      ),
    );
    terminal.out(`${JSON.stringify(facts, null, 2)}\n`);
  });

  withServerOptions(
    command
      .command('find')
      .argument('<id>', 'hardware id: "PCI\\VEN_8086&DEV_15F3&SUBSYS_00008086&REV_03"')
      .description('which packages have a driver for a device, and which Windows would take')
      .option('--architecture <x64|arm64|x86>', 'of the Windows (default: x64)')
      .option('--windows <version>', 'version of the Windows (default: 10.0.26100)')
      .option('--for-server', 'a Windows Server')
      .option('--json', 'as JSON'),
  ).action(async (id: string, options: unknown) => {
    const { architecture, windows, forServer } = FindOptions.parse(options);
    const query = new URLSearchParams({ id, productType: forServer ? 'server' : 'client' });
    if (architecture !== undefined) query.set('architecture', architecture);
    if (windows !== undefined) query.set('windows', windows);
    const found = await withApi(terminal, options, (api) =>
      api.call('GET', `/drivers/find?${query.toString()}`, z.array(RankedDriverView)),
    );
    writeList(terminal, found, {
      json: wantsJson(options),
      empty: `no driver package has a driver for ${id}; Windows itself may have one`,
      columns: [
        { title: '', value: (row) => VERDICTS[row.verdict] },
        { title: 'PACKAGE', value: (row) => row.packageName },
        { title: 'VERSION', value: (row) => row.version ?? '' },
        { title: 'DATE', value: (row) => row.date ?? '' },
        { title: 'RANK', value: rankOf },
        { title: 'BY', value: (row) => row.id ?? '' },
        { title: 'INF', value: (row) => row.inf },
      ],
    });
  });

  withServerOptions(
    command
      .command('missing')
      .description('devices without a driver in any package, by make and model')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const gaps = await withApi(terminal, options, (api) =>
      api.call('GET', '/drivers/missing', z.array(DriverGapView)),
    );
    if (wantsJson(options)) terminal.out(`${JSON.stringify(gaps, null, 2)}\n`);
    else
      writeList(terminal, gapRows(gaps), {
        json: false,
        empty:
          'no machine has told of a device that neither its boot environment nor a driver package has a driver for',
        columns: [
          { title: 'MODEL', value: (row) => row.model },
          { title: 'MACHINES', value: (row) => row.machines },
          { title: 'LAST SEEN', value: (row) => row.lastSeen },
          { title: 'CLASS', value: (row) => row.kind },
          { title: 'DEVICE', value: (row) => row.device },
        ],
      });
  });

  withServerOptions(
    command
      .command('coverage')
      .requiredOption('--model <model>', 'with or without its maker: "Latitude 5440"')
      .description('what driver packages have for a model, before its machines are deployed')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const { model } = z.object({ model: z.string() }).parse(options);
    const told = await withApi(terminal, options, (api) =>
      api.call('GET', `/drivers/coverage?model=${encodeURIComponent(model)}`, DriverCoverageView),
    );
    terminal.out(
      wantsJson(options) ? `${JSON.stringify(told, null, 2)}\n` : coverageText(model, told),
    );
  });
}

const VERDICTS = { wins: 'WINS', fits: 'fits', other: 'not for it' } as const;

/** As Windows writes a rank, without the score of the signature. */
function rankOf({ featureScore, identifierScore }: RankedDriverView): string {
  if (featureScore === null || identifierScore === null) return '';
  const hex = (number: number, digits: number): string =>
    number.toString(16).toUpperCase().padStart(digits, '0');
  return `${hex(featureScore, 2)}${hex(identifierScore, 4)}`;
}

async function packageId(api: ApiClient, wanted: string): Promise<string> {
  const all = await api.call('GET', '/packages', z.array(FilePackageView));
  const packs = all.filter(({ kind }) => kind === 'driver-package');
  return findByName(packs, wanted, {
    what: 'driver package',
    listCommand: 'metalwright driver-pack list',
    names: ({ id, name }) => [id, name],
    label: ({ id, name }) => `"${name}" (${id})`,
  }).id;
}
