import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { objectPath } from '#agent/protocol/content.ts';
import { Sha256 } from '#agent/protocol/identity.ts';
import { CommandError, runCommand } from '../lab/child.ts';
import { inNamespace, openNetwork, SERVER_ADDRESS } from '../lab/namespace.ts';
import { waitFor } from '../lab/wait.ts';
import { atLeast, type Benchmark, below, checked, type Figure, told } from './benchmark.ts';
import { median } from './medians.ts';
import { makeCertificate } from './wire/certificate.ts';
import { compile } from './wire/compile.ts';
import { nginx } from './wire/nginx.ts';
import { startOwnServer, writeBootImage } from './wire/own-server.ts';
import { type MeasuredServer, startMeasured } from './wire/peers.ts';

const ROUNDS = Number(process.env['METALWRIGHT_BENCH_ROUNDS'] ?? 3);
const FILE_BYTES = Number(process.env['METALWRIGHT_BENCH_BYTES'] ?? 2_000_000_000);
const RANGE_BYTES = 1_000_000;
const PEER_PORT = 8480;
const PEER_TLS_PORT = 8443;

/** HTTP content of a server as it runs, beside nginx on the same file. */
export const http: Benchmark = {
  name: 'http',
  title: 'content of `metalwright serve` beside nginx with sendfile, 2 GB, over a veth pair',
  run: async () => {
    await using network = await openNetwork();
    const directory = await mkdtemp(join(tmpdir(), 'metalwright-bench-http-'));
    try {
      return await measure(network, directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

type Server = MeasuredServer & { readonly port: number; readonly tlsPort: number };
const Result = z.object({
  seconds: z.number(),
  bytes: z.number(),
  wrong: z.int(),
  failed: z.int(),
});
interface Taken {
  readonly mbPerSecond: number;
  readonly cpuPerGb: number;
}

async function measure(
  { site: namespace, foreign }: { readonly site: string; readonly foreign: string },
  directory: string,
): Promise<readonly Figure[]> {
  const images = join(directory, 'images');
  await mkdir(images);
  await writeBootImage(images, { vmlinuz: Buffer.from('kernel\n') });
  const data = join(directory, 'metalwright-data');
  const content = join(data, 'content');
  const { path: urlPath, file } = await writeObject(content);
  const where = { namespace, directory };
  await using own = await startOwnServer({ name: 'metalwright', ...where, bootImages: images });
  const files = await makeCertificate(directory);
  const ports = { port: PEER_PORT, tlsPort: PEER_TLS_PORT };
  const argv = await nginx({
    ...ports,
    directory: join(directory, 'nginx'),
    content,
    ...files,
  });
  await using peer = await startMeasured('nginx', argv, where);
  const servers: readonly Server[] = [
    { ...own, port: 7480, tlsPort: 7443 },
    { ...peer, ...ports },
  ];
  const program = await compile('http-load', directory);
  const bad: string[] = [];

  const timed = async (server: Server, run: () => Promise<number>, bytes: number) => {
    const before = await server.meter.seconds();
    const seconds = await run();
    const cpu = (await server.meter.seconds()) - before;
    return { mbPerSecond: bytes / 1e6 / seconds, cpuPerGb: cpu / (bytes / 1e9) };
  };
  const plain = (clients: number, rangeBytes: number) => async (server: Server) =>
    await timed(
      server,
      async () => {
        const numbers = [clients, rangeBytes, FILE_BYTES].map(String);
        const argv = [program, SERVER_ADDRESS, String(server.port), urlPath, file] as const;
        const out = await runCommand(inNamespace(foreign, [...argv, ...numbers]));
        const { seconds, bytes, wrong, failed } = Result.parse(JSON.parse(out));
        if (wrong + failed > 0 || bytes !== FILE_BYTES)
          bad.push(`${server.name}: ${wrong} wrong, ${failed} failed, ${bytes} bytes`);
        return seconds;
      },
      FILE_BYTES,
    );
  /** curl knows TLS, cmp the bytes; both have a core to themselves only when the server needs none. */
  const overTls = async (server: Server) =>
    await timed(
      server,
      async () => {
        const url = `https://${SERVER_ADDRESS}:${server.tlsPort}${urlPath}`;
        const begun = performance.now();
        const script = 'set -o pipefail; curl -sSfk "$0" | cmp - "$1"';
        try {
          await runCommand(inNamespace(foreign, ['bash', '-c', script, url, file]));
        } catch (error) {
          if (!(error instanceof CommandError)) throw error;
          bad.push(`${server.name} over TLS: ${error.message}`);
        }
        return (performance.now() - begun) / 1000;
      },
      FILE_BYTES,
    );
  for (const server of servers)
    await answers(
      server,
      inNamespace(foreign, [
        'curl',
        '-sfr0-9',
        '-o/dev/null',
        `http://${SERVER_ADDRESS}:${server.port}${urlPath}`,
      ]),
    );

  const figures: Figure[] = [];
  const compare = async (
    what: string,
    take: (server: Server) => Promise<Taken>,
    limit: { readonly cpu: number } | undefined,
  ) => {
    const all = new Map<string, Taken[]>();
    for (let round = 0; round <= ROUNDS; round += 1)
      for (const server of servers) {
        const taken = await take(server);
        if (round > 0) all.set(server.name, [...(all.get(server.name) ?? []), taken]);
      }
    const of = (name: string) => {
      const runs = all.get(name) ?? [];
      const speed = median(runs.map(({ mbPerSecond }) => mbPerSecond));
      const cpu = median(runs.map(({ cpuPerGb }) => cpuPerGb));
      figures.push(told(`${what}: ${name}`, speed, `MB/s, ${cpu.toFixed(2)} CPU-s/GB`));
      return { speed, cpu };
    };
    const [mine, theirs] = [of('metalwright'), of('nginx')];
    const speed = mine.speed / theirs.speed;
    const cpu = mine.cpu / theirs.cpu;
    if (limit === undefined) {
      figures.push(told(`${what}: MB/s`, speed, 'times'), told(`${what}: CPU`, cpu, 'times'));
      return;
    }
    figures.push(
      atLeast(`${what}: MB/s`, speed, 1, 'times'),
      below(`${what}: CPU per GB`, cpu, limit.cpu, 'times'),
    );
  };
  await compare('one client', plain(1, 0), { cpu: 2.5 });
  await compare('32 clients, ranges of 1 MB', plain(32, RANGE_BYTES), { cpu: 2 });
  await compare('one client over TLS', overTls, undefined);
  const right = bad.length === 0;
  return [...figures, checked('every byte', right, bad.join('; ') || 'all as the file has')];
}

/** Asks until it answers: a server opens its sockets some seconds after its start. */
async function answers(
  { name, child }: Server,
  ask: readonly [string, ...string[]],
): Promise<void> {
  await waitFor(
    `${name} answers`,
    async () => {
      if (!child.running()) throw new Error(`${name} ended:\n${child.tail()}`);
      return await runCommand(ask).then(
        () => true,
        () => undefined,
      );
    },
    { timeoutMs: 60_000, signal: AbortSignal.timeout(60_000), evidence: () => child.tail() },
  );
}

/** An object of 2 GB, where the distribution point has it. */
async function writeObject(content: string): Promise<{ path: string; file: string }> {
  const block = randomBytes(64_000_000);
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [];
  for (let left = FILE_BYTES; left > 0; left -= block.length) {
    // Each block begins elsewhere, so that one in the place of another is noticed.
    const from = parts.length * 1_000_003;
    const turned = Buffer.concat([block.subarray(from), block.subarray(0, from)]);
    parts.push(turned.subarray(0, Math.min(left, turned.length)));
  }
  for (const part of parts) hash.update(part);
  const sha256 = hash.digest('hex');
  const folder = join(content, sha256.slice(0, 2));
  await mkdir(folder, { recursive: true });
  const file = join(folder, sha256);
  await using written = await open(file, 'w');
  for (const part of parts) await written.writeFile(part);
  return { path: objectPath(Sha256.parse(sha256)), file };
}
