import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { markPath } from '#media/manifest.ts';
import { runCommand } from '../platform/linux/process.ts';
import { StepError } from '../sequence/step.ts';
import type { MediaFolder } from '../transport/media-chunks.ts';

/** What no media are. */
const NO_MEDIA = /^(?:loop|ram|zram|fd|dm-|md)/;

/** Media that an installed system looks for when it first needs them. */
export interface FoundMedia extends AsyncDisposable {
  readonly folder: MediaFolder;
}

/** Finds media by their id on the disks, sticks and discs of this Linux, and mounts them at `place`, read-only. */
export function findMedia(
  { id, label }: { readonly id: string; readonly label: string },
  { place, devices = '/sys/class/block' }: { readonly place: string; readonly devices?: string },
): FoundMedia {
  let isMounted = false;
  const unmount = async (): Promise<void> => {
    await runCommand({ argv: ['umount', place] }, AbortSignal.timeout(30_000));
  };
  const mountIt = async (device: string, signal: AbortSignal): Promise<boolean> => {
    // A stick of which a partition is mounted already can be mounted by a loop device alone.
    for (const options of ['ro', 'ro,loop']) {
      const argv = ['mount', '-t', 'iso9660,vfat', '-o', options, device, place] as const;
      if ((await runCommand({ argv }, signal)).code === 0) return true;
    }
    return false;
  };
  return {
    async folder(signal) {
      if (isMounted) return place;
      await mkdir(place, { recursive: true });
      for (const name of await readdir(devices).catch(() => [])) {
        if (NO_MEDIA.test(name)) continue;
        if (!(await mountIt(`/dev/${name}`, signal))) continue;
        if (await stat(join(place, markPath(id))).catch(() => undefined)) {
          isMounted = true;
          return place;
        }
        await unmount();
      }
      throw new StepError(
        'content.unreachable',
        `The media "${label}" are on no disk, stick or disc of this machine`,
        { hint: 'They are needed until the run has ended: plug them in again.' },
      );
    },
    async [Symbol.asyncDispose]() {
      if (isMounted) await unmount().catch(() => {});
    },
  };
}
