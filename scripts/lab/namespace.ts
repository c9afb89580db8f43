import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { runCommand } from './child.ts';

/**
 * The network of one scenario: a bridge that is the bench's switch, in a network namespace with a
 * random name, and a second namespace for the site's DHCP server, joined by a veth pair. Two, because
 * two DHCP servers cannot both own port 67 of one host, and the site's server is another host. Nothing
 * in it reaches the host's own network, so every scenario has the same addresses.
 */
export interface LabNetwork extends AsyncDisposable {
  /** Namespace of our server, the machines and the capture. */
  readonly site: string;
  /** Namespace of the foreign DHCP server. */
  readonly foreign: string;
}

/** Name of the bridge in the site's namespace. */
export const BRIDGE = 'br0';
/** Our server, on the bridge. */
export const SERVER_ADDRESS = '10.77.0.1';
/** The site's DHCP server. */
export const FOREIGN_ADDRESS = '10.77.0.2';
/** Its interface, in its own namespace. */
export const FOREIGN_INTERFACE = 'eth0';

const PREFIX = 'mwlab';

/** Makes both namespaces. Disposing kills by pid whatever still runs in them, then deletes them. */
export async function openNetwork(): Promise<LabNetwork> {
  const id = randomBytes(4).toString('hex');
  const site = `${PREFIX}-${process.pid}-${id}`;
  const foreign = `${site}-dhcp`;
  const network: LabNetwork = {
    site,
    foreign,
    async [Symbol.asyncDispose]() {
      await deleteNamespace(site);
      await deleteNamespace(foreign);
    },
  };
  try {
    await runCommand(['ip', 'netns', 'add', site]);
    await runCommand(['ip', 'netns', 'add', foreign]);
    await inSite(site, 'link set lo up');
    await inSite(site, `link add ${BRIDGE} type bridge`);
    await inSite(site, `addr add ${SERVER_ADDRESS}/24 dev ${BRIDGE}`);
    await inSite(site, `link set ${BRIDGE} up`);
    await inSite(site, `link add dhcp0 type veth peer name ${FOREIGN_INTERFACE} netns ${foreign}`);
    await inSite(site, `link set dhcp0 master ${BRIDGE} up`);
    await inSite(foreign, 'link set lo up');
    await inSite(foreign, `addr add ${FOREIGN_ADDRESS}/24 dev ${FOREIGN_INTERFACE}`);
    await inSite(foreign, `link set ${FOREIGN_INTERFACE} up`);
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
  return network;
}

/** Adds a port to a bridge of the namespace this process is in. */
export async function addTap(name: string, bridge = BRIDGE): Promise<void> {
  await runCommand(['ip', 'tuntap', 'add', 'dev', name, 'mode', 'tap']);
  await runCommand(['ip', 'link', 'set', name, 'master', bridge, 'up']);
}

/** Command line that runs `argv` in a namespace; `ip` becomes the program, so its pid is the program's. */
export function inNamespace(
  namespace: string,
  argv: readonly [string, ...string[]],
): [string, ...string[]] {
  return ['ip', 'netns', 'exec', namespace, ...argv];
}

/**
 * Deletes namespaces of lab processes that no longer run (killed before they could clean up). Says also
 * whether another lab runs on this host.
 */
export async function deleteStaleNamespaces(): Promise<{
  readonly deleted: readonly string[];
  readonly othersRun: boolean;
}> {
  const list = await runCommand(['ip', 'netns', 'list']);
  const ours = list.split('\n').flatMap((line) => {
    const [, name, pid] = new RegExp(`^((?:${PREFIX})-(\\d+)-\\S+)`).exec(line) ?? [];
    return name === undefined ? [] : { name, runs: existsSync(`/proc/${pid}`) };
  });
  const deleted = ours.filter(({ runs }) => !runs).map(({ name }) => name);
  for (const name of deleted) await deleteNamespace(name);
  return { deleted, othersRun: ours.some(({ runs }) => runs) };
}

async function deleteNamespace(name: string): Promise<void> {
  if (!existsSync(`/run/netns/${name}`)) return;
  const pids = await runCommand(['ip', 'netns', 'pids', name]);
  for (const pid of pids.split('\n').filter((line) => /^\d+$/.test(line))) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it ended by itself between the list and the signal
    }
  }
  await runCommand(['ip', 'netns', 'del', name]);
}

async function inSite(namespace: string, command: string): Promise<void> {
  await runCommand(['ip', '-n', namespace, ...command.split(' ')]);
}
