import type { StepVariables } from '#agent/sequence/step-variables.ts';

/** Folders of drivers on the volume of the new Windows that Setup Windows is to have taken in, by `|`. */
const STAGED_DRIVERS = '_OSDStagedDrivers';

/** Folders of drivers that lie on the new volume and are in no driver store yet. */
export function stagedDrivers({
  variables,
}: {
  readonly variables: StepVariables;
}): readonly string[] {
  return (variables.value(STAGED_DRIVERS) ?? '').split('|').filter(Boolean);
}

/** Remembers one more of them for Setup Windows: `\Windows\Metalwright\Drivers\1`. */
export function addStagedDrivers(variables: StepVariables, folder: string): void {
  const folders = stagedDrivers({ variables }).filter((other) => other !== folder);
  variables.setOwn(STAGED_DRIVERS, [...folders, folder].join('|'));
}

/** Another image has been applied: what lay on the volume is gone. */
export function forgetStagedDrivers(variables: StepVariables): void {
  variables.setOwn(STAGED_DRIVERS, '');
}
