import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerifiedObject } from '../../sequence/platform.ts';
import { StepError } from '../../sequence/step.ts';
import { appearsMounted } from './mounts.ts';
import { serveNbd } from './nbd-server.ts';
import { runTool } from './process.ts';

/** A file that is an object, read through our NBD server. */
export interface NbdFile extends AsyncDisposable {
  readonly path: string;
  readonly failure: unknown;
}

/**
 * Shows an object as a file below `folder`: our NBD server and nbdfuse in front of it. Works without
 * the kernel's nbd module. @throws {StepError} `image.stream`
 */
export async function openNbdFile(
  object: VerifiedObject,
  folder: string,
  signal: AbortSignal,
): Promise<NbdFile> {
  const socketPath = join(folder, 'nbd.sock');
  const mountPoint = join(folder, 'mnt');
  const path = join(mountPoint, 'image.wim');
  await mkdir(mountPoint);
  const server = await serveNbd(object, socketPath, signal);
  let child: ChildProcess | undefined;
  const close = async (): Promise<void> => {
    // Lazily: a reader that was killed may not be gone yet; the server goes next, so it cannot hang.
    await runTool(['umount', '--lazy', mountPoint], AbortSignal.timeout(20_000), {
      allowed: [1, 32],
    });
    await server[Symbol.asyncDispose]();
    if (child) await ended(child);
  };
  try {
    child = await startNbdFuse(mountPoint, socketPath, signal);
    await readAhead(mountPoint);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    path,
    get failure() {
      return server.failure;
    },
    [Symbol.asyncDispose]: close,
  };
}

async function startNbdFuse(
  mountPoint: string,
  socketPath: string,
  signal: AbortSignal,
): Promise<ChildProcess> {
  const child = spawn(
    'nbdfuse',
    ['-r', '-C', '2', join(mountPoint, 'image.wim'), '--unix', socketPath],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString('utf8')));
  const failed = new Promise<never>((_resolve, reject) => {
    const fail = (reason: string): void =>
      reject(
        new StepError('image.stream', `nbdfuse cannot show the image as a file: ${reason}`, {
          hint: 'The boot image needs libnbd-bin, fuse3 and the fuse module.',
        }),
      );
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`exit code ${code}: ${said.trim()}`));
  });
  failed.catch(() => {});
  await Promise.race([failed, appearsMounted(mountPoint, signal)]);
  return child;
}

/** What the kernel asks for beforehand: else each 128 KiB are waited for by whoever reads. */
const READ_AHEAD_KIB = 4096;

/** Sets it for a mount, at its backing device (sysfs-class-bdi). Without it reading is slower, and as right. */
async function readAhead(mountPoint: string): Promise<void> {
  const { dev } = await stat(mountPoint);
  // Numbers of a device as Linux packs them (makedev(3)).
  const major = (dev >> 8) & 0xfff;
  const minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);
  const setting = `/sys/class/bdi/${major}:${minor}/read_ahead_kb`;
  await writeFile(setting, `${READ_AHEAD_KIB}\n`).catch(() => {});
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const killer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await new Promise<void>((resolve) => child.once('exit', () => resolve()));
  clearTimeout(killer);
}
