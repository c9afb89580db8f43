import { count } from '../parts/format.ts';

/** Words of packages, images and applications. */
export const contentText = {
  title: 'Content',
  text: 'What task sequences install, apply and copy, and which distribution points have it.',
  packages: 'Packages, images and applications',
  search: 'Name, id or kind',
  more: (number: number) => `${count(number, 'more is', 'more are')} not shown: search.`,
  empty: {
    title: 'There is no such package',
    text: 'What task sequences install, apply and copy is added by the command line:',
    command: 'metalwright package add ./tools --name Tools',
  },
  kinds: {
    'os-image': 'OS image',
    'boot-image': 'boot image',
    'driver-package': 'driver package',
    package: 'package',
    application: 'application',
  } as Readonly<Record<string, string>>,
  noFiles: 'no files',
  damaged: 'damaged',
  everywhere: 'everywhere',
  without: (number: number) => `${number} without`,
  secret: 'secret',
  version: (version: number, size: string) => `version ${version}${size === '' ? '' : `, ${size}`}`,
  older: (versions: string) => `runs still need ${versions}`,
  places: {
    off: ' (switched off)',
    all: 'all of it',
    version: (version: number) => `version ${version}`,
    damaged: (detail: string) => `damaged, ${detail || 'no reason told'}`,
    missing: 'not there',
    only: (versions: string) => `version ${versions} only`,
  },
  placesOf: (name: string) => `Where ${name} is`,
} as const;
