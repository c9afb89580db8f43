import type { Command } from 'commander';
import { StatusView } from '../http/api.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { describeNetboot } from './netboot.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

/** `metalwright status`. */
export function statusCommand(program: Command, terminal: Terminal): void {
  withServerOptions(
    program.command('status').description('how the server is').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const status = await withApi(terminal, options, (api) =>
      api.call('GET', '/status', StatusView),
    );
    terminal.out(
      wantsJson(options) ? `${JSON.stringify(status, null, 2)}\n` : formatStatus(status),
    );
  });
}

/** The server's state for people. */
function formatStatus(status: StatusView): string {
  const section = (title: string, lines: readonly string[], none: string) =>
    `${title}\n${(lines.length === 0 ? [none] : lines).map((line) => `  ${line}\n`).join('')}`;
  return [
    `Metalwright ${status.version}\n`,
    section(
      'listens for',
      status.listeners.map(
        (each) =>
          `${each.ok ? 'ok    ' : 'FAILED'} ${each.purpose} on ${each.address}${each.detail === '' ? '' : `: ${each.detail}`}`,
      ),
      'nothing',
    ),
    section(
      'interfaces',
      status.interfaces.map((each) => `${each.name} ${each.address} (netmask ${each.netmask})`),
      'none has an IPv4 address: give one to the interface that machines are on',
    ),
    section(
      'other DHCP and PXE servers heard',
      status.heardServers.map(describeHeardServer),
      'none yet',
    ),
    section(
      'boot images',
      status.bootImages.map(
        (each) =>
          `${each.ready ? 'ready  ' : 'MISSING'} ${each.name} (${each.architecture}): ${each.detail}`,
      ),
      'none: no machine can boot from here',
    ),
    describeNetboot(status.netboot),
  ].join('');
}

/** Another DHCP or PXE server in a sentence. */
export function describeHeardServer(heard: StatusView['heardServers'][number]): string {
  const effect = heard.pxe
    ? 'a PXE server: machines may boot from it instead'
    : 'a DHCP server: it gives the addresses';
  return `${heard.address} on ${heard.interfaceName}, ${effect} (${formatTime(heard.lastHeardMs)})`;
}
