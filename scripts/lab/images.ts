import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from '../cache-directory.ts';
import { startChild } from './child.ts';
import type { LabImages } from './scenario.ts';

const scripts = join(import.meta.dirname, '..');

/**
 * Builds what machines boot and what is put on their disks, where it is not there yet: both scripts do
 * nothing where nothing changed. Not needed where all scenarios are on loop devices. The only part of
 * the lab that reaches the internet (Debian's archive).
 */
export async function prepareImages(needed: boolean, signal: AbortSignal): Promise<LabImages> {
  const bootImages = join(cacheDirectory, 'boot-images/linux-pe-x64');
  const osImage = join(cacheDirectory, 'lab/debian.wim');
  if (!needed) return { bootImages, osImage };
  await mkdir(cacheDirectory, { recursive: true });
  await build(['build-boot.ts', '--out', bootImages], signal);
  await build(['lab/os-image.ts', '--out', osImage], signal);
  await stat(osImage); // a builder that exits with 0 and leaves nothing is found here
  return { bootImages, osImage };
}

async function build(
  [script, ...words]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<void> {
  const logFile = join(cacheDirectory, `${script.replaceAll('/', '-')}.log`);
  const started = performance.now();
  const child = await startChild([process.execPath, join(scripts, script), ...words], { logFile });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  const { code } = await child.exited;
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`${script} failed with ${code}:\n${child.tail()}`);
  const seconds = (performance.now() - started) / 1000;
  if (seconds > 10) console.log(`${script}: ${seconds.toFixed(0)} s`);
}
