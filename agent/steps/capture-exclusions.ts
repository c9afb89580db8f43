/** What no image of a captured volume has. Pure. */
import type { CapturedSystem } from '#agent/sequence/capture-capability.ts';
import { AGENT_FOLDER } from '../windows-setup/places.ts';

/** Folders of this agent and of its journal on any volume. */
const ours = ['/_SMSTaskSequence', '/metalwright'];
/** As DISM leaves them out by itself. NTFS has no case, the list of wimlib has. */
const ofWindows = [
  '/$ntfs.log',
  '/hiberfil.sys',
  '/pagefile.sys',
  '/swapfile.sys',
  '/System Volume Information',
  '/RECYCLER',
  '/$Recycle.Bin',
  '/$RECYCLE.BIN',
  '/Windows/CSC',
];
const ofLinux = [
  '/lost+found',
  '/tmp/*',
  '/var/tmp/*',
  '/swapfile',
  '/swap.img',
  '/var/log/journal/*',
  // Written again while the prepared system went down.
  '/var/lib/systemd/random-seed',
  '/var/lib/systemd/credential.secret',
  '/var/lib/dhcp/*',
  '/var/lib/dhclient/*',
  '/var/lib/dhcpcd/*',
  '/var/lib/NetworkManager/*.lease',
  '/var/lib/NetworkManager/timestamps',
];
/** The agent in an installed Linux, with its settings and packages. */
const agentInLinux = [
  '/opt/metalwright',
  '/etc/metalwright',
  '/etc/systemd/system/metalwright-agent.service',
  '/etc/systemd/system/multi-user.target.wants/metalwright-agent.service',
  '/var/cache/metalwright',
];
const agentInWindows = [AGENT_FOLDER.replaceAll('\\', '/'), '/Windows/ccmcache'];

/** Paths from the root of a volume; `/tmp/*` leaves the folder. @param own what else lies there, the image itself */
export function exclusionsFor(
  system: CapturedSystem | null,
  own: readonly string[],
): readonly string[] {
  const paths = [...ours, ...own];
  switch (system?.kind) {
    case 'windows':
      return [...paths, ...ofWindows, ...agentInWindows];
    case 'linux':
      return [...paths, ...ofLinux, ...agentInLinux, ...system.swapFiles];
    case undefined:
      return [...paths, ...ofWindows];
  }
}
