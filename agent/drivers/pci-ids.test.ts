import { describe, expect, it } from 'vitest';
import { baseOfId, deviceOfId, pciDeviceIds } from './pci-ids.ts';

describe('ids of PCI devices', () => {
  const facts = { vendor: '8086', device: '15f3', pciClass: '020000' };

  it('go from the board to the class, with what is known', () => {
    expect(pciDeviceIds({ ...facts, subsystem: '00008086', revision: '03' })).toEqual({
      hardwareIds: [
        'PCI\\VEN_8086&DEV_15F3&SUBSYS_00008086&REV_03',
        'PCI\\VEN_8086&DEV_15F3&SUBSYS_00008086',
        'PCI\\VEN_8086&DEV_15F3&CC_020000',
        'PCI\\VEN_8086&DEV_15F3&CC_0200',
      ],
      compatibleIds: [
        'PCI\\VEN_8086&DEV_15F3&REV_03',
        'PCI\\VEN_8086&DEV_15F3',
        'PCI\\VEN_8086&CC_020000',
        'PCI\\VEN_8086&CC_0200',
        'PCI\\VEN_8086',
        'PCI\\CC_020000',
        'PCI\\CC_0200',
      ],
    });
    expect(pciDeviceIds({ ...facts, pciClass: '' })).toEqual({
      hardwareIds: [],
      compatibleIds: ['PCI\\VEN_8086&DEV_15F3', 'PCI\\VEN_8086'],
    });
  });

  it('are read back from one of them', () => {
    const { hardwareIds, compatibleIds } = deviceOfId(
      'pci\\ven_8086&dev_15f3&subsys_00008086&rev_03',
    );
    expect(hardwareIds).toEqual([
      'PCI\\VEN_8086&DEV_15F3&SUBSYS_00008086&REV_03',
      'PCI\\VEN_8086&DEV_15F3&SUBSYS_00008086',
    ]);
    expect(compatibleIds).toContain('PCI\\VEN_8086&DEV_15F3');
    expect(deviceOfId(' ACPI\\INT34C5 ')).toEqual({
      name: 'ACPI\\INT34C5',
      hardwareIds: ['ACPI\\INT34C5'],
      compatibleIds: [],
    });
  });

  it.each([
    ['PCI\\VEN_8086&DEV_15F3&SUBSYS_00008086&REV_03', 'PCI\\VEN_8086&DEV_15F3'],
    ['usb\\vid_0bda&pid_8153&rev_3000', 'USB\\VID_0BDA&PID_8153'],
    ['HDAUDIO\\FUNC_01&VEN_10EC&DEV_0256&SUBSYS_10280A1B', 'HDAUDIO\\FUNC_01&VEN_10EC&DEV_0256'],
    ['ACPI\\INT34C5', 'ACPI\\INT34C5'],
    ['PCI\\CC_0106', 'PCI\\CC_0106'],
  ])('%s is one of %s', (id, base) => expect(baseOfId(id)).toBe(base));
});
