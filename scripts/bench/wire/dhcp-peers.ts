import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BRIDGE, SERVER_ADDRESS } from '../../lab/namespace.ts';
import { WHOLE_POOL } from './dhcp-network.ts';
import { type MeasuredServer, startMeasured } from './peers.ts';

/** Where a peer runs and keeps its files. */
interface Where {
  readonly namespace: string;
  readonly directory: string;
}

/** What dnsmasq names as boot file in an OFFER: none, it names one on port 4011 alone. */
export const DNSMASQ_FILE = '';

/** dnsmasq as proxyDHCP server, with its log of each answer in a file. */
export async function startDnsmasq({ namespace, directory }: Where): Promise<MeasuredServer> {
  const file = join(directory, 'dnsmasq.conf');
  const settings = [
    'port=0', // no DNS
    `interface=${BRIDGE}`,
    'bind-dynamic',
    `dhcp-range=${SERVER_ADDRESS},proxy,255.0.0.0`,
    'pxe-service=X86-64_EFI,"Boot",shimx64.efi',
    'leasefile-ro',
    `log-facility=${join(directory, 'dnsmasq-answers.log')}`,
    '',
  ];
  await writeFile(file, settings.join('\n'));
  const argv = ['dnsmasq', '--keep-in-foreground', '--user=root', `--conf-file=${file}`] as const;
  return await startMeasured('dnsmasq', [...argv, '--pid-file'], { namespace, directory });
}

/** Kea as Debian sets it up, its leases in a file that is written before each ACK. */
export async function startKea({ namespace, directory }: Where): Promise<MeasuredServer> {
  const folder = join(directory, 'kea');
  await mkdir(folder);
  const file = join(folder, 'kea.json');
  const settings = {
    'interfaces-config': { interfaces: [BRIDGE] },
    'lease-database': { type: 'memfile', persist: true, name: join(folder, 'leases.csv') },
    'valid-lifetime': 3600,
    subnet4: [
      { subnet: '10.0.0.0/8', pools: [{ pool: `${WHOLE_POOL.first}-${WHOLE_POOL.last}` }] },
    ],
  };
  await writeFile(file, JSON.stringify({ Dhcp4: settings }));
  return await startMeasured('kea', ['kea-dhcp4', '-c', file], {
    namespace,
    directory,
    environment: {
      KEA_LOCKFILE_DIR: folder,
      KEA_PIDFILE_DIR: folder,
      KEA_LOGGER_DESTINATION: 'stdout',
    },
  });
}
