import { commandLineStep } from './command-line-step.ts';
import { configMgrStep } from './configmgr/index.ts';
import type { MapStep } from './map-step.ts';

/** Maps a step by its format and class; what nobody knows is run by its command line. */
export const mapSourceStep: MapStep = (reader) =>
  configMgrStep(reader.step.type ?? '')?.(reader) ?? commandLineStep(reader);
