import { commandLineStep } from './command-line-step.ts';
import { configMgrSteps } from './configmgr/index.ts';
import type { MapStep } from './map-step.ts';

const byClass: ReadonlyMap<string, MapStep> = new Map(
  Object.entries(configMgrSteps).map(([name, map]) => [name.toLowerCase(), map]),
);

/** Maps a step by its format and class; what nobody knows is run by its command line. */
export const mapSourceStep: MapStep = (reader) => {
  const { type = '' } = reader.step;
  const name = type.replace(/^.*SMS_TaskSequence_/i, '').replace(/Action$/i, '');
  return byClass.get(name.toLowerCase())?.(reader) ?? commandLineStep(reader);
};
