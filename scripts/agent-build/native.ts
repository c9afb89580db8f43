import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/**
 * The small programs of Windows in `agent/windows-native`, compiled by mingw-w64 of Debian without a C runtime:
 * they import what every Windows PE has. Equal sources and compilers give equal bytes.
 */
const sources = resolve(import.meta.dirname, '../../agent/windows-native');

/** A program or library that is compiled of one file there, and what that includes. */
export interface NativeProgram {
  readonly name: string;
  /** Where its sources are. @default `agent/windows-native` */
  readonly folder?: string;
  readonly source: string;
  readonly architecture: 'x64' | 'x86';
  /** Of the linker: the entry's symbol, and what it is. */
  readonly link: readonly string[];
  readonly libraries: readonly string[];
}

/** The Windows service. For x64 on every machine: Debian has no compiler for ARM64, where it is emulated. */
export const serviceProgram: NativeProgram = {
  name: 'metalwright-service.exe',
  source: 'service.c',
  architecture: 'x64',
  link: ['-Wl,--entry=entry', '-Wl,--subsystem=console'],
  libraries: ['kernel32', 'advapi32', 'user32'],
};

const libraryLink = [
  '-shared',
  '-Wl,--kill-at',
  '-Wl,--enable-stdcall-fixup',
  // Else the linker takes the base address from the name of its output, folder and all.
  '-Wl,--disable-auto-image-base',
  'ts-com/ts-com.def',
];

/** The objects for scripts, put into the executable under these names. */
export const scriptLibraries: readonly NativeProgram[] = [
  {
    name: 'metalwright-ts-x64.dll',
    source: 'ts-com.c',
    architecture: 'x64',
    link: libraryLink,
    libraries: ['kernel32', 'oleaut32'],
  },
  {
    name: 'metalwright-ts-x86.dll',
    source: 'ts-com.c',
    architecture: 'x86',
    link: libraryLink,
    libraries: ['kernel32', 'oleaut32'],
  },
];

const compilers = {
  x64: { command: 'x86_64-w64-mingw32-gcc', package: 'gcc-mingw-w64-x86-64-win32' },
  x86: { command: 'i686-w64-mingw32-gcc', package: 'gcc-mingw-w64-i686-win32' },
} as const;

const options = [
  '-std=c11',
  '-Os',
  '-s',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-nostdlib',
  '-ffreestanding',
  // Else the compiler makes of memcpy's own loop a call of memcpy.
  '-fno-tree-loop-distribute-patterns',
  '-fno-ident',
  '-fno-asynchronous-unwind-tables',
  '-Wl,--no-insert-timestamp',
  '-Wl,--build-id=none',
  '-Wl,--nxcompat',
  '-Wl,--dynamicbase',
];

/** Whether programs for that architecture can be compiled here. */
export async function compilerIsThere(
  architecture: NativeProgram['architecture'],
): Promise<boolean> {
  return await promisify(execFile)(compilers[architecture].command, ['--version']).then(
    () => true,
    () => false,
  );
}

/** A hash of all sources there. */
export async function nativeHash(): Promise<string> {
  const names = await readdir(sources, { recursive: true });
  const hash = createHash('sha256');
  for (const name of names.filter((path) => /\.(c|h|def)$/.test(path)).sort())
    hash.update(name).update(await readFile(join(sources, name)));
  return hash.digest('hex');
}

/** Compiles one into `folder` and returns its path. @throws {Error} when the compiler is missing */
export async function compileNative(
  { name, folder: cwd = sources, source, architecture, link, libraries }: NativeProgram,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Promise<string> {
  const compiler = compilers[architecture];
  await mkdir(folder, { recursive: true });
  const made = join(folder, name);
  const argv = [
    ...options,
    ...(architecture === 'x64' ? ['-Wl,--high-entropy-va'] : []),
    ...link,
    '-o',
    `${made}.new`,
    source,
    ...libraries.map((library) => `-l${library}`),
  ];
  await rm(made, { force: true });
  try {
    // The C locale: messages are searched for and reported in one language.
    await promisify(execFile)(compiler.command, argv, {
      cwd,
      signal,
      env: { ...process.env, LC_ALL: 'C' },
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(
        `${compiler.command} is missing, which ${name} is compiled with: apt-get install ${compiler.package}`,
        { cause: error },
      );
    throw error;
  }
  await rename(`${made}.new`, made);
  return made;
}
