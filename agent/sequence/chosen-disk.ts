import type { ChosenDisk, StepId } from '#agent/protocol/run-event.ts';
import type { RunState } from './state.ts';
import { StepError } from './step-error.ts';

/**
 * A step that was cut off and runs again may find the disks in another order: it erases the one it had chosen,
 * or none. @throws {StepError} `disk.changed`
 */
export function assertSameDisk(
  { chosenDisk }: Pick<RunState, 'chosenDisk'>,
  stepId: StepId,
  disk: ChosenDisk,
): void {
  if (chosenDisk === null || chosenDisk.stepId !== stepId || chosenDisk.disk.id === disk.id) return;
  const { number, model, serial } = chosenDisk.disk;
  throw new StepError(
    'disk.changed',
    `Before it was interrupted the step had begun to erase disk ${number} (${model} ${serial}); now it would take disk ${disk.number} (${disk.model} ${disk.serial})`,
    {
      hint: 'Nothing was written to the second. Look which disk was added, removed or has failed, then deploy the machine again.',
    },
  );
}
