import type { MapStep } from '../map-step.ts';
import { diskSteps } from './disks.ts';
import { driverSteps } from './drivers.ts';
import { generalSteps } from './general.ts';
import { imageSteps } from './images.ts';
import { settingsSteps } from './settings.ts';
import { softwareSteps } from './software.ts';
import { userStateSteps } from './user-state.ts';

/** Configuration Manager's classes, without `SMS_TaskSequence_` and `Action`, by their steps here. */
export const configMgrSteps: Readonly<Record<string, MapStep>> = {
  ...generalSteps,
  ...softwareSteps,
  ...diskSteps,
  ...userStateSteps,
  ...imageSteps,
  ...driverSteps,
  ...settingsSteps,
};

const byClass: ReadonlyMap<string, MapStep> = new Map(
  Object.entries(configMgrSteps).map(([name, map]) => [name.toLowerCase(), map]),
);

/** The class of a step without prefix and suffix, whatever their case: `Reboot`. */
export function configMgrClass(type: string): string {
  return type
    .trim()
    .replace(/^SMS_TaskSequence_/i, '')
    .replace(/(?<=.)Action$/i, '');
}

/** How a step of that class is mapped, found without case; undefined where nobody here knows it. */
export function configMgrStep(type: string): MapStep | undefined {
  return byClass.get(configMgrClass(type).toLowerCase());
}
