import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { FOREIGN_ADDRESS, FOREIGN_INTERFACE, inNamespace } from './namespace.ts';

/** What the site's own DHCP server says of a network boot: whose file (`siaddr`, option 66), and which (option 67). */
export interface NamedBootFile {
  readonly server: string;
  readonly file: string;
}

/** Configuration of the site's own DHCP server: addresses and a router, and no word of PXE but what it is to name. */
function foreignDhcpConfig(directory: string, boot: NamedBootFile | undefined): string {
  return [
    'port=0', // no DNS
    `interface=${FOREIGN_INTERFACE}`,
    'bind-interfaces',
    'except-interface=lo',
    'dhcp-range=10.77.0.100,10.77.0.199,255.255.255.0,1h',
    `dhcp-option=option:router,${FOREIGN_ADDRESS}`,
    `dhcp-option=option:dns-server,${FOREIGN_ADDRESS}`,
    'dhcp-authoritative',
    'no-ping',
    `dhcp-leasefile=${join(directory, 'dnsmasq.leases')}`,
    ...(boot === undefined ? [] : [`dhcp-boot=${boot.file},,${boot.server}`]),
    'log-dhcp',
    'log-facility=-',
    '',
  ].join('\n');
}

/** Starts dnsmasq as the site's DHCP server, on a host of its own on the bench's network. */
export async function startForeignDhcp(
  foreign: string,
  directory: string,
  boot?: NamedBootFile,
): Promise<Child> {
  const file = join(directory, 'dnsmasq.conf');
  await writeFile(file, foreignDhcpConfig(directory, boot));
  return startChild(
    inNamespace(foreign, [
      'dnsmasq',
      '--keep-in-foreground',
      '--user=root',
      `--conf-file=${file}`,
      '--pid-file',
    ]),
    { logFile: join(directory, 'dnsmasq.log') },
  );
}
