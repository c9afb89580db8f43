import { execFile } from 'node:child_process';
import { truncate, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Disk } from './usb-disk.ts';

const run = promisify(execFile);

/** Why no loop device can be made here; undefined where one can. @throws where tests may not be skipped */
export function noLoopDevices(): string | undefined {
  if (process.getuid?.() === 0) return undefined;
  if (process.env['REQUIRE_PEERS'] === '1') throw new Error('loop devices need root');
  return 'loop devices need root';
}

/** A file as a block device, in the place of a stick. */
export async function attachLoopDisk(
  file: string,
  sizeBytes: number,
  flags: readonly string[] = [],
): Promise<Disk & AsyncDisposable> {
  await writeFile(file, '');
  await truncate(file, sizeBytes);
  const { stdout } = await run('losetup', ['--find', '--show', ...flags, file]);
  const path = stdout.trim();
  return {
    path,
    isUsb: true,
    model: 'Loop',
    serial: 'LOOP-1',
    sizeBytes,
    isReadOnly: false,
    uses: [],
    [Symbol.asyncDispose]: async () => {
      await run('losetup', ['--detach', path]);
    },
  };
}
