import type { StepVariables } from '#agent/sequence/step-variables.ts';

/** Volumes that this run has applied images to, by blanks; `next-available` passes over them. */
const APPLIED_VOLUMES = '_OSDAppliedVolumes';

/** Volumes that images were applied to before in this run. */
export function appliedVolumes(variables: StepVariables): ReadonlySet<string> {
  return new Set((variables.value(APPLIED_VOLUMES) ?? '').split(' ').filter(Boolean));
}

/** Remembers one more of them, as the last. */
export function addAppliedVolume(variables: StepVariables, volume: string): void {
  const volumes = [...appliedVolumes(variables)].filter((other) => other !== volume);
  variables.setOwn(APPLIED_VOLUMES, [...volumes, volume].join(' '));
}
