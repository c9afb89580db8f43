import type { Command } from 'commander';
import { DeviceInventoryView } from '../http/api-devices.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes, formatTime } from './units.ts';

/** `metalwright device show`. */
export function deviceShowCommand(device: Command, terminal: Terminal): void {
  withServerOptions(
    device
      .command('show')
      .argument('<device>', 'id, name, serial number, asset tag, MAC address or GUID')
      .description('all that is known of a machine, and what its hardware was at its starts')
      .option('--json', 'as JSON'),
  ).action(async (wanted: string, options: unknown) => {
    const view = await withApi(terminal, options, (api) =>
      api.call('GET', `/devices/${encodeURIComponent(wanted)}/inventory`, DeviceInventoryView),
    );
    terminal.out(wantsJson(options) ? `${JSON.stringify(view, null, 2)}\n` : deviceText(view));
  });
}

/** A line for each thing that is known. */
function deviceText({ device, history }: DeviceInventoryView): string {
  const facts = Object.entries(device).flatMap(([name, value]) => {
    const text = factText(name, value);
    return text === '' ? [] : [`${name.padEnd(18)}  ${text}\n`];
  });
  const starts = history.map(
    ({ fromMs, untilMs, source, inventory: { hardware, memoryBytes } }) =>
      `${formatTime(fromMs)} to ${formatTime(untilMs)}  ${formatBytes(memoryBytes)} memory, firmware ${hardware?.biosVersion ?? 'not known'}, ${hardware?.disks.length ?? 0} disks, ${hardware?.networkAdapters.length ?? 0} network adapters${source === null ? '' : `, as ${source.name.replaceAll(/\p{Cc}+/gu, ' ')}`}\n`,
  );
  return `${facts.join('')}${starts.length === 0 ? '' : `\nhardware at its starts\n${starts.join('')}`}`;
}

function factText(
  name: string,
  value: DeviceInventoryView['device'][keyof DeviceInventoryView['device']],
): string {
  if (value === null) return '';
  if (typeof value === 'number') {
    if (name.endsWith('Ms')) return formatTime(value);
    return name.endsWith('Bytes') ? formatBytes(value) : String(value);
  }
  if (typeof value === 'object')
    return value.map((each) => (typeof each === 'number' ? formatBytes(each) : each)).join(', ');
  // Control characters of names that machines choose must not reach the terminal.
  return String(value).replaceAll(/\p{Cc}+/gu, ' ');
}
