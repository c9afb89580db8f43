import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { runCommand } from '../lab/child.ts';
import { BRIDGE, FOREIGN_INTERFACE, inNamespace, SERVER_ADDRESS } from '../lab/namespace.ts';
import { waitFor } from '../lab/wait.ts';
import { atLeast, type Benchmark, below, checked, type Figure, told } from './benchmark.ts';
import { median } from './medians.ts';
import { compile } from './wire/compile.ts';
import { openDhcpNetwork, type Pool, poolOfRun, WHOLE_POOL } from './wire/dhcp-network.ts';
import { DNSMASQ_FILE, startDnsmasq, startKea } from './wire/dhcp-peers.ts';
import { startOwnServer, writeBootImage } from './wire/own-server.ts';
import type { MeasuredServer } from './wire/peers.ts';
import { type DhcpLoad, type DhcpLoaded, loadByPerfdhcp } from './wire/perfdhcp.ts';

const ROUNDS = Number(process.env['METALWRIGHT_BENCH_ROUNDS'] ?? 5);
const SECONDS = 4;
const OFFERED = 32_000;
const EXCHANGES = [5000, 10_000] as const;
const CLIENTS = 10_000;
const CLIENT_SECONDS = 60;
/** The parts to run, with commas between. */
const ON = process.env['METALWRIGHT_BENCH_DHCP'] ?? 'offers,machines,addresses';
const OWN_FILE = 'shimx64.efi';
const OWN_URL = `http://${SERVER_ADDRESS}:7480/boot/snponly.efi`;

interface Peer {
  readonly server: MeasuredServer;
  /** Namespace of its clients. */
  readonly clients: string;
}

interface Side {
  readonly peer: Peer;
  /** What it is asked next. */
  readonly prepare: () => Promise<DhcpLoad['kind']>;
}

