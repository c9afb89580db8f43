import { readFile } from 'node:fs/promises';
import type { NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import type { Finding } from './finding.ts';

/** What `os.networkInterfaces()` answers. */
export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Looks at each interface that could be answered on: has it an IPv4 address, is its cable in. */
export async function checkInterfaces(
  interfaces: Interfaces,
  sysClassNet = '/sys/class/net',
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, addresses] of Object.entries(interfaces)) {
    const ipv4 = (addresses ?? []).filter((each) => each.family === 'IPv4' && !each.internal);
    if (ipv4.length === 0) continue;
    const shown = ipv4.map((each) => each.cidr ?? each.address).join(', ');
    // Reading carrier of an interface that is down fails with EINVAL.
    const carrier = (
      await readFile(join(sysClassNet, name, 'carrier'), 'utf8').catch(() => '0')
    ).trim();
    findings.push(
      carrier === '1'
        ? { level: 'ok', code: 'doctor.interface', message: `${name} has ${shown} and a link` }
        : {
            level: 'warning',
            code: 'doctor.interface',
            message: `${name} has ${shown} but no link`,
            hint: 'plug in its cable, or bring it up: ip link set dev <name> up',
          },
    );
  }
  if (findings.length > 0) return findings;
  return [
    {
      level: 'problem',
      code: 'doctor.interface',
      message: 'no interface but loopback has an IPv4 address, so no machine can boot from here',
      hint: 'give the interface that the machines are on an address: ip address add 10.0.0.1/24 dev <name>',
    },
  ];
}
