import { IsoError } from './iso-error.ts';
import type { IsoEntry } from './iso-file.ts';

/** What of Windows media is looked for. */
export type WindowsMediaFile = 'install' | 'boot';

const names: Readonly<Record<WindowsMediaFile, readonly string[]>> = {
  install: ['install.wim', 'install.esd'],
  boot: ['boot.wim'],
};

/**
 * The WIM or ESD of Windows media: `sources/install.wim`, or below a folder of one architecture
 * (`x64/sources/install.esd`) on media for two.
 *
 * @param path where `wanted` lies inside, when more than one would do
 * @throws {IsoError} `iso.no-image`, `iso.several-images`, `iso.split-image`
 */
export function findWindowsImage(
  entries: readonly IsoEntry[],
  wanted: WindowsMediaFile,
  path?: string,
): IsoEntry {
  if (path !== undefined) {
    const key = keyOf(path);
    const named = entries.find((entry) => keyOf(entry.path) === key);
    if (named !== undefined) return named;
    const wims = entries.filter((entry) => /\.(wim|esd)$/i.test(entry.path));
    throw new IsoError('iso.no-image', `There is no ${path} on the disc image`, {
      hint: `It has ${wims.map((entry) => entry.path).join(', ') || 'no WIM at all'}.`,
    });
  }
  const found = entries.filter(({ path: own }) =>
    names[wanted].some((name) => new RegExp(`^(x64/|x86/|arm64/)?sources/${name}$`, 'i').test(own)),
  );
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined)
    throw new IsoError(
      'iso.several-images',
      `The disc image has ${found.map((entry) => entry.path).join(' and ')}`,
      { hint: 'Say which with --path-in-iso.' },
    );
  const split = entries.find((entry) => /(^|\/)sources\/install\d*\.swm$/i.test(entry.path));
  if (split !== undefined && wanted === 'install')
    throw new IsoError('iso.split-image', `The disc image has a split WIM, ${split.path}`, {
      hint: 'Copy the parts out and join them: wimlib-imagex join install.wim install*.swm',
    });
  throw new IsoError(
    'iso.no-image',
    `There is no sources/${names[wanted].join(' or ')} on the disc image`,
    {
      hint: 'Name an ISO with Windows, or say where its WIM lies with --path-in-iso.',
    },
  );
}

function keyOf(path: string): string {
  return path.replaceAll('\\', '/').replace(/^\/+/, '').toLowerCase();
}
