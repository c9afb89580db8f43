import type { z } from 'zod';
import type { ActionVariables } from '#agent/sequence/step.ts';
import { ImageDestination } from './image-destination.ts';

type ImageDestination = z.output<typeof ImageDestination>;

/** `DestinationVariable` names the variable that holds the destination, in place of any other choice. */
export const destinationVariable: ActionVariables = {
  toVariables(params): Readonly<Record<string, string>> {
    const destination = ImageDestination.safeParse(params['destination']).data;
    const isNamed = typeof destination === 'object' && 'variable' in destination;
    return isNamed ? { DestinationVariable: destination.variable } : {};
  },
  override(params, preset) {
    const variable = preset('DestinationVariable');
    return variable === undefined ? params : { ...params, destination: { variable } };
  },
};

/** The destination on a simulated machine, whose volumes have no letters: the next one stands for a drive. */
export function withoutLetter(destination: ImageDestination): ImageDestination {
  const isDrive = typeof destination === 'object' && 'drive' in destination;
  return isDrive ? 'next-available' : destination;
}
