import { lstat, mkdir, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GeneralizeCapability } from '../../sequence/capture-capability.ts';
import type { MountedVolume } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { identityFiles, traceFiles, traceFolders } from './linux-identity.ts';
import { runTool } from './process.ts';

/** Packages of this agent that outlive a run. */
const CLIENT_CACHE = 'var/cache/metalwright';
const MACHINE_ID = '/etc/machine-id';
/** Made new ones themselves at a start without: sshd-keygen of Fedora and its kin, cloud-init. */
const KEY_MAKERS = ['usr/lib/systemd/system/sshd-keygen@.service', 'usr/bin/cloud-init'];
const KEY_UNIT = '/etc/systemd/system/metalwright-ssh-host-keys.service';
const KEY_UNIT_WANTED =
  '/etc/systemd/system/multi-user.target.wants/metalwright-ssh-host-keys.service';
const keyUnitText = `[Unit]
Description=SSH host keys of this machine
Before=ssh.service sshd.service
ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key

[Service]
Type=oneshot
ExecStart=/usr/bin/ssh-keygen -A

[Install]
WantedBy=multi-user.target
`;

/**
 * Makes an installed Linux one for any machine: machine-id, SSH host keys, leases, seeds and logs go. Its name, accounts
 * and network settings stay: those are the reference's.
 */
export function linuxGeneralize(
  openRoot: (signal: AbortSignal) => Promise<MountedVolume>,
): GeneralizeCapability {
  return {
    async forgetClient(_request, signal) {
      await using mounted = await openRoot(signal);
      const root = mounted.path;
      await rm(join(root, CLIENT_CACHE), { recursive: true, force: true });
      return [`/${CLIENT_CACHE} is emptied`];
    },
    async *generalize(_request, signal) {
      await using mounted = await openRoot(signal);
      const root = mounted.path;
      yield { detail: 'Removing what names this machine' };
      const identity = await identityFiles(root);
      const hadKeys = identity.some((path) => path.startsWith('/etc/ssh/'));
      if (hadKeys) await letKeysBeMade(root);
      // Empty, not gone: systemd makes a new one, and mounts it where / is read-only.
      for (const path of identity)
        if (path === MACHINE_ID) await truncate(join(root, path), 0);
        else await rm(join(root, path), { force: true });
      yield { detail: 'Removing leases, seeds and logs' };
      for (const path of traceFiles) await rm(join(root, path), { force: true });
      for (const path of traceFolders) await emptyFolder(join(root, path));
      await emptyLogs(join(root, 'var/log'));
      await runTool(['sync', '-f', root], signal, { timeoutMs: 600_000 });
      const left = await identityFiles(root);
      if (left.length > 0)
        throw new StepError(
          'capture.identity',
          `This machine is still named by ${left.join(', ')}`,
          {
            hint: 'Something writes them again: stop it before this step.',
          },
        );
      return { systemRoot: '/' };
    },
  };
}

/** Debian makes host keys when its package is installed, and never again: machines of the image would have none. */
async function letKeysBeMade(root: string): Promise<void> {
  for (const path of KEY_MAKERS) if (await isThere(join(root, path))) return;
  await mkdir(dirname(join(root, KEY_UNIT_WANTED)), { recursive: true });
  await writeFile(join(root, KEY_UNIT), keyUnitText);
  await rm(join(root, KEY_UNIT_WANTED), { force: true });
  await symlink(KEY_UNIT, join(root, KEY_UNIT_WANTED));
}

async function emptyFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true });
}

/** Old logs go; those that are written to now are emptied, as their programs have them open. */
async function emptyLogs(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (/\.(gz|xz|zst|bz2|old|\d+)$/.test(entry.name)) await rm(path, { force: true });
    else await truncate(path, 0);
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => lstat(path).catch(() => undefined))) !== undefined;
}
