import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { MountedVolume } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { syncDevice } from './device.ts';
import { lastLines, runCommand, runTool } from './process.ts';

interface Mount {
  readonly device: string;
  readonly path: string;
  users: number;
  /** The user-space FAT that serves it, where the kernel has none. */
  readonly server: ChildProcess | undefined;
}

/** Root, its group, and the pattern for others: all of a domain that no Windows has (ntfs-3g.usermap(8)). */
const NTFS_ACCOUNTS = [
  '0::S-1-5-21-3141592653-589793238-462643383-10000',
  ':0:S-1-5-21-3141592653-589793238-462643383-10001',
  '::S-1-5-21-3141592653-589793238-462643383-10002',
  '',
].join('\n');

/**
 * Mounts, each device once however many use it: two user-space FATs on one device would spoil it. The
 * kernel's vfat is taken where there is one, else fusefat, which Linux PE does not need but a host
 * without the module does.
 */
export class Mounts implements AsyncDisposable {
  readonly #folder: string;
  readonly #mounts = new Map<string, Mount>();
  #next = 1;
  /** One after another: a mount and an unmount of one device must not meet. */
  #queue: Promise<unknown> = Promise.resolve();

  /** @param folder where mount points are made, `/run/metalwright/mounts` */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Mounts for reading and writing. @throws {StepError} `disk.mount` */
  async mount(device: string, fileSystem: string, signal: AbortSignal): Promise<MountedVolume> {
    const mount = await this.#inTurn(async () => {
      const known = this.#mounts.get(device);
      const mount = known ?? (await this.#open(device, fileSystem, signal));
      mount.users += 1;
      this.#mounts.set(device, mount);
      return mount;
    });
    return {
      path: mount.path,
      [Symbol.asyncDispose]: async () => {
        await this.#inTurn(async () => {
          mount.users -= 1;
          if (mount.users === 0) await this.#close(mount);
        });
      },
    };
  }

  /** Writes out the file system on that device, if it is mounted here. */
  async sync(device: string, signal: AbortSignal): Promise<void> {
    const mount = this.#mounts.get(device);
    if (mount) await runTool(['sync', '-f', mount.path], signal, { timeoutMs: 1_800_000 });
  }

  /** Unmounts what is left: only after a failure is there anything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inTurn(async () => {
      for (const mount of this.#mounts.values()) await this.#close(mount);
    });
  }

  async #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #open(device: string, fileSystem: string, signal: AbortSignal): Promise<Mount> {
    const path = join(this.#folder, String(this.#next++));
    await mkdir(path, { recursive: true });
    const isFat = ['fat32', 'vfat'].includes(fileSystem);
    if (isFat && !(await kernelHas('vfat', signal)))
      return { device, path, users: 0, server: await startFuseFat(device, path, signal) };
    const types: Record<string, string> = { fat32: 'vfat', vfat: 'vfat', ntfs: 'ntfs-3g' };
    const type = types[fileSystem] ?? fileSystem;
    const options = fileSystem === 'ntfs' ? ['-o', await this.#ntfsOptions()] : [];
    const mounted = await runCommand(
      { argv: ['mount', '-t', type, ...options, device, path], timeoutMs: 60_000 },
      signal,
    );
    if (mounted.code !== 0) throw mountError(device, fileSystem, lastLines(mounted.output));
    return { device, path, users: 0, server: undefined };
  }

  /**
   * New files get the security descriptor that Windows would give them, by the rules of their folder: without
   * these options everyone could change what Windows runs as Local System. NTFS-3G inherits only when it has
   * accounts to map to; those here are of nobody, and root becomes Administrators.
   */
  async #ntfsOptions(): Promise<string> {
    const file = join(this.#folder, 'accounts');
    await writeFile(file, NTFS_ACCOUNTS);
    return `inherit,windows_names,usermapping=${file}`;
  }

  async #close(mount: Mount): Promise<void> {
    this.#mounts.delete(mount.device);
    const signal = AbortSignal.timeout(60_000);
    await runTool(['sync', '-f', mount.path], signal, { allowed: [1] });
    await unmount(mount.path, signal);
    // The user-space FAT writes its last blocks after umount has come back.
    if (mount.server) await exited(mount.server);
    await syncDevice(mount.device);
    await rmdir(mount.path).catch(() => {});
  }
}

const BUSY_TRIES = 20;

/** A file that was just read may be closed a moment later: then it is tried again, for four seconds. */
async function unmount(path: string, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const allowed = tries < BUSY_TRIES ? [32] : [];
    const { code } = await runTool(['umount', path], signal, { allowed });
    if (code === 0) return;
    await wait(200, undefined, { signal });
  }
}

/** Whether the kernel can mount that file system, its module loaded if there is one. */
async function kernelHas(fileSystem: string, signal: AbortSignal): Promise<boolean> {
  const listed = async (): Promise<boolean> =>
    (await readFile('/proc/filesystems', 'utf8')).split(/\s+/).includes(fileSystem);
  if (await listed()) return true;
  await runCommand({ argv: ['modprobe', fileSystem], timeoutMs: 20_000 }, signal).catch(() => {});
  return listed();
}

async function startFuseFat(
  device: string,
  path: string,
  signal: AbortSignal,
): Promise<ChildProcess> {
  const server = spawn('fusefat', ['-f', '-o', 'rw+', device, path], { stdio: 'ignore' });
  const failed = new Promise<never>((_resolve, reject) => {
    server.once('error', (error) => reject(mountError(device, 'fat32', error.message)));
    server.once('exit', (code) => reject(mountError(device, 'fat32', `fusefat ended (${code})`)));
  });
  failed.catch(() => {});
  await Promise.race([failed, appearsMounted(path, signal)]);
  return server;
}

/** Polls the mount table: neither fusefat nor nbdfuse tells when it is ready in the foreground. */
export async function appearsMounted(path: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!(await readFile('/proc/self/mounts', 'utf8')).includes(` ${path} `)) {
    if (performance.now() > deadline) throw mountError(path, 'fuse', 'not mounted after 15 s');
    await wait(10, undefined, { signal });
  }
}

async function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
}

function mountError(device: string, fileSystem: string, reason: string): StepError {
  return new StepError('disk.mount', `cannot mount ${device} (${fileSystem}): ${reason}`, {
    hint: 'Is the volume formatted, and the tool or kernel module for it in the boot image?',
  });
}
