import type { StatusView } from '../http/api.ts';
import { DEFAULT_DATA_DIRECTORY } from './client-command.ts';
import { describeHeardServer } from './status.ts';

/** What the banner shows beside the server's state. */
export interface BannerFacts {
  readonly consolePort: string;
  readonly linkToken: string;
  readonly dataDirectory: string;
  /** How this clone's command is called: `/opt/metalwright/scripts/metalwright`. */
  readonly command: string;
}

/** What `serve` prints when it is up: where it is, how to sign in, what it hears, what is missing. */
export function formatBanner(status: StatusView, facts: BannerFacts): string {
  const addresses = status.interfaces.map(({ address }) => address);
  const urls = (addresses.length === 0 ? ['localhost'] : addresses).map(
    (address) => `https://${address}:${facts.consolePort}/`,
  );
  const lines = [
    `Metalwright ${status.version} is running. Data: ${facts.dataDirectory}`,
    '',
    `console  ${urls.join('  ')}`,
    `sign in  ${urls[0]}#link=${facts.linkToken}`,
    '         once, within a day; the browser does not know the site certificate and asks first',
    '',
    ...rows(
      'listens',
      status.listeners.map(({ purpose, address, ok, detail }) =>
        ok ? `${purpose}: ${address}` : `${purpose}: FAILED, ${detail}`,
      ),
      'nowhere',
    ),
    ...rows(
      'network',
      status.interfaces.map(
        ({ name, address, netmask }) => `${name}: ${address}, netmask ${netmask}`,
      ),
      'no interface has an IPv4 address: give one to the interface that the machines are on',
    ),
    ...rows(
      'heard',
      status.heardServers.map(describeHeardServer),
      'no other DHCP or PXE server yet; those heard later are printed below',
    ),
    ...rows(
      'boot',
      status.bootImages.map(({ name, architecture, ready, detail }) =>
        ready
          ? `${name} (${architecture}) is ready`
          : `${name} (${architecture}) is MISSING: ${detail}`,
      ),
      'no boot image',
    ),
    '',
    ...answering(status, facts),
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function rows(title: string, lines: readonly string[], none: string): string[] {
  const shown = lines.length === 0 ? [none] : lines;
  return shown.map((line, index) => `${(index === 0 ? title : '').padEnd(9)}${line}`);
}

function answering({ netboot, interfaces }: StatusView, facts: BannerFacts): string[] {
  if (netboot.answerOn.length > 0) {
    return [
      `Network boots are answered on ${netboot.answerOn.join(', ')}; unknown machines: ${netboot.unknownMachines}.`,
    ];
  }
  const data =
    facts.dataDirectory === DEFAULT_DATA_DIRECTORY ? '' : ` --data ${facts.dataDirectory}`;
  const server =
    facts.consolePort === '7400' ? '' : ` --server https://localhost:${facts.consolePort}`;
  const names = interfaces.map(({ name }) => name);
  return [
    'It answers no machine until you say on which interface:',
    ...(names.length === 0 ? ['<interface>'] : names).map(
      (name) => `  ${facts.command} netboot set --answer-on ${name}${data}${server}`,
    ),
  ];
}
