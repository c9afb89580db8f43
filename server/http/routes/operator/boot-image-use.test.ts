import { describe, expect, it } from 'vitest';
import { DeviceId, PackageId } from '#agent/protocol/identity.ts';
import { SiteSettings } from '../../../store/settings.ts';
import { bootImageUses } from './boot-image-use.ts';

const id = PackageId.parse('MW100001');
const other = PackageId.parse('MW100002');
const device = { id: DeviceId.parse('00000000-0000-4000-8000-000000000001'), name: 'PC01' };
const usesWith = (
  settings: Partial<SiteSettings>,
  chains: Parameters<typeof bootImageUses>[1]['chains'] = [],
) =>
  bootImageUses(id, {
    settings: { ...SiteSettings.parse({}), ...settings },
    chains,
    devices: [device],
  });

describe('M53 who is set to start a boot image', () => {
  it('is nobody while nothing is set, or something else', () => {
    expect(usesWith({})).toEqual([]);
    expect(usesWith({ bootImage: other, chain: { bootImage: other } })).toEqual([]);
  });

  it('is unknown machines only while they are answered and all machines have none set', () => {
    const unknown = [{ scope: 'unknown', label: '' }];
    expect(usesWith({ bootImage: id })).toEqual(unknown);
    expect(usesWith({ bootImage: id, unknownMachines: 'deploy' })).toEqual(unknown);
    expect(usesWith({ bootImage: id, unknownMachines: 'ignore' })).toEqual([]);
    expect(usesWith({ bootImage: id, chain: { bootImage: null } })).toEqual([]);
    expect(usesWith({ bootImage: id, chain: { bootImage: id } })).toEqual([
      { scope: 'all', label: '' },
    ]);
  });

  it('names models as they were written, and devices, also one that has no record any more', () => {
    const gone = '00000000-0000-4000-8000-000000000002';
    const settings = { bootImage: id };
    const uses = usesWith({}, [
      { scope: 'device', key: device.id, label: '', settings },
      { scope: 'device', key: gone, label: '', settings },
      { scope: 'model', key: 'acme box', label: 'Acme Box', settings },
      { scope: 'model', key: 'acme old', label: 'Acme Old', settings: { bootImage: other } },
    ]);
    expect(uses).toEqual([
      { scope: 'device', label: 'PC01' },
      { scope: 'device', label: gone },
      { scope: 'model', label: 'Acme Box' },
    ]);
  });
});
