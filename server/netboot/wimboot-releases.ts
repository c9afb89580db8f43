import type { Sha256 } from '#agent/protocol/identity.ts';

/** A file that iPXE's project has released, by its hash. */
export interface KnownRelease {
  readonly file: 'ipxe' | 'wimboot';
  readonly name: string;
  readonly sha256: string;
}

/**
 * Releases whose hashes several independent projects have published alike. iPXE is built by everybody for
 * himself and has none: its hash is named when it is added. Never take a line in here from one source.
 */
const knownReleases: readonly KnownRelease[] = [
  {
    file: 'wimboot',
    name: 'wimboot 2.9.0',
    sha256: '5f067ccdc4d084d5bf77b6c853bd0f8402dfc2b4cd1b103d358993ae97fae8e3',
  },
];

/** What a file of that hash is; undefined when nobody has vouched for it. */
export function vouchedFor(
  file: KnownRelease['file'],
  sha256: Sha256,
  named: readonly Sha256[],
): string | undefined {
  const release = knownReleases.find((one) => one.file === file && one.sha256 === sha256);
  return (
    release?.name ?? (named.includes(sha256) ? `${file} of the hash that was named` : undefined)
  );
}
