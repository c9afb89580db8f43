import type { Disk } from '../../../sequence/platform.ts';
import { StepError } from '../../../sequence/step-error.ts';
import type { WindowsMachineParts } from '../parts.ts';
import type { ScannedDisk } from './drives.ts';

/** What a disk is partitioned with. */
export interface PartitionTools {
  readonly parts: Pick<WindowsMachineParts, 'runTool' | 'scratch' | 'log' | 'systemRoot'> & {
    readonly restingMs?: number;
    readonly appearsMs?: number;
  };
  readonly scan: () => readonly ScannedDisk[];
  readonly beforeErase: (disk: Disk) => Promise<void>;
  readonly setLabel: (volume: string, label: string) => void;
}

/** The number must still be that disk's. @throws {StepError} `diskpart.other-disk` */
export function assertSame(found: ScannedDisk, { scan }: PartitionTools): ScannedDisk {
  const { number, id, model, sizeBytes } = found.disk;
  const now = scan().find(({ disk }) => disk.number === number);
  if (now?.disk.id === id && now.disk.sizeBytes === sizeBytes) return now;
  throw new StepError(
    'diskpart.other-disk',
    `Disk ${number} is not the disk that was chosen (${model}, ${id}): it is ${now ? `${now.disk.model}, ${now.disk.id}` : 'gone'}`,
    { hint: 'A disk was plugged in or removed meanwhile: run the step again.' },
  );
}

/** diskpart ended, and did not do what it was to. */
export function notWritten({ disk }: ScannedDisk, why: string): StepError {
  return new StepError('disk.not-written', `Disk ${disk.number} (${disk.model}): ${why}`, {
    exitCode: 0x8007001d,
    hint: 'The disk may be write-protected or failing; what diskpart printed is in the log of the run.',
  });
}
