import type { Command } from 'commander';
import { z } from 'zod';
import { BootDecisionView, StatusView } from '../http/api.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { describeNetboot } from './netboot.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

/** Of the latest network boots; the console and `device list` have more. */
const SHOWN_BOOTS = 5;

/** `metalwright status`. */
export function statusCommand(program: Command, terminal: Terminal): void {
  withServerOptions(
    program.command('status').description('how the server is').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const { status, decisions } = await withApi(terminal, options, async (api) => ({
      status: await api.call('GET', '/status', StatusView),
      decisions: await api.call('GET', '/boot-decisions', z.array(BootDecisionView)),
    }));
    terminal.out(
      wantsJson(options)
        ? `${JSON.stringify(status, null, 2)}\n`
        : formatStatus(status, decisions.slice(0, SHOWN_BOOTS)),
    );
  });
}

/** The server's state for people. */
function formatStatus(status: StatusView, decisions: readonly BootDecisionView[]): string {
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
    section('latest network boots', decisions.map(describeDecision), 'none was heard yet'),
    describeNetboot(status.netboot),
  ].join('');
}

/** `2026-11-22 08:30:05 52:54:00:77:00:01 answered: Bench PE, windows-pe, signed by 2023`; a silence with its reason. */
function describeDecision({ atMs, mac, outcome, reason, boot }: BootDecisionView): string {
  const what =
    boot === null
      ? reason
      : [
          boot.image,
          boot.chain,
          ...(boot.signer === null ? [] : [`signed by ${boot.signer}`]),
        ].join(', ');
  return `${formatTime(atMs)} ${mac} ${outcome}: ${what}`;
}

/** Another DHCP or PXE server in a sentence. */
export function describeHeardServer(heard: StatusView['heardServers'][number]): string {
  const { address, mac, interfaceName, pxe, offered, lastHeardMs } = heard;
  const effect = pxe
    ? 'a PXE server: machines may boot from it instead'
    : 'a DHCP server: it gives the addresses';
  const said =
    offered === null
      ? []
      : [
          ...(offered.address === null ? [] : [`address ${offered.address}`]),
          ...(offered.router === null ? [] : [`router ${offered.router}`]),
          ...(offered.file === '' ? [] : [`boot file ${offered.file}`]),
          ...(offered.nextServer === '' ? [] : [`next server ${offered.nextServer}`]),
        ];
  const what = said.length === 0 ? '' : `; it offered ${said.join(', ')}`;
  const who = mac === null ? address : `${address} (${mac})`;
  return `${who} on ${interfaceName}, ${effect}${what} (${formatTime(lastHeardMs)})`;
}
