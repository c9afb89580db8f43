/**
 * The order in which a Windows PE loads drivers. Storage first, since a disk may be behind it; a RAID
 * controller (Intel RST) before VMD, whose driver finds its disks only then; then the chips that others
 * hang on, USB, and networks. Pure.
 */

/** What an INF says of itself, as far as it matters here. */
export interface InfClass {
  /** Class of its [Version] section, `SCSIAdapter`. */
  readonly className: string;
  /** Its file name and names of services, by which RST and VMD are known. */
  readonly text: string;
}

const ranks: readonly (readonly [name: string, fits: (inf: InfClass) => boolean])[] = [
  ['rst', ({ className, text }) => isStorage(className) && /iastor(?!vd)/i.test(text)],
  ['storage', ({ className, text }) => isStorage(className) && !/vmd|iastorvd/i.test(text)],
  ['vmd', ({ className }) => isStorage(className)],
  ['system', ({ className }) => /^system$/i.test(className)],
  ['usb', ({ className }) => /^usb/i.test(className)],
  ['net', ({ className }) => /^net/i.test(className)],
];

function isStorage(className: string): boolean {
  return /^(scsiadapter|hdc|diskdrive|volume)$/i.test(className);
}

/** Where an INF belongs: its rank, from 0, and what the rank is called; what is none of them comes last. */
export function driverRank(inf: InfClass): { readonly rank: number; readonly name: string } {
  const rank = ranks.findIndex(([, fits]) => fits(inf));
  return rank === -1
    ? { rank: ranks.length, name: 'other' }
    : { rank, name: ranks[rank]?.[0] ?? 'other' };
}
