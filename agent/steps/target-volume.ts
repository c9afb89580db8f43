import type { VolumeId } from '#agent/sequence/platform.ts';
import { StepError } from '#agent/sequence/step-error.ts';
import type { StepVariables } from '#agent/sequence/step-variables.ts';

/** Volume of the operating system that this run applied last. Its letter moves, this does not. */
const TARGET_VOLUME = '_OSDTargetVolume';

/** Remembers where an operating system was applied, for the steps that set it up. */
export function setTargetVolume(variables: StepVariables, volume: VolumeId): void {
  variables.setOwn(TARGET_VOLUME, volume);
}

/** Volume of the operating system that this run applied last. @throws {StepError} `image.none-applied` */
export function targetVolume({ variables }: { readonly variables: StepVariables }): VolumeId {
  const volume = variables.value(TARGET_VOLUME);
  if (volume !== undefined) return volume;
  throw new StepError(
    'image.none-applied',
    'There is no operating system to work on: this run has applied none yet',
    { hint: 'Put an apply-image step before this one.', exitCode: 0x80070490 },
  );
}
