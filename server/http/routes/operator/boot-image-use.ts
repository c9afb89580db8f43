import type { PackageId } from '#agent/protocol/identity.ts';
import type { Device } from '../../../inventory/device.ts';
import type { BootChain } from '../../../store/boot-chains.ts';
import type { SiteSettings } from '../../../store/settings.ts';
import type { BootImageUse } from '../../api-boot-images.ts';

/** What a site says of who starts what. */
interface Wishes {
  readonly settings: Pick<SiteSettings, 'unknownMachines' | 'bootImage' | 'chain'>;
  readonly chains: readonly BootChain[];
  readonly devices: readonly Pick<Device, 'id' | 'name'>[];
}

/**
 * Who is set to start a boot image. That of unknown machines counts only while they are answered and all
 * machines have none set, which goes before it (`bootWish`).
 */
export function bootImageUses(
  id: PackageId,
  { settings, chains, devices }: Wishes,
): BootImageUse[] {
  const uses: BootImageUse[] = [];
  const ofAll = settings.chain.bootImage;
  if (ofAll === id) uses.push({ scope: 'all', label: '' });
  if (ofAll === undefined && settings.bootImage === id && settings.unknownMachines !== 'ignore')
    uses.push({ scope: 'unknown', label: '' });
  for (const { scope, key, label, settings: own } of chains) {
    if (own.bootImage !== id) continue;
    const name = devices.find((device) => device.id === key)?.name;
    uses.push({ scope, label: scope === 'model' ? label : (name ?? key) });
  }
  return uses;
}
