import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linuxDevices } from './devices.ts';

const tree: Readonly<Record<string, string>> = {
  'pci/devices/0000:00:1f.6/vendor': '0x8086',
  'pci/devices/0000:00:1f.6/device': '0x15fb',
  'pci/devices/0000:00:1f.6/class': '0x020000',
  'pci/devices/0000:00:1f.6/revision': '0x20',
  'pci/devices/0000:00:1f.6/subsystem_vendor': '0x1028',
  'pci/devices/0000:00:1f.6/subsystem_device': '0x0a20',
  'pci/devices/0000:00:ff.0/vendor': '0x8086',
  'usb/devices/usb1/idVendor': '1d6b',
  'usb/devices/usb1/idProduct': '0002',
  'usb/devices/1-1/idVendor': '0bda',
  'usb/devices/1-1/idProduct': '8153',
  'usb/devices/1-1/bcdDevice': '3100',
  'usb/devices/1-1/product': 'USB 10/100/1000 LAN',
  'usb/devices/1-1/1-1:1.0/bInterfaceClass': 'ff',
  'usb/devices/1-1/1-1:1.0/bInterfaceSubClass': 'ff',
  'usb/devices/1-1/1-1:1.0/bInterfaceProtocol': '00',
  'usb/devices/1-2/idVendor': '046d',
  'usb/devices/1-2/idProduct': 'c52b',
  'usb/devices/1-2/bcdDevice': '1211',
  'usb/devices/1-2/bDeviceClass': '00',
  'usb/devices/1-2/bDeviceSubClass': '00',
  'usb/devices/1-2/bDeviceProtocol': '00',
  'usb/devices/1-2/1-2:1.0/bInterfaceNumber': '00',
  'usb/devices/1-2/1-2:1.1/bInterfaceNumber': '01',
  'usb/devices/1-2:1.1/bInterfaceNumber': '01',
  'usb/devices/1-2:1.1/bInterfaceClass': '03',
  'usb/devices/1-2:1.1/bInterfaceSubClass': '01',
  'usb/devices/1-2:1.1/bInterfaceProtocol': '02',
  'acpi/devices/INT34C5:00/modalias': 'acpi:INT34C5:PNP0C02:',
  'acpi/devices/INT34C5:00/status': '15',
  'acpi/devices/INT34C5:00/hrv': '18',
  'acpi/devices/ELAN0676:00/modalias': 'acpi:ELAN0676:PNP0C50:',
  'acpi/devices/ELAN0676:00/status': '0',
  'acpi/devices/LNXSYSTM:00/modalias': 'acpi:LNXSYSTM:',
  'hid/devices/0018:06CB:7E7E.0001/modalias': 'hid:b0018g0004v000006CBp00007E7E',
  'hid/devices/0003:046D:C52B.0002/modalias': 'hid:b0003g0001v0000046Dp0000C52B',
  'vmbus/devices/x/class_id': '{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f}',
};

describe('the devices of a machine as Windows names them', () => {
  let sysfs = '';
  beforeAll(async () => {
    sysfs = await mkdtemp(join(tmpdir(), 'sysfs-'));
    for (const [path, text] of Object.entries(tree)) {
      const file = join(sysfs, 'bus', path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${text}\n`);
    }
  });
  afterAll(() => rm(sysfs, { recursive: true }));

  it('reads PCI, most specific first', async () => {
    const [card, ...others] = await linuxDevices(sysfs);
    expect(card?.hardwareIds).toEqual([
      'PCI\\VEN_8086&DEV_15FB&SUBSYS_0A201028&REV_20',
      'PCI\\VEN_8086&DEV_15FB&SUBSYS_0A201028',
      'PCI\\VEN_8086&DEV_15FB&CC_020000',
      'PCI\\VEN_8086&DEV_15FB&CC_0200',
    ]);
    expect(card?.compatibleIds).toEqual([
      'PCI\\VEN_8086&DEV_15FB&REV_20',
      'PCI\\VEN_8086&DEV_15FB',
      'PCI\\VEN_8086&CC_020000',
      'PCI\\VEN_8086&CC_0200',
      'PCI\\VEN_8086',
      'PCI\\CC_020000',
      'PCI\\CC_0200',
    ]);
    expect(others.filter(({ name }) => name.startsWith('PCI'))).toEqual([]);
  });

  it('reads USB: with one interface by its class, with several each of them too', async () => {
    const devices = (await linuxDevices(sysfs)).filter(({ name }) => name.includes('USB '));
    expect(devices.map(({ hardwareIds, compatibleIds }) => [hardwareIds, compatibleIds])).toEqual([
      [
        ['USB\\VID_0BDA&PID_8153&REV_3100', 'USB\\VID_0BDA&PID_8153'],
        ['USB\\CLASS_FF&SUBCLASS_FF&PROT_00', 'USB\\CLASS_FF&SUBCLASS_FF', 'USB\\CLASS_FF'],
      ],
      [
        ['USB\\VID_046D&PID_C52B&REV_1211', 'USB\\VID_046D&PID_C52B'],
        [
          'USB\\DEVCLASS_00&SUBCLASS_00&PROT_00',
          'USB\\DEVCLASS_00&SUBCLASS_00',
          'USB\\DEVCLASS_00',
          'USB\\COMPOSITE',
        ],
      ],
      [
        ['USB\\VID_046D&PID_C52B&REV_1211&MI_01', 'USB\\VID_046D&PID_C52B&MI_01'],
        ['USB\\CLASS_03&SUBCLASS_01&PROT_02', 'USB\\CLASS_03&SUBCLASS_01', 'USB\\CLASS_03'],
      ],
    ]);
  });

  it('reads ACPI, HID and Hyper-V, but not what is absent or of Linux alone', async () => {
    const devices = await linuxDevices(sysfs);
    const ids = devices
      .filter(({ name }) => !/PCI|USB/.test(name))
      .map(({ hardwareIds, compatibleIds }) => [...hardwareIds, '', ...compatibleIds].join(' '));
    expect(ids).toEqual([
      'ACPI\\VEN_INT&DEV_34C5&REV_0012 ACPI\\VEN_INT&DEV_34C5 ACPI\\INT34C5 *INT34C5  ' +
        'ACPI\\VEN_PNP&DEV_0C02 ACPI\\PNP0C02 *PNP0C02',
      'HID\\VID_046D&PID_C52B  HID_DEVICE',
      'HID\\VEN_06CB&DEV_7E7E  HID_DEVICE',
      'VMBUS\\{BA6163D9-04A1-4D29-B605-72E2FFB1DC7F} ',
    ]);
  });

  it('finds none where there is no sysfs', async () => {
    expect(await linuxDevices(join(sysfs, 'none'))).toEqual([]);
  });
});
