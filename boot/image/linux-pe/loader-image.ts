import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { formatCpio } from '../../cpio.ts';
import { copyBelow, makeMergedRoot, readTree } from './file-tree.ts';
import { installModules, type KernelTree } from './kernel-tree.ts';
import { firmwareOutsideLoader, loaderModules, uselessModules } from './recipe.ts';
import { installScripts, linkApplets } from './scripts.ts';
import { DYNAMIC_LOADER, librariesOf } from './staged-tools.ts';

/** Programs of the loader, below the root of the tools. */
const PROGRAMS = ['usr/bin/busybox', 'usr/bin/kmod', 'usr/bin/signify-openbsd'];
const KMOD_NAMES = ['modprobe', 'insmod', 'rmmod', 'lsmod', 'modinfo', 'depmod'];

/** What went into the loader, for the build's report. */
export interface LoaderImage {
  readonly bytes: Uint8Array;
  readonly modules: number;
  /** Firmware of Ethernet adapters that only the rest has. */
  readonly firmwareLeftOut: readonly string[];
}

/** Makes the small initramfs: what finds the network and fetches the rest. */
export async function makeLoaderImage(
  directory: string,
  tools: string,
  kernel: KernelTree,
  signal: AbortSignal,
): Promise<LoaderImage> {
  await makeMergedRoot(directory);
  for (const path of [
    ...PROGRAMS,
    DYNAMIC_LOADER,
    ...(await librariesOf(tools, PROGRAMS, signal)),
  ]) {
    await copyBelow(tools, directory, path.replace(/^lib64\//, 'usr/lib64/'));
  }
  for (const name of KMOD_NAMES) await symlink('../bin/kmod', join(directory, 'usr/sbin', name));
  await linkApplets(directory, tools, signal);
  for (const name of ['proc', 'sys', 'dev', 'run', 'tmp', 'etc', 'root', 'var']) {
    await mkdir(join(directory, name), { recursive: true });
  }
  await installScripts(directory, [
    'console.sh',
    'coldplug.sh',
    'network.sh',
    'udhcpc.sh',
    'loader-init.sh',
  ]);
  await symlink('usr/lib/metalwright/loader-init.sh', join(directory, 'init'));
  const selection = { include: loaderModules, exclude: uselessModules };
  const { modules, firmware } = await installModules(directory, kernel, selection, signal);
  const firmwareLeftOut: string[] = [];
  for (const path of firmware) {
    if (firmwareOutsideLoader.some((pattern) => pattern.test(path))) firmwareLeftOut.push(path);
    else await copyBelow(kernel.root, directory, path);
  }
  await writeFile(join(directory, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  const archive = formatCpio([
    ...(await readTree(directory)),
    // The kernel opens /dev/console before anything could mount devtmpfs.
    { kind: 'character-device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
  ]);
  const bytes = zstdCompressSync(archive, {
    params: {
      [constants.ZSTD_c_compressionLevel]: 19,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
  return { bytes, modules: modules.length, firmwareLeftOut };
}
