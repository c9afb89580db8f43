import { spawn, spawnSync } from 'node:child_process';
import { appendFile, chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const VERSIONS = '/usr/lib/postgresql';
/** `nobody` and `nogroup` of Debian: PostgreSQL refuses to run as root. */
const NOBODY = 65534;
/** What an aged cluster keeps of its write-ahead log for the time to come, and the size of one file of it. */
const AGED_LOG_MB = 1024;
const LOG_FILE_MB = 16;

/** A PostgreSQL of a test's own, in a directory of its own. */
export interface TestCluster extends AsyncDisposable {
  /** TCP port on loopback. */
  readonly port: number;
  /** URL of a database; it is made by `createDatabase`. */
  url(database: string): string;
  /** The same over its socket, which reaches into every network namespace. */
  socketUrl(database: string): string;
  createDatabase(name: string): void;
  /** Ends the server at once, as a crash does. */
  crash(): Promise<void>;
  /** Starts it again after `crash`. */
  start(): Promise<void>;
  /**
   * Makes it like one that has been used for a day: it has the files of its write-ahead log, and takes old
   * ones again instead of making new ones (16 MB of zeros each, synced, while all commits wait).
   */
  ageLog(): void;
  /** Runs SQL as the superuser; answers psql's unaligned output. */
  sql(database: string, text: string): string;
}

/** Where the newest installed server's programs are; undefined when there is none. */
export async function postgresPrograms(): Promise<string | undefined> {
  const versions = await readdir(VERSIONS).catch(() => []);
  const newest = versions
    .map(Number)
    .filter(Number.isInteger)
    .sort((a, b) => a - b)
    .at(-1);
  return newest === undefined ? undefined : join(VERSIONS, String(newest), 'bin');
}

/**
 * Makes and starts a cluster; disposing stops it, by its own process id, and deletes it. It is stopped
 * when this process ends, too.
 */
export async function startTestCluster(
  options: {
    readonly fsync?: boolean;
    readonly host?: string;
    /** Of the server, beside that of this process. */
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<TestCluster> {
  const programs = await postgresPrograms();
  if (programs === undefined) throw new Error(`no PostgreSQL in ${VERSIONS}`);
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-pg-'));
  const data = join(directory, 'data');
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  if (asNobody.uid !== undefined) await chown(directory, NOBODY, NOBODY);
  const run = (program: string, args: readonly string[], input = '') => {
    const { status, stdout, stderr, error } = spawnSync(join(programs, program), args, {
      ...asNobody,
      cwd: directory,
      input,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
    });
    if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
    return stdout;
  };
  run('initdb', ['-D', data, '-U', 'metalwright', '-A', 'trust', '-E', 'UTF8', '--no-sync']);
  const port = await freePort();
  await writeFile(
    join(data, 'postgresql.auto.conf'),
    [
      `port = ${port}`,
      `listen_addresses = '${options.host ?? '127.0.0.1'}'`,
      `unix_socket_directories = '${directory}'`,
      `fsync = ${options.fsync === true ? 'on' : 'off'}`,

      ...(options.fsync === true
        ? []
        : ['full_page_writes = off', 'wal_level = minimal', 'max_wal_senders = 0']),
      'max_connections = 300',
      'autovacuum = off',
      `min_wal_size = ${AGED_LOG_MB}MB`,
      '',
    ].join('\n'),
  );
  if (options.host !== undefined)
    await appendFile(join(data, 'pg_hba.conf'), 'host all all samenet trust\n');
  let server = launch();
  function launch() {
    // SIGQUIT is an immediate shutdown, also of the processes that serve connections.
    const child = spawn(join(programs ?? '', 'postgres'), ['-D', data], {
      ...asNobody,
      cwd: directory,
      stdio: ['ignore', 'ignore', 'ignore'],
      env: { ...process.env, ...options.environment },
    });
    const kill = () => child.kill('SIGQUIT');
    process.on('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    return child;
  }
  const ready = async () => {
    for (let tries = 0; tries < 200; tries++) {
      const { status } = spawnSync(join(programs, 'pg_isready'), [
        '-h',
        directory,
        '-p',
        String(port),
      ]);
      if (status === 0) return;
      await delay(50);
    }
    throw new Error('PostgreSQL does not start');
  };
  const crash = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGQUIT');
    await gone;
  };
  const cluster: TestCluster = {
    port,
    url: (database) => `postgres://metalwright@${options.host ?? '127.0.0.1'}:${port}/${database}`,
    socketUrl: (database) =>
      `postgres://metalwright@/${database}?host=${encodeURIComponent(directory)}&port=${port}`,
    createDatabase: (name) => cluster.sql('postgres', `create database "${name}"`),
    crash,
    ageLog() {
      const fill =
        "select pg_logical_emit_message(false, 'metalwright', ''); select pg_switch_wal();";
      cluster.sql('postgres', fill.repeat(AGED_LOG_MB / LOG_FILE_MB) + 'checkpoint;');
    },
    async start() {
      server = launch();
      await ready();
    },
    sql: (database, text) =>
      run(
        'psql',
        [
          '-h',
          directory,
          '-p',
          String(port),
          '-U',
          'metalwright',
          '-d',
          database,
          '-XAtq',
          '-v',
          'ON_ERROR_STOP=1',
        ],
        text,
      ),
    async [Symbol.asyncDispose]() {
      await crash();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await using opened = new AsyncDisposableStack();
  opened.use(cluster);
  await ready();
  opened.move();
  return cluster;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address !== 'object') throw new Error('no port');
  return address.port;
}
