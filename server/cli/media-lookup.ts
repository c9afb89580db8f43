import type { MediaView } from '../http/api-media.ts';
import type { Lookup } from './find-by-name.ts';

/** How media are named on the command line. */
export const mediaLookup: Lookup<MediaView> = {
  what: 'media',
  listCommand: 'metalwright media list',
  names: ({ id, label }) => [id, label],
  label: ({ id, label }) => `"${label}" (${id})`,
};
