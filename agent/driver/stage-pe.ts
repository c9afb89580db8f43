import type { RunError } from '../protocol/run-event.ts';
import { runErrorOf } from './run-step.ts';
import type { RunSetup } from './setup.ts';

/**
 * Puts the boot image of the run onto a disk of the machine, to start next, where the firmware would start
 * something else; returns why the machine must not be restarted then. A machine that is in the PE may have come
 * there by the network, and come so again: there a failure is told, and the restart made.
 */
export async function stagePe(
  {
    grant,
    platform,
    content,
    observer,
  }: Pick<RunSetup, 'content'> & {
    readonly grant: Pick<RunSetup['grant'], 'bootImage' | 'content'>;
    readonly platform: Pick<RunSetup['platform'], 'environment' | 'boot'>;
    readonly observer: Pick<RunSetup['observer'], 'waiting' | 'warn'>;
  },
  signal: AbortSignal,
): Promise<RunError | undefined> {
  const { bootImage } = grant;
  const { boot, environment } = platform;
  // A grant of an older server names none; one that is not there was told before the first step.
  if (boot.stagePe === undefined || bootImage === undefined) return undefined;
  if (grant.content[bootImage]?.kind !== 'found') return undefined;
  try {
    if ((await boot.mustStagePe?.(signal)) === false) return undefined;
    observer.waiting('Putting the boot image onto the disk');
    await boot.stagePe({ folder: await content.folder(bootImage, signal) }, signal);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const failure = runErrorOf(error);
    if (environment === 'full-os') return failure;
    observer.warn(
      `The boot image is not on the disk: ${failure.code}: ${failure.message}`,
      'Engine',
    );
    return undefined;
  } finally {
    observer.waiting(undefined);
  }
}
