import { runCommand } from '../../lab/child.ts';
import {
  BRIDGE,
  FOREIGN_ADDRESS,
  FOREIGN_INTERFACE,
  type LabNetwork,
  openNetwork,
  SERVER_ADDRESS,
} from '../../lab/namespace.ts';

/** Addresses that a DHCP server grants. */
export interface Pool {
  readonly first: string;
  readonly last: string;
}
/** Enough that no run meets what another one was given. */
export const WHOLE_POOL: Pool = { first: '10.64.0.1', last: '10.127.255.254' };

/** One of the largest pools that our server has, another one for each run. */
export function poolOfRun(run: number): Pool {
  const second = 64 + (run % 64);
  return { first: `10.${second}.0.1`, last: `10.${second}.255.254` };
}

/** Addresses of machines that are reached through the other namespace. */
const MACHINES = '10.128.0.0/9';

/** A network for one server, large enough for every client of a run; clients are in the other namespace. */
export async function openDhcpNetwork(): Promise<LabNetwork> {
  const network = await openNetwork();
  for (const [namespace, address, device] of [
    [network.site, SERVER_ADDRESS, BRIDGE],
    [network.foreign, FOREIGN_ADDRESS, FOREIGN_INTERFACE],
  ] as const) {
    const ip = ['ip', '-n', namespace, 'addr'] as const;
    await runCommand([...ip, 'del', `${address}/24`, 'dev', device]);
    await runCommand([...ip, 'add', `${address}/8`, 'dev', device]);
  }
  const route = ['route', 'add', MACHINES, 'via', FOREIGN_ADDRESS];
  await runCommand(['ip', '-n', network.site, ...route]);
  return network;
}
