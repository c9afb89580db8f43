import type { Platform } from '../sequence/platform.ts';
import { runErrorOf } from './run-step.ts';
import type { RunSetup } from './setup.ts';

/** Before a restart to the disk. What does not work is no failure: the server sends the machine on to its disk. */
export async function startFromDisk(
  { boot }: Pick<Platform, 'boot'>,
  observer: Pick<RunSetup['observer'], 'log' | 'warn'> | undefined,
  signal: AbortSignal,
): Promise<void> {
  try {
    const done = await boot.startFromDisk?.(signal);
    if (done !== undefined) observer?.log(done, 'Engine');
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = runErrorOf(error);
    observer?.warn(`The next start could not be set to the disk: ${code}: ${message}`, 'Engine');
  }
}
