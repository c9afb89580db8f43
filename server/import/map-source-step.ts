import { commandLineStep } from './command-line-step.ts';
import { configMgrStep } from './configmgr/index.ts';
import type { MapStep } from './map-step.ts';
import { describeScript } from './mdt/describe-script.ts';
import { mapMdtStep } from './mdt/index.ts';

/**
 * Maps a step: by the script or class of MDT, else by its class; what nobody knows is run by its command
 * line. A step without a description gets one that the name of its script proposes.
 */
export const mapSourceStep: MapStep = (reader) => {
  const { type = '', action, description } = reader.step;
  const mapped = mapMdtStep(reader) ?? configMgrStep(type)?.(reader) ?? commandLineStep(reader);
  if (description.trim() !== '' || mapped.description !== undefined) return mapped;
  const line = reader.step.variables.find(({ property }) => property === 'CommandLine')?.value;
  const proposed = describeScript(line ?? action) ?? describeScript(action);
  return proposed === undefined ? mapped : { ...mapped, description: proposed };
};
