import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageFiles } from '../../netboot/boot-files.ts';

/** What is done to the server of a test. */
export interface FaultSiteOptions {
  /** URL of a PostgreSQL database; undefined: an SQLite file. */
  readonly databaseUrl?: string;
  /** Bytes of the file system that the data directory is on, in a mount namespace of its own (root alone). */
  readonly diskBytes?: number;
  /** Network namespace of the server, whose interface `eth0` it may answer network boots on; with a boot image. */
  readonly namespace?: string;
}

/** A server in a process of its own, whose addresses stay when it is killed and started again. */
export interface FaultSite extends AsyncDisposable {
  /** `https://127.0.0.1:<port>` of the listeners. */
  readonly addresses: { readonly agents: string; readonly console: string };
  readonly dataDirectory: string;
  /** What the server wrote on standard error, all its lives together. */
  readonly errors: () => string;
  /** Whether it has ended by itself. */
  readonly hasEnded: () => boolean;
  /** The data directory as this process reaches it, in whatever namespace it is. */
  reach(): string;
  siteCa(): Promise<string>;
  adminToken(): Promise<string>;
  start(): Promise<void>;
  /** SIGKILL: nothing is closed, nothing is written. */
  kill(): Promise<void>;
  /** Closes the server as a stop does. */
  stop(): Promise<void>;
}

const child = join(import.meta.dirname, 'server-child.ts');

/** Opens it, and starts the server. */
export async function openFaultSite(options: FaultSiteOptions = {}): Promise<FaultSite> {
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-fault-'));
  const disk = join(directory, 'disk');
  const sockets = join(directory, 'sockets');
  const dataDirectory = join(disk, 'data');
  await mkdir(disk);
  await mkdir(sockets);
  const fronts = await Promise.all(
    ['agents', 'console'].map((name) => openFront(join(sockets, name))),
  );
  const [agents = '', console = ''] = fronts.map(({ url }) => url);
  let server: ChildProcess | undefined;
  let written = '';
  const isRunning = () =>
    server !== undefined && server.exitCode === null && server.signalCode === null;

  async function launch(): Promise<void> {
    const { databaseUrl = null, namespace } = options;
    const bootImages = namespace === undefined ? null : await makeBootImage(directory);
    const settings = { dataDirectory, databaseUrl, sockets, bootImages };
    const node = [process.execPath, '--no-warnings', child, JSON.stringify(settings)];
    const there =
      namespace === undefined ? node : ['/usr/sbin/ip', 'netns', 'exec', namespace, ...node];
    const [program = '', ...argv] =
      options.diskBytes === undefined ? there : onOwnDisk(disk, options.diskBytes, there);
    const made = spawn(program, argv, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    server = made;
    made.stderr?.on('data', (part: Buffer) => {
      written += part.toString();
    });
    const ended = once(made, 'exit').then(() => 'ended');
    const said = await Promise.race([once(made, 'message').then(() => 'ready'), ended]);
    if (said !== 'ready') throw new Error(`the server does not start: ${written.slice(-2000)}`);
  }
  async function end(how: (running: ChildProcess) => void): Promise<void> {
    if (server === undefined || !isRunning()) return;
    const gone = once(server, 'exit');
    how(server);
    await gone;
  }
  const site: FaultSite = {
    addresses: { agents, console },
    dataDirectory,
    errors: () => written,
    hasEnded: () => !isRunning(),
    reach: () =>
      options.diskBytes === undefined ? dataDirectory : `/proc/${server?.pid}/root${dataDirectory}`,
    siteCa: () => readFile(join(site.reach(), 'site-ca.pem'), 'utf8'),
    adminToken: async () => (await readFile(join(site.reach(), 'admin-token'), 'utf8')).trim(),
    start: launch,
    kill: () => end((running) => running.kill('SIGKILL')),
    stop: () => end((running) => running.send('close')),
    async [Symbol.asyncDispose]() {
      await site.kill();
      for (const front of fronts) front.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await using opened = new AsyncDisposableStack();
  opened.use(site);
  await launch();
  opened.move();
  return site;
}

/** Files as a boot image has them, for a server that is to offer one; nothing boots from them. */
async function makeBootImage(directory: string): Promise<string> {
  const folder = join(directory, 'boot');
  await mkdir(folder, { recursive: true });
  for (const name of imageFiles) await writeFile(join(folder, name), name);
  return folder;
}

/** The mount is seen by the server alone, and goes with its process. */
function onOwnDisk(disk: string, bytes: number, argv: readonly string[]): string[] {
  const mount = `mount -t tmpfs -o size=${bytes} tmpfs "$0" && exec "$@"`;
  return ['unshare', '--mount', 'sh', '-c', mount, disk, ...argv];
}

/** A port of loopback that leads to a socket, whoever listens there now. */
async function openFront(path: string): Promise<{ url: string; close(): void }> {
  const open = new Set<Socket>();
  const server: Server = createServer((from) => {
    const to = connect(path);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    from.pipe(to).pipe(from);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `https://127.0.0.1:${port}`,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
