import type { Command } from 'commander';
import { DeviceView } from '../http/api.ts';
import { DeviceInventoryView } from '../http/api-devices.ts';
import { withApi, withServerOptions } from './client-command.ts';
import type { Terminal } from './terminal.ts';

/** `metalwright device notes`. */
export function deviceNotesCommand(device: Command, terminal: Terminal): void {
  withServerOptions(
    device
      .command('notes')
      .argument('<device>', 'id, name, serial number, asset tag, MAC address or GUID')
      .argument('[text]', 'the notes from now on; an empty text takes them away')
      .description('show or set the notes on a machine'),
  ).action(async (wanted: string, text: string | undefined, options: unknown) => {
    const path = `/devices/${encodeURIComponent(wanted)}`;
    await withApi(terminal, options, async (api) => {
      if (text === undefined) {
        const { device: shown } = await api.call('GET', `${path}/inventory`, DeviceInventoryView);
        terminal.out(shown.notes === '' ? 'no notes\n' : `${shown.notes}\n`);
        return;
      }
      const { name } = await api.call('PUT', `${path}/notes`, DeviceView, {
        json: { notes: text },
      });
      terminal.out(text === '' ? `${name} has no notes now\n` : `${name} has these notes now\n`);
    });
  });
}
