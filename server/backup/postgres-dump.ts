/**
 * Dump and restore of a PostgreSQL database by PostgreSQL's own programs: they know each version's types and
 * take one snapshot while servers write. Passwords are given in the environment, never in an argv, which
 * everybody on the machine can read.
 */
import { execFile } from 'node:child_process';
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { connectPostgres } from '../store/postgres/connection.ts';
import { BackupError } from './backup-error.ts';

const run = promisify(execFile);
/** Where Debian has the programs of each version; on the PATH is a wrapper, or one of them. */
const VERSIONS = '/usr/lib/postgresql';
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

type Program = 'pg_dump' | 'pg_restore';

/**
 * Writes the database as it is at one moment, in pg_dump's custom format.
 *
 * @throws {BackupError} `backup.no-tool`, `backup.tool-version`, `backup.tool`; the driver's errors
 */
export async function dumpPostgres(url: string, file: string): Promise<void> {
  const args = ['--format=custom', '--no-owner', '--no-privileges', `--file=${file}`];
  await runProgram('pg_dump', url, args);
}

/**
 * Fills an empty database in one transaction.
 *
 * @throws {BackupError} `backup.no-tool`, `backup.tool-version`, `backup.tool`; the driver's errors
 */
export async function restorePostgres(url: string, file: string): Promise<void> {
  const args = ['--single-transaction', '--exit-on-error', '--no-owner', '--no-privileges', file];
  await runProgram('pg_restore', url, args);
}

async function runProgram(program: Program, url: string, args: readonly string[]): Promise<void> {
  const wanted = await serverVersion(url);
  const path = await findProgram(program, wanted);
  const { address, password } = withoutPassword(url);
  try {
    await run(path, [`--dbname=${address}`, ...args], {
      maxBuffer: MAX_OUTPUT_BYTES,
      env: {
        ...process.env,
        LC_ALL: 'C.UTF-8',
        ...(password === undefined ? {} : { PGPASSWORD: password }),
      },
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new BackupError(
      'backup.tool',
      `${program} failed: ${said.slice(0, 500) || String(error)}`,
      {
        hint: 'nothing was changed; look at what it says, and at the log of the database server',
        cause: error,
      },
    );
  }
}

/** Major version of the database server, 15. */
async function serverVersion(url: string): Promise<number> {
  const connection = await connectPostgres(url);
  try {
    return Math.floor(Number(await connection.show('server_version_num')) / 10_000);
  } finally {
    await connection.close();
  }
}

/** The newest program that is installed; one that is older than the server cannot read it. */
export async function findProgram(
  program: Program,
  server: number,
  places = { versions: VERSIONS, path: process.env['PATH'] ?? '' },
): Promise<string> {
  const folders = await readdir(places.versions).catch((): string[] => []);
  const versions = folders.map(Number).filter(Number.isInteger);
  const candidates = [
    ...versions
      .sort((a, b) => b - a)
      .map((version) => join(places.versions, String(version), 'bin', program)),
    ...places.path.split(delimiter).map((folder) => join(folder, program)),
  ];
  let newest = 0;
  for (const path of candidates) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    const { stdout } = await run(path, ['--version']);
    const major = Number(/ (\d+)/.exec(stdout)?.[1] ?? 0);
    if (major >= server) return path;
    newest = Math.max(newest, major);
  }
  if (newest === 0)
    throw new BackupError('backup.no-tool', `There is no ${program} on this machine`, {
      hint: `apt-get install postgresql-client-${server}`,
    });
  throw new BackupError(
    'backup.tool-version',
    `${program} is of PostgreSQL ${newest}, the server of ${server}: an older one cannot read it`,
    { hint: `apt-get install postgresql-client-${server}` },
  );
}

/** The URL as an argv may have it, and its password. */
export function withoutPassword(url: string): {
  readonly address: string;
  readonly password: string | undefined;
} {
  const parsed = new URL(url);
  const password =
    parsed.searchParams.get('password') ??
    (parsed.password === '' ? undefined : decodeURIComponent(parsed.password));
  parsed.password = '';
  parsed.searchParams.delete('password');
  return { address: parsed.href, password };
}
