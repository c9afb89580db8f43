import { chmod, copyFile, lstat, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runStaged } from './staged-tools.ts';

const HOME = 'usr/lib/metalwright';

/** Copies scripts of this folder into a root, where they find each other. */
export async function installScripts(root: string, names: readonly string[]): Promise<void> {
  await mkdir(join(root, HOME), { recursive: true });
  for (const name of names) {
    await copyFile(join(import.meta.dirname, name), join(root, HOME, name));
    await chmod(join(root, HOME, name), 0o755);
  }
}

/** Links the applets of busybox under their names where the root has no program of that name. */
export async function linkApplets(root: string, tools: string, signal: AbortSignal): Promise<void> {
  const applets = (await runStaged(tools, 'usr/bin/busybox', ['--list'], { signal })).split('\n');
  for (const name of applets) {
    if (name === '' || name === 'busybox' || NOT_LINKED.has(name)) continue;
    const taken = await Promise.all(
      ['usr/bin', 'usr/sbin'].map(async (folder) => await exists(join(root, folder, name))),
    );
    if (!taken.includes(true)) await symlink('busybox', join(root, 'usr/bin', name));
  }
}

/** Would do harm here: there is no init to talk to, and no package database. */
const NOT_LINKED = new Set(['reboot', 'poweroff', 'halt', 'init', 'linuxrc', 'dpkg', 'dpkg-deb']);

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}
