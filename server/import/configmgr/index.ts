import type { MapStep } from '../map-step.ts';
import { generalSteps } from './general.ts';

/** Configuration Manager's classes, without `SMS_TaskSequence_` and `Action`, by their steps here. */
export const configMgrSteps: Readonly<Record<string, MapStep>> = {
  ...generalSteps,
};
