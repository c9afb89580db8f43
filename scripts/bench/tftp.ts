import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNetwork } from '../lab/namespace.ts';
import { waitFor } from '../lab/wait.ts';
import { atLeast, type Benchmark, below, checked, type Figure, told } from './benchmark.ts';
import { median } from './medians.ts';
import { compile } from './wire/compile.ts';
import { startOwnServer, writeBootImage } from './wire/own-server.ts';
import { atftpd, type MeasuredServer, startMeasured, tftpdHpa } from './wire/peers.ts';
import { type Fetch, type Fetched, fetchByTftp } from './wire/tftp-clients.ts';

const ROUNDS = Number(process.env['METALWRIGHT_BENCH_ROUNDS'] ?? 5);
const LARGE = 'vmlinuz';
const SMALL = 'loader.img';
/** In lock-step each loss costs a second. */
const TINY = 'rest.squashfs';
const ATFTPD_PORT = 1069;
const HPA_PORT = 2069;
/** Ports of our server without `node:ffi` lie so much higher. */
const PLAIN_OFFSET = 10_000;

type Server = MeasuredServer & { readonly port: number };

/** TFTP of a server as it runs, beside atftpd and tftpd-hpa on the same files. */
export const tftp: Benchmark = {
  name: 'tftp',
  title: 'TFTP of `metalwright serve` beside atftpd and tftpd-hpa, over a veth pair',
  run: async () => {
    await using network = await openNetwork();
    const directory = await mkdtemp(join(tmpdir(), 'metalwright-bench-tftp-'));
    try {
      return await measure(network, directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

async function measure(
  { site: namespace, foreign }: { readonly site: string; readonly foreign: string },
  directory: string,
): Promise<readonly Figure[]> {
  const files = join(directory, 'files');
  await mkdir(files);
  await writeBootImage(files, {
    [LARGE]: randomBytes(64_000_000),
    [SMALL]: randomBytes(1_000_000),
    [TINY]: randomBytes(200_000),
  });
  const where = { namespace, directory };
  const own = { ...where, bootImages: files };
  await using ours = await startOwnServer({ name: 'metalwright', ...own });
  await using plain = await startOwnServer({
    name: 'metalwright without FFI',
    portOffset: PLAIN_OFFSET,
    environment: { NODE_OPTIONS: '--no-experimental-ffi' },
    ...own,
  });
  await using first = await startMeasured('atftpd', atftpd(files, ATFTPD_PORT), where);
  await using second = await startMeasured('tftpd-hpa', tftpdHpa(files, HPA_PORT), where);
  const servers = {
    ours: { ...ours, port: 69 },
    plain: { ...plain, port: 69 + PLAIN_OFFSET },
    atftpd: { ...first, port: ATFTPD_PORT },
    hpa: { ...second, port: HPA_PORT },
  };
  const client = { program: await compile('tftp-load', directory), namespace: foreign };
  const large = (blockSize: number, windowSize: number): Fetch => ({
    name: LARGE,
    path: join(files, LARGE),
    blockSize,
    windowSize,
  });
  const small: Fetch = { ...large(1428, 1), name: SMALL, path: join(files, SMALL) };
  for (const server of Object.values(servers)) await isReady(client, server, small);

  const bad: string[] = [];
  const take = async (server: Server, fetch: Fetch): Promise<Fetched> => {
    const fetched = await fetchByTftp(client, server, fetch);
    const { wrong, failed } = fetched;
    if (wrong + failed > 0)
      bad.push(`${server.name} ${fetch.blockSize}x${fetch.windowSize}: ${wrong}/${failed}`);
    return fetched;
  };
  const beside = async (fetch: Fetch, compared: readonly Server[]) => {
    const runs = new Map<Server, Fetched[]>(compared.map((server) => [server, []]));
    for (let round = 0; round <= ROUNDS; round += 1)
      for (const server of compared) {
        const fetched = await take(server, fetch);
        if (round > 0) runs.get(server)?.push(fetched);
      }
    return (server: Server) => {
      const all = runs.get(server) ?? [];
      return {
        speed: median(all.map(({ mbPerSecond }) => mbPerSecond)),
        cpu: median(all.map(({ cpuPerGb }) => cpuPerGb)),
      };
    };
  };
  const figures: Figure[] = [];
  const compare = async (
    what: string,
    fetch: Fetch,
    limits: readonly {
      readonly server: Server;
      readonly peer: Server;
      readonly speed: number;
      readonly cpu?: number;
    }[],
  ) => {
    const all = [
      ...new Set(limits.flatMap(({ peer }) => peer)),
      ...limits.map((one) => one.server),
    ];
    const result = await beside(fetch, all);
    for (const server of all) {
      const { speed, cpu } = result(server);
      figures.push(told(`${what}: ${server.name}`, speed, `MB/s, ${cpu.toFixed(2)} CPU-s/GB`));
    }
    for (const { server, peer, speed, cpu } of limits) {
      const pair = `${what}: ${server.name} to ${peer.name}`;
      const [mine, theirs] = [result(server), result(peer)];
      figures.push(atLeast(`${pair}, MB/s`, mine.speed / theirs.speed, speed, 'times'));
      if (cpu !== undefined)
        figures.push(below(`${pair}, CPU per GB`, mine.cpu / theirs.cpu, cpu, 'times'));
    }
  };
  const { ours: gso, plain: noFfi, atftpd: windowed, hpa } = servers;
  await compare('1428x1', large(1428, 1), [{ server: gso, peer: hpa, speed: 0.85 }]);
  for (const windowSize of [16, 64])
    await compare(`1428x${windowSize}`, large(1428, windowSize), [
      { server: gso, peer: windowed, speed: 3, cpu: 0.5 },
      { server: noFfi, peer: windowed, speed: 1 },
    ]);
  const fifty = { ...small, clients: 50, transfers: 3 };
  await compare('50 clients in lock-step, 1 MB each', fifty, [
    { server: gso, peer: hpa, speed: 1.25 },
  ]);
  await memoryAndLoss();
  figures.push(
    checked(
      'every byte, every transfer',
      bad.length === 0,
      bad.join('; ') || 'all as the file has',
    ),
  );
  return figures;

  async function memoryAndLoss() {
    const before = await memoryMb(gso.child.pid, 'VmRSS');
    const many = await take(gso, { ...small, clients: 1000, transfers: 2 });
    const peak = await memoryMb(gso.child.pid, 'VmHWM');
    figures.push(
      checked('1,000 transfers at once, finished', many.finished === 2000, `${many.finished}`),
      // A packet that the burst loses costs its client a second.
      below('1,000 transfers at once, longest silence', many.longestGapMs, 2000, 'ms'),
      told('1,000 transfers at once', many.mbPerSecond, 'MB/s'),
      below('memory that they add to the server', Math.max(0, peak - before), 300, 'MB'),
      told('peak memory of the server, store and console included', peak, 'MB'),
    );
    for (const windowSize of [1, 16, 64]) {
      const file = windowSize === 1 ? { name: TINY, path: join(files, TINY) } : {};
      const loss = { clients: 20, lossPermille: 20, timeoutMs: 300 };
      const fetch = { ...small, ...file, ...loss, windowSize };
      const lossy = await take(gso, fetch);
      figures.push(
        checked(
          `2 % lost, 2 % swapped, 1428x${windowSize}`,
          lossy.finished === 20 && lossy.wrong === 0,
          `${lossy.finished} of 20 whole`,
        ),
        told(
          `2 % lost, 2 % swapped, 1428x${windowSize}, slowest of 20`,
          lossy.longestTransferMs / 1000,
          's',
        ),
      );
    }
  }
}

/** Fetches until it works: a server opens its sockets some seconds after its start. */
async function isReady(
  client: { readonly program: string; readonly namespace: string },
  server: Server,
  fetch: Fetch,
): Promise<void> {
  await waitFor(
    `${server.name} answers`,
    async () => {
      if (!server.child.running()) throw new Error(`${server.name} ended:\n${server.child.tail()}`);
      const { finished } = await fetchByTftp(client, server, { ...fetch, timeoutMs: 50 });
      return finished > 0 ? true : undefined;
    },
    { timeoutMs: 60_000, signal: AbortSignal.timeout(60_000), evidence: () => server.child.tail() },
  );
}

/** Memory of a process: `VmRSS` now, `VmHWM` the most it had at once (proc(5)). */
async function memoryMb(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024) / 1e6;
}
