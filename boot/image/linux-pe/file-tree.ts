import { spawn } from 'node:child_process';
import { cp, lstat, mkdir, open, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { CpioEntry } from '../../cpio.ts';
import { BootImageError, run } from './command.ts';

/** Top-level folders that Debian has merged into /usr; packages of this release still name them. */
const MERGED = ['bin', 'sbin', 'lib', 'lib64'] as const;

/** Makes an empty root directory with Debian's merged /usr. */
export async function makeMergedRoot(root: string): Promise<void> {
  await rm(root, { recursive: true, force: true });
  for (const name of MERGED) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
}

/**
 * Unpacks package files into a root made by `makeMergedRoot`. No maintainer script runs.
 * @throws {BootImageError} `boot-image.unpack`, `boot-image.tool-failed`
 */
export async function unpackPackages(
  files: readonly string[],
  root: string,
  signal: AbortSignal,
): Promise<void> {
  const tar = `${root}.tar`;
  for (const file of files) {
    // By way of a file: `dpkg-deb -x` would replace the links of the merged /usr by folders.
    await writeArchive(file, tar, signal);
    await run('tar', ['-x', '--keep-directory-symlink', '--no-same-owner', '-C', root, '-f', tar], {
      signal,
    });
  }
  await rm(tar, { force: true });
}

async function writeArchive(file: string, tar: string, signal: AbortSignal): Promise<void> {
  await using output = await open(tar, 'w');
  const child = spawn('dpkg-deb', ['--fsys-tarfile', file], {
    signal,
    stdio: ['ignore', output.fd, 'inherit'],
  });
  const status = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  if (status !== 0) {
    throw new BootImageError(
      'boot-image.unpack',
      `${file}: dpkg-deb ended with ${String(status)}`,
      'remove the file from the cache, and look for free disk space',
    );
  }
}

/** Copies one file or link to the same place below another root; what a link leads to comes along. */
export async function copyBelow(from: string, to: string, path: string): Promise<void> {
  await mkdir(dirname(join(to, path)), { recursive: true });
  await cp(join(from, path), join(to, path), { verbatimSymlinks: true, force: true });
  const stats = await lstat(join(from, path));
  if (!stats.isSymbolicLink()) return;
  const target = await readlink(join(from, path));
  const absolute = target.startsWith('/')
    ? join(from, target)
    : resolve(dirname(join(from, path)), target);
  await copyBelow(from, to, relative(from, absolute));
}

/** All paths below a directory but directories themselves, without a leading slash. */
export async function listFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { path, kind } of walk(root)) if (kind !== 'directory') found.push(path);
  return found;
}

/** A directory as the entries of a cpio archive, parents first, in an order that does not vary. */
export async function readTree(root: string): Promise<CpioEntry[]> {
  const entries: CpioEntry[] = [];
  for await (const { path, kind } of walk(root)) {
    const full = join(root, path);
    const mode = (await lstat(full)).mode & 0o7777;
    switch (kind) {
      case 'symlink':
        entries.push({ kind, path, target: await readlink(full) });
        break;
      case 'directory':
        entries.push({ kind, path, mode });
        break;
      case 'file':
        entries.push({ kind, path, mode, data: await readFile(full) });
        break;
    }
  }
  return entries;
}

interface Found {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink';
}

/** Walks in the order of names. Node's own recursive `readdir` follows links to directories. */
async function* walk(root: string, below = ''): AsyncGenerator<Found> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(below, entry.name);
    if (entry.isSymbolicLink()) yield { path, kind: 'symlink' };
    else if (entry.isFile()) yield { path, kind: 'file' };
    else if (entry.isDirectory()) {
      yield { path, kind: 'directory' };
      yield* walk(root, path);
    }
  }
}