/** DHCP of a server as it runs, beside dnsmasq and Kea, each in a network of its own. */
export const dhcp: Benchmark = {
  name: 'dhcp',
  title: 'DHCP of `metalwright serve` beside dnsmasq (OFFERs) and Kea (addresses), by perfdhcp',
  run: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'metalwright-bench-dhcp-'));
    try {
      return await measure(directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function measure(directory: string): Promise<readonly Figure[]> {
  const bootImages = join(directory, 'files');
  await mkdir(bootImages);
  await writeBootImage(bootImages, {
    vmlinuz: Buffer.from('vmlinuz\n'),
    'snponly.efi': Buffer.from('iPXE, for HTTP Boot\n'),
  });
  await using ourNetwork = await openDhcpNetwork();
  await using dnsmasqNetwork = await openDhcpNetwork();
  await using keaNetwork = await openDhcpNetwork();
  const name = 'metalwright';
  const where = { namespace: ourNetwork.site, directory };
  await using own = await startOwnServer({ name, bootImages, unknown: 'ask', ...where });
  await using dnsmasq = await startDnsmasq({ namespace: dnsmasqNetwork.site, directory });
  await using kea = await startKea({ namespace: keaNetwork.site, directory });
  const ours: Peer = { server: own, clients: ourNetwork.foreign };
  const peers = {
    dnsmasq: { server: dnsmasq, clients: dnsmasqNetwork.foreign },
    kea: { server: kea, clients: keaNetwork.foreign },
  };
  const judge = await compile('dhcp-judge', directory);
  const program = await compile('pxe-clients', directory);
  const bad: string[] = [];
  let run = 0;
  const take = async (
    { server, clients }: Peer,
    load: Omit<DhcpLoad, 'run' | 'seconds'>,
    seconds = SECONDS,
  ): Promise<DhcpLoaded> => {
    run += 1;
    const client = { judge, namespace: clients };
    const loaded = await loadByPerfdhcp(client, server, { ...load, seconds, run });
    const { wrong, twice, lost } = loaded;
    if (wrong + twice + lost > 0)
      bad.push(`${server.name} at ${load.rate}: ${wrong} wrong, ${twice} twice, ${lost} not seen`);
    return loaded;
  };
  const figures: Figure[] = [];
  const compare = async (what: string, rate: number, sides: readonly Side[], limit: number) => {
    const medians: number[] = [];
    const runs = sides.map((): DhcpLoaded[] => []);
    for (let round = 0; round <= ROUNDS; round += 1)
      for (const [index, { peer, prepare }] of sides.entries()) {
        const kind = await prepare();
        const loaded = await take(peer, { rate, kind });
        if (round > 0) runs[index]?.push(loaded);
      }
    for (const [index, { peer }] of sides.entries()) {
      const of = (figure: keyof DhcpLoaded) =>
        median((runs[index] ?? []).map((one) => one[figure]));
      medians.push(of('perSecond'));
      const asked = `${Math.round(of('askedPerSecond'))} asked`;
      const unit = `a second (${asked}), ${of('cpuMicroseconds').toFixed(0)} CPU-us each`;
      figures.push(told(`${what}: ${peer.server.name}`, of('perSecond'), unit));
    }
    const [mine = 0, theirs = 0] = medians;
    figures.push(atLeast(`${what}: metalwright to the other`, mine / theirs, limit, 'times'));
  };

  /** Tries until it works: a server opens its sockets some seconds after its start. */
  const isReady = async (peer: Peer, kind: DhcpLoad['kind']): Promise<void> => {
    const before = bad.length;
    await answers(peer, async () => (await take(peer, { rate: 20, kind }, 1)).offers > 10);
    bad.length = before;
  };
  const ourOffer: Side = { peer: ours, prepare: async () => ({ offer: OWN_FILE }) };
  const theirOffer: Side = { peer: peers.dnsmasq, prepare: async () => ({ offer: DNSMASQ_FILE }) };
  for (const { peer, prepare } of [ourOffer, theirOffer]) await isReady(peer, await prepare());
  if (ON.includes('offers'))
    await compare(`OFFERs, ${OFFERED} offered a second`, OFFERED, [ourOffer, theirOffer], 1);
  if (ON.includes('machines')) figures.push(...(await startMachines(ours, program)));
  const data = join(directory, `${name}-data`);
  const ourLease: Side = {
    peer: ours,
    prepare: async () => {
      const pool = poolOfRun(run);
      await grantAddresses(where.namespace, { data, pool });
      await isReady(ours, { pool });
      return { pool };
    },
  };
  const theirLease: Side = { peer: peers.kea, prepare: async () => ({ pool: WHOLE_POOL }) };
  for (const rate of ON.includes('addresses') ? EXCHANGES : [])
    await compare(`addresses, ${rate} clients a second`, rate, [ourLease, theirLease], 0.8);
  figures.push(
    checked('every answer of every server', bad.length === 0, bad.join('; ') || 'right, and once'),
  );
  return figures;
}

const Machines = z.object({
  clients: z.int(),
  /** Those that are to be told what to boot. */
  wanted: z.int(),
  right: z.int(),
  wrong: z.int(),
  twice: z.int(),
  /** Answers to machines that are to hear nothing. */
  unwanted: z.int(),
  repeats: z.int(),
  longestMs: z.number(),
});

/** Ten thousand machines in a minute. */
async function startMachines({ clients, server }: Peer, program: string): Promise<Figure[]> {
  const numbers = [String(CLIENTS), String(CLIENT_SECONDS)];
  const out = await runCommand(
    inNamespace(clients, [
      program,
      FOREIGN_INTERFACE,
      SERVER_ADDRESS,
      ...numbers,
      OWN_FILE,
      OWN_URL,
    ]),
    { timeoutMs: 3 * CLIENT_SECONDS * 1000 },
  );
  const all = Machines.parse(JSON.parse(out));
  const what = `${CLIENTS} machines in ${CLIENT_SECONDS} s`;
  const name = server.name;
  return [
    checked(
      `${what}: told what to boot, right`,
      all.right === all.wanted && all.wrong === 0,
      `${all.right} of ${all.wanted}, ${all.wrong} wrong`,
    ),
    checked(`${what}: told twice`, all.twice === 0, `${all.twice}`),
    checked(`${what}: told what is not for them`, all.unwanted === 0, `${all.unwanted}`),
    below(`${what}: asked again`, all.repeats, 0, 'times'),
    told(`${what}: longest wait for ${name}`, all.longestMs, 'ms'),
  ];
}

/** Makes our server the DHCP server of its network. */
async function grantAddresses(
  namespace: string,
  { data, pool }: { readonly data: string; readonly pool: Pool },
): Promise<void> {
  const metalwright = join(import.meta.dirname, '../metalwright');
  const range = ['--first', pool.first, '--last', pool.last, '--data', data];
  await runCommand(
    inNamespace(namespace, [metalwright, 'dhcp', 'set', '--interface', BRIDGE, ...range]),
  );
}

async function answers({ server }: Peer, probe: () => Promise<boolean>): Promise<void> {
  await waitFor(
    `${server.name} answers`,
    async () => {
      if (!server.child.running()) throw new Error(`${server.name} ended:\n${server.child.tail()}`);
      return (await probe()) ? true : undefined;
    },
    { timeoutMs: 60_000, signal: AbortSignal.timeout(90_000), evidence: () => server.child.tail() },
  );
}
