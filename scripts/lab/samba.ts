import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { type Child, readLog, runCommand, startChild } from './child.ts';
import type { Lab } from './scenario.ts';
import { waitFor } from './wait.ts';

/** Samba with a folder, as an administrator would set one up for content. */
export interface SambaServer {
  /** What it hands out, as `//server/share`. */
  readonly share: string;
  readonly folder: string;
  /** The account that may read there. */
  readonly user: string;
  start(): Promise<void>;
  /** SIGKILL, of all its processes: what it was sending breaks off. */
  kill(): Promise<void>;
  /** Files that were opened so far, `content/ab/...`. */
  opened(): Promise<readonly string[]>;
  log(): Promise<string>;
}

const SHARE = 'content$';
/** Samba wants a user that the system has; Debian has this one, and nobody works as it. */
const USER = 'games';

/** @param options `password` of the account that may read */
export async function buildSamba(
  lab: Lab,
  { address, password }: { readonly address: string; readonly password: string },
): Promise<SambaServer> {
  const directory = join(lab.directory, 'samba');
  const folder = join(directory, 'content-folder');
  const state = join(directory, 'state');
  await mkdir(folder, { recursive: true });
  await mkdir(state);
  const configuration = join(directory, 'smb.conf');
  const logFile = join(directory, 'smbd.log');
  const places = ['private dir', 'lock directory', 'state directory', 'cache directory']
    .concat(['pid directory', 'ncalrpc dir'])
    .map((name) => `  ${name} = ${state}`);
  await writeFile(
    configuration,
    `[global]
  server role = standalone
  log level = 2
  interfaces = ${address}/24
  bind interfaces only = yes
  smb ports = 445
  disable netbios = yes
  passdb backend = tdbsam:${state}/passdb.tdb
  map to guest = never
  load printers = no
  disable spoolss = yes
${places.join('\n')}
[${SHARE}]
  path = ${folder}
  read only = no
  valid users = ${USER}
  force user = root
`,
  );
  const words = ['--configfile', configuration];
  await runCommand(['pdbedit', ...words, '--create', '--password-from-stdin', '--user', USER], {
    input: `${password}\n${password}\n`,
  });
  let running: Child | undefined;
  return {
    share: `//${address}/${SHARE}`,
    folder,
    user: USER,
    async start() {
      const foreground = ['--foreground', '--no-process-group', '--debug-stdout'];
      const child = await startChild(['smbd', ...words, ...foreground], { logFile });
      lab.use(child);
      running = child;
      await waitFor('samba listens', async () => (await isListening(address)) || undefined, {
        timeoutMs: 20_000,
        signal: lab.signal,
        evidence: () => child.tail(),
      });
    },
    async kill() {
      running?.kill('SIGKILL');
      await running?.exited;
    },
    async opened() {
      const lines = (await readLog(logFile)).split('\n');
      return lines.flatMap((line) => / opened file (\S+) read=Yes/.exec(line)?.[1] ?? []);
    },
    log: () => readLog(logFile),
  };
}

async function isListening(host: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection({ host, port: 445 });
    socket.once('connect', () => socket.destroy() && done(true));
    socket.once('error', () => done(false));
  });
}
