import type { MappedStep, MapStep } from './map-step.ts';
import { placeholder } from './placeholder.ts';
import type { StepReader } from './step-reader.ts';

/** Values of attributes that say nothing: what a step does anyway. */
const quiet: Readonly<Record<string, readonly string[]>> = {
  expand: ['true', 'false'],
  successCodeList: ['0', '0 3010'],
  successCodes: ['0', '0 3010'],
  retryCount: ['0'],
  runFromNet: ['false'],
};

/** The same for variables of a step, by their properties, lower case. */
const quietVariables: ReadonlyMap<string, readonly string[]> = new Map([
  ['applicationsuccesscodes', ['0', '0 3010']],
  ['disablewow64redirection', ['false']],
  ['loadprofile', ['false']],
  ['runasuser', ['false']],
  ['successcodes', ['0', '0 3010']],
]);

/** Maps a step; what goes wrong with it is a reason to keep it disabled, and stops nothing else. */
export function mapStepSafely(reader: StepReader, mapStep: MapStep): MappedStep {
  const mapped = attempt(reader, mapStep);
  for (const [name, values] of Object.entries(quiet)) {
    const written = Object.entries(reader.step.attributes).find(
      ([key]) => key.toLowerCase() === name.toLowerCase(),
    );
    if (written !== undefined && values.includes(written[1].trim().toLowerCase()))
      reader.attribute(name);
  }
  for (const { name, property = name, value } of reader.step.variables)
    if (quietVariables.get(property.toLowerCase())?.includes(value.trim().toLowerCase()) === true)
      reader.ignore(property);
  return mapped;
}

function attempt(reader: StepReader, mapStep: MapStep): MappedStep {
  try {
    return mapStep(reader);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return placeholder(reader.step, `It could not be read: ${message}`);
  }
}
