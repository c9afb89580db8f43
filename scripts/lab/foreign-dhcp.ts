import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import { FOREIGN_ADDRESS, FOREIGN_INTERFACE, inNamespace } from './namespace.ts';

/** Configuration of the site's own DHCP server: addresses and a router, no word of PXE. */
function foreignDhcpConfig(directory: string): string {
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
    'log-dhcp',
    'log-facility=-',
    '',
  ].join('\n');
}

/** Starts dnsmasq as the site's DHCP server, on a host of its own on the bench's network. */
export async function startForeignDhcp(foreign: string, directory: string): Promise<Child> {
  const file = join(directory, 'dnsmasq.conf');
  await writeFile(file, foreignDhcpConfig(directory));
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
