import type { Command } from 'commander';
import { z } from 'zod';
import { DeviceCleared, DeviceView } from '../http/api.ts';
import type { ApiClient } from './api-client.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { deviceFromOptions, readDeviceFile } from './device-import.ts';
import { findDevice } from './device-lookup.ts';
import { deviceShowCommand } from './device-show.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

/** `metalwright device list|show|import|approve|ignore|clear`. */
export function deviceCommand(program: Command, terminal: Terminal): void {
  const device = program
    .command('device')
    .description('the machines the server has met or been told of');
  withServerOptions(
    device
      .command('list')
      .description('list devices, with what was decided at their last network boot')
      .option('--waiting', 'only those that wait for approval')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const { waiting } = z.object({ waiting: z.boolean().default(false) }).parse(options);
    const devices = await withApi(terminal, options, listDevices);
    writeList(terminal, waiting ? devices.filter((each) => each.state === 'waiting') : devices, {
      json: wantsJson(options),
      empty: waiting
        ? 'no machine waits for approval'
        : 'no machine was met yet: start one from the network, or metalwright device import <file.csv>',
      columns: [
        { title: 'ID', value: (row) => row.id.slice(0, 8) },
        { title: 'STATE', value: (row) => (row.openRun === null ? row.state : 'deploying') },
        { title: 'NAME', value: (row) => row.name },
        { title: 'MODEL', value: (row) => [row.manufacturer, row.model].filter(Boolean).join(' ') },
        { title: 'SERIAL', value: (row) => row.serialNumber ?? '' },
        { title: 'MAC', value: (row) => row.macAddresses.join(' ') },
        {
          title: 'LAST SEEN',
          value: (row) => (row.lastSeenMs === null ? '' : formatTime(row.lastSeenMs)),
        },
        {
          title: 'LAST BOOT DECISION',
          value: (row) =>
            [row.lastBootDecision, row.refusal && `told at the machine: ${row.refusal}`]
              .filter(Boolean)
              .join('; '),
        },
      ],
    });
  });

  deviceShowCommand(device, terminal);

  withServerOptions(
    device
      .command('import')
      .argument('[file]', 'CSV rows: name,SMBIOS GUID,MAC (either of the last two may be empty)')
      .description('tell the server of machines before they start')
      .option('--headings', "the file's first line holds headings")
      .option('--name <name>', 'one device: its name')
      .option('--guid <guid>', 'one device: its SMBIOS GUID')
      .option('--mac <mac...>', 'one device: its MAC addresses')
      .option('--serial <number>', 'one device: its serial number'),
  ).action(async (file: string | undefined, options: unknown) => {
    const devices =
      file === undefined ? [deviceFromOptions(options)] : await readDeviceFile(file, options);
    await withApi(terminal, options, async (api) => {
      for (const json of devices) {
        const stored = await api.call('POST', '/devices', DeviceView, { json });
        terminal.out(`imported ${stored.name} (${stored.id.slice(0, 8)})\n`);
      }
    });
  });

  withServerOptions(
    device
      .command('approve')
      .argument('<device>', 'id, serial number, MAC address or name')
      .description('let a waiting machine have what is deployed to it')
      .option('--name <name>', 'name of the device from now on'),
  ).action(async (wanted: string, options: unknown) => {
    const { name } = z.object({ name: z.string().optional() }).parse(options);
    const json = name === undefined ? {} : { name };
    const changed = await withApi(terminal, options, (api) => act(api, wanted, 'approve', json));
    terminal.out(
      `${changed.name} (${changed.id.slice(0, 8)}) is approved: it goes on within seconds\n`,
    );
  });

  withServerOptions(
    device
      .command('ignore')
      .argument('<device>', 'id, serial number, MAC address or name')
      .description('never answer this machine, until it is approved'),
  ).action(async (wanted: string, options: unknown) => {
    const changed = await withApi(terminal, options, (api) => act(api, wanted, 'ignore', {}));
    terminal.out(`${changed.name} (${changed.id.slice(0, 8)}) is ignored from now on\n`);
  });

  withServerOptions(
    device
      .command('clear')
      .argument('<device>', 'id, serial number, MAC address or name')
      .description('let what has run on this machine run again (Clear Required PXE Deployments)'),
  ).action(async (wanted: string, options: unknown) => {
    const { name, id, cleared } = await withApi(terminal, options, async (api) => {
      const found = findDevice(await listDevices(api), wanted);
      return await api.call('POST', `/devices/${found.id}/clear`, DeviceCleared);
    });
    terminal.out(
      cleared === 0
        ? `${name} (${id.slice(0, 8)}) has no ended run to clear\n`
        : `${name} (${id.slice(0, 8)}): what is deployed to it runs again at its next network boot (${cleared} ended ${cleared === 1 ? 'run' : 'runs'} cleared)\n`,
    );
  });
}

function listDevices(api: ApiClient): Promise<DeviceView[]> {
  return api.call('GET', '/devices', z.array(DeviceView));
}

async function act(
  api: ApiClient,
  wanted: string,
  action: 'approve' | 'ignore',
  json: { name?: string },
): Promise<DeviceView> {
  const device = findDevice(await listDevices(api), wanted);
  return await api.call('POST', `/devices/${device.id}/${action}`, DeviceView, { json });
}
