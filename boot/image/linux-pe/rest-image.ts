import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.ts';
import { copyBelow, listFiles } from './file-tree.ts';
import { installModules, type KernelTree } from './kernel-tree.ts';
import { loaderModules, prunedPaths, restModules, uselessModules } from './recipe.ts';
import { installScripts, linkApplets } from './scripts.ts';
import { checkPrograms } from './staged-tools.ts';

const SCRIPTS = [
  'console.sh',
  'coldplug.sh',
  'network.sh',
  'network-init.sh',
  'media.sh',
  'udhcpc.sh',
  'rest-init.sh',
  'bootstrap.sh',
  'power.sh',
];
const TEXTS = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\ntty:x:5:\ndisk:x:6:\nnogroup:x:65534:\n',
  'etc/hosts': '127.0.0.1 localhost\n::1 localhost\n',
  'etc/hostname': 'metalwright-pe\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
  'etc/shells': '/bin/sh\n/bin/bash\n',
} as const;

/**
 * Makes `rest.squashfs`: the tools of a deployment, all network and storage drivers with their firmware,
 * the boot loaders for the disk, and the bootstrap. `tools` is unpacked packages, left as it is.
 */
export async function makeRestImage(
  directory: string,
  output: string,
  tools: string,
  kernel: KernelTree,
  signal: AbortSignal,
): Promise<{ readonly modules: number }> {
  await rm(directory, { recursive: true, force: true });
  await cp(tools, directory, { recursive: true, verbatimSymlinks: true });
  for (const path of await listFiles(directory)) {
    if (prunedPaths.some((pattern) => pattern.test(path)))
      await rm(join(directory, path), { force: true });
  }
  await checkPrograms(directory, signal);
  for (const name of [
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'root',
    'mnt',
    'var/tmp',
    'var/lib',
    'etc',
  ]) {
    await mkdir(join(directory, name), { recursive: true });
  }
  for (const [path, text] of Object.entries(TEXTS)) await writeFile(join(directory, path), text);
  await rm(join(directory, 'var/run'), { recursive: true, force: true });
  await symlink('../run', join(directory, 'var/run'));
  await rm(join(directory, 'etc/mtab'), { force: true });
  await symlink('/proc/self/mounts', join(directory, 'etc/mtab'));
  await installScripts(directory, SCRIPTS);
  for (const name of ['reboot', 'poweroff', 'halt']) {
    await symlink('../lib/metalwright/power.sh', join(directory, 'usr/sbin', name));
  }
  await linkApplets(directory, tools, signal);
  await rm(join(directory, 'usr/bin/sh'), { force: true });
  await symlink('bash', join(directory, 'usr/bin/sh'));
  const selection = { include: [...loaderModules, ...restModules], exclude: uselessModules };
  const { modules, firmware } = await installModules(directory, kernel, selection, signal);
  for (const path of firmware) await copyBelow(kernel.root, directory, path);
  await rm(output, { force: true });
  await run('mksquashfs', [directory, output, ...SQUASHFS_OPTIONS], { signal });
  return { modules: modules.length };
}

/** zstd reads fast on old machines; everything root's, all times zero: equal trees give equal bytes. */
const SQUASHFS_OPTIONS = [
  ['-comp', 'zstd', '-Xcompression-level', '15', '-b', '256K'],
  [
    '-all-root',
    '-all-time',
    '0',
    '-mkfs-time',
    '0',
    '-noappend',
    '-no-progress',
    '-quiet',
    '-no-xattrs',
  ],
].flat();
