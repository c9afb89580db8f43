import type { Command } from 'commander';
import { z } from 'zod';
import { DeviceCleared, DeviceView } from '../http/api.ts';
import type { ApiClient } from './api-client.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { deviceApproveCommands } from './device-approve.ts';
import { deviceConflictCommands } from './device-conflicts.ts';
import { deviceImportCommand } from './device-import.ts';
import { findDevice, listDevices } from './device-lookup.ts';
import { deviceNameCommands } from './device-name.ts';
import { deviceNotesCommand } from './device-notes.ts';
import { deviceShowCommand } from './device-show.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

/** `metalwright device`: list, waiting, show, import, approve, approvals, name, expected, ignore, clear. */
export function deviceCommand(program: Command, terminal: Terminal): void {
  const device = program
    .command('device')
    .description('the machines the server has met or been told of');
  withServerOptions(
    device
      .command('list')
      .description('list devices, with what was decided at their last network boot')
      .option('--waiting', 'only those that wait for approval')
      .option('--search <text>', 'part of a name, serial number, asset tag or MAC address')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const { waiting, search } = z
      .object({ waiting: z.boolean().default(false), search: z.string().default('') })
      .parse(options);
    const devices = await withApi(terminal, options, (api) =>
      listDevices(api, { search, ...(waiting ? { state: 'waiting' } : {}) }),
    );
    writeList(terminal, devices, {
      json: wantsJson(options),
      empty: waiting
        ? 'no machine waits for approval'
        : search !== ''
          ? 'no machine is found by that'
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

  withServerOptions(
    device
      .command('waiting')
      .description('machines that wait for approval, and where they are plugged in')
      .option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const devices = await withApi(terminal, options, (api) =>
      listDevices(api, { state: 'waiting' }),
    );
    writeList(terminal, devices, {
      json: wantsJson(options),
      empty: 'no machine waits for approval',
      columns: [
        { title: 'ID', value: (row) => row.id.slice(0, 8) },
        { title: 'MAKE', value: (row) => row.manufacturer ?? '' },
        { title: 'MODEL', value: (row) => row.model ?? '' },
        { title: 'SERIAL', value: (row) => row.serialNumber ?? '' },
        { title: 'MAC', value: (row) => row.macAddresses.join(' ') },
        { title: 'ADDRESS', value: (row) => row.seenAt?.address ?? '' },
        { title: 'PORT', value: (row) => row.seenAt?.port ?? '' },
        { title: 'SWITCH', value: (row) => row.seenAt?.switchId ?? row.seenAt?.relay ?? '' },
        { title: 'SINCE', value: (row) => formatTime(row.createdMs) },
        {
          title: 'SEEN',
          value: (row) => (row.lastSeenMs === null ? '' : formatTime(row.lastSeenMs)),
        },
      ],
    });
  });

  deviceShowCommand(device, terminal);

  deviceImportCommand(device, terminal);
  deviceNotesCommand(device, terminal);
  deviceConflictCommands(device, terminal);
  deviceApproveCommands(device, terminal);
  deviceNameCommands(device, terminal);

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

async function act(
  api: ApiClient,
  wanted: string,
  action: 'approve' | 'ignore',
  json: { name?: string },
): Promise<DeviceView> {
  const device = findDevice(await listDevices(api), wanted);
  return await api.call('POST', `/devices/${device.id}/${action}`, DeviceView, { json });
}
