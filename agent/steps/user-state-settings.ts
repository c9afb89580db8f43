/** Settings that Capture User State and Restore User State have in common. */

import { z } from 'zod';
import { ContentReference } from '#agent/sequence/references.ts';
import { oneOf } from './one-of.ts';
import { LineText } from './program-settings.ts';
import { textList } from './text-list.ts';
import { trueOrFalse } from './true-or-false.ts';

/** To be spread into the params of a step. */
export const userStateSettings = {
  package: ContentReference.meta({
    title: 'User state migration tool package',
    description: 'The package of USMT; it needs no program.',
  }),
  mode: oneOf(['simple', 'advanced']).default('simple').meta({
    title: 'User profiles',
    description:
      'simple: all user profiles with standard options. advanced: as the configuration files say.',
  }),
  configFiles: textList(z.string().trim().min(1).max(255), 100).default([]).meta({
    title: 'Configuration files',
    description: 'XML files of the package, for advanced alone: MigUser.xml.',
  }),
  verboseLogging: trueOrFalse().default(false).meta({ title: 'Enable verbose logging' }),
  additionalOptions: LineText.max(4000).default('').meta({
    title: 'Additional options',
    description: 'For ScanState or LoadState, put behind the others, unchecked.',
  }),
};

/** Whether the settings are those that configuration files go with. */
export function isAdvanced({ mode }: { readonly [setting: string]: unknown }): boolean {
  return userStateSettings.mode.safeParse(mode).data === 'advanced';
}

/** The fault of configuration files that nothing reads. */
export function configFilesFault(settings: {
  readonly mode: string;
  readonly configFiles: readonly string[];
}): { readonly code: 'custom'; readonly path: ['mode']; readonly message: string } | undefined {
  if (settings.configFiles.length === 0 || isAdvanced(settings)) return undefined;
  return {
    code: 'custom',
    path: ['mode'],
    message: 'configuration files go with advanced',
  };
}
