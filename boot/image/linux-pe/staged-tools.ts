import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BootImageError, run } from './command.ts';

/** Runs a program of an unpacked root by that root's own dynamic loader, so that the host needs none of it. */
export async function runStaged(
  root: string,
  program: string,
  args: readonly string[],
  { signal, argv0 }: { readonly signal: AbortSignal; readonly argv0?: string },
): Promise<string> {
  const named = argv0 === undefined ? [] : ['--argv0', argv0];
  return await run(
    join(root, DYNAMIC_LOADER),
    ['--library-path', libraryPath(root), ...named, join(root, program), ...args],
    { signal },
  );
}

/** Path of glibc's dynamic loader on x64, fixed by the ABI. */
export const DYNAMIC_LOADER = 'lib64/ld-linux-x86-64.so.2';
const libraryPath = (root: string): string => join(root, 'usr/lib/x86_64-linux-gnu');

/**
 * Shared libraries that programs of a root load, as paths below it.
 * @throws {BootImageError} `boot-image.library-missing`
 */
export async function librariesOf(
  root: string,
  programs: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const found = new Set<string>();
  const missing: string[] = [];
  for (const program of programs) {
    const text = await run(
      join(root, DYNAMIC_LOADER),
      ['--library-path', libraryPath(root), '--list', join(root, program)],
      { signal },
    );
    for (const line of text.split('\n')) {
      const [, name, path] = /^\s*(\S+) => (.+?)(?: \(0x|$)/.exec(line) ?? [];
      if (path === undefined || name?.startsWith('/') === true) continue;
      if (!path.startsWith(root)) {
        missing.push(`${program} needs ${String(name)}`);
      } else {
        found.add(path.slice(root.length + 1));
      }
    }
  }
  if (missing.length > 0) {
    throw new BootImageError('boot-image.library-missing', missing.join('; '));
  }
  return [...found].sort();
}

/**
 * Checks that every program of a root finds its libraries there: one that is missing would be met by the
 * first machine that needs the program.
 * @throws {BootImageError} `boot-image.library-missing`, `boot-image.tool-failed`
 */
export async function checkPrograms(root: string, signal: AbortSignal): Promise<void> {
  const programs: string[] = [];
  for (const directory of ['usr/bin', 'usr/sbin']) {
    for (const entry of await readdir(join(root, directory), { withFileTypes: true })) {
      const program = join(directory, entry.name);
      if (entry.isFile() && (await isElf(join(root, program)))) programs.push(program);
    }
  }
  await librariesOf(root, programs, signal);
}

async function isElf(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
  return buffer.readUInt32BE(0) === 0x7f45_4c46;
}
