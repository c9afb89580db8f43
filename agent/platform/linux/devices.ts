import { join } from 'node:path';
import { pciDeviceIds } from '../../drivers/pci-ids.ts';
import type { HardwareDevice } from '../../sequence/windows-capability.ts';
import { namesIn, readNumber, readText } from './sysfs.ts';

const MAX_DEVICES = 4096;

/**
 * The devices of this machine with the ids that Windows would give them, from sysfs: PCI, USB, ACPI, HID and
 * the bus of Hyper-V. Devices below others that Linux has no driver for are not seen, as in Windows PE.
 * @param sysfs the folder, `/sys`
 */
export async function linuxDevices(sysfs: string): Promise<HardwareDevice[]> {
  const buses = [
    { bus: 'pci', read: pciDevice },
    { bus: 'usb', read: usbDevice },
    { bus: 'acpi', read: acpiDevice },
    { bus: 'hid', read: hidDevice },
    { bus: 'vmbus', read: vmbusDevice },
  ];
  const found: HardwareDevice[] = [];
  for (const { bus, read } of buses) {
    const folder = join(sysfs, 'bus', bus, 'devices');
    for (const name of await namesIn(folder)) {
      const device = await read(join(folder, name), name);
      if (device !== null && found.length < MAX_DEVICES) found.push(device);
    }
  }
  return found;
}

async function pciDevice(folder: string, name: string): Promise<HardwareDevice | null> {
  const vendor = await hex(folder, 'vendor', 4);
  const device = await hex(folder, 'device', 4);
  const pciClass = await hex(folder, 'class', 6);
  if (vendor === null || device === null || pciClass === null) return null;
  const revision = (await hex(folder, 'revision', 2)) ?? '00';
  const subsystem = `${(await hex(folder, 'subsystem_device', 4)) ?? '0000'}${
    (await hex(folder, 'subsystem_vendor', 4)) ?? '0000'
  }`;
  return {
    name: `PCI ${name}, ${vendor}:${device}, class ${pciClass}`,
    ...pciDeviceIds({ vendor, device, pciClass, subsystem, revision }),
  };
}

/** "Identifiers for USB Devices": a device with several interfaces is a composite one, each of them a device too. */
async function usbDevice(folder: string, name: string): Promise<HardwareDevice | null> {
  if (name.includes(':')) return usbInterface(folder, name);
  const id = await usbId(folder);
  // Host controllers' root hubs are made by the system.
  if (id === null || /^usb\d+$/.test(name)) return null;
  const product = (await readText(join(folder, 'product'))) ?? 'USB device';
  const interfaces = (await namesIn(folder)).filter((each) => each.startsWith(`${name}:`));
  const isComposite = interfaces.length > 1;
  const single = isComposite ? undefined : interfaces[0];
  const classes =
    single === undefined
      ? await usbClass(folder, 'bDevice', 'DevClass')
      : await usbClass(join(folder, single), 'bInterface', 'Class');
  return {
    name: `${product}, USB ${name}`,
    hardwareIds: [`${id.device}&REV_${id.revision}`, id.device],
    compatibleIds: isComposite ? [...classes, 'USB\\COMPOSITE'] : classes,
  };
}

async function usbInterface(folder: string, name: string): Promise<HardwareDevice | null> {
  const parent = join(folder, '..', name.replace(/:.*$/, ''));
  const siblings = (await namesIn(parent)).filter((each) =>
    each.startsWith(`${name.replace(/:.*$/, '')}:`),
  );
  const id = await usbId(parent);
  const number = await hex(folder, 'bInterfaceNumber', 2);
  if (id === null || number === null || siblings.length < 2) return null;
  return {
    name: `Interface ${number} of USB ${name}`,
    hardwareIds: [`${id.device}&REV_${id.revision}&MI_${number}`, `${id.device}&MI_${number}`],
    compatibleIds: await usbClass(folder, 'bInterface', 'Class'),
  };
}

async function usbId(folder: string): Promise<{ device: string; revision: string } | null> {
  const vendor = await hex(folder, 'idVendor', 4);
  const product = await hex(folder, 'idProduct', 4);
  if (vendor === null || product === null) return null;
  const revision = (await hex(folder, 'bcdDevice', 4)) ?? '0000';
  return { device: `USB\\VID_${vendor}&PID_${product}`, revision };
}

async function usbClass(folder: string, prefix: string, word: string): Promise<string[]> {
  const main = await hex(folder, `${prefix}Class`, 2);
  const sub = await hex(folder, `${prefix}SubClass`, 2);
  const protocol = await hex(folder, `${prefix}Protocol`, 2);
  if (main === null || sub === null || protocol === null) return [];
  return [
    `USB\\${word.toUpperCase()}_${main}&SUBCLASS_${sub}&PROT_${protocol}`,
    `USB\\${word.toUpperCase()}_${main}&SUBCLASS_${sub}`,
    `USB\\${word.toUpperCase()}_${main}`,
  ];
}

/** `acpi:INT34C5:PNP0C02:`: the hardware id, then the compatible ones. Those of Linux alone are left out. */
async function acpiDevice(folder: string, name: string): Promise<HardwareDevice | null> {
  const ids = ((await readText(join(folder, 'modalias'))) ?? '')
    .replace(/^acpi:/, '')
    .split(':')
    .filter((id) => /^(?:[A-Z@]{3}|[A-Z0-9]{4})[0-9A-F]{4}$/i.test(id) && !id.startsWith('LNX'));
  const [first, ...others] = ids;
  const status = await readText(join(folder, 'status'));
  // Bit 0 of _STA: present.
  const isAbsent = status !== null && Number(status) % 2 === 0;
  if (first === undefined || isAbsent) return null;
  // Decimal, unlike all the others.
  const revision = await readNumber(join(folder, 'hrv'));
  const [long = ''] = acpiIds(first);
  return {
    name: `ACPI ${name}`,
    hardwareIds: [
      ...(revision === null ? [] : [`${long}&REV_${upperHex(revision)}`]),
      ...acpiIds(first),
    ],
    compatibleIds: others.flatMap(acpiIds),
  };
}

function acpiIds(id: string): string[] {
  const upper = id.toUpperCase();
  const vendor = upper.slice(0, -4);
  return [`ACPI\\VEN_${vendor}&DEV_${upper.slice(-4)}`, `ACPI\\${upper}`, `*${upper}`];
}

/** `hid:b0018g0004v000006CBp00007E7E`: on USB by VID and PID, elsewhere (I2C is 0018) by VEN and DEV. */
async function hidDevice(folder: string, name: string): Promise<HardwareDevice | null> {
  const modalias = (await readText(join(folder, 'modalias'))) ?? '';
  const [, bus, vendor = '', product = ''] =
    /^hid:b([0-9A-F]{4})g[0-9A-F]{4}v0000([0-9A-F]{4})p0000([0-9A-F]{4})$/i.exec(modalias) ?? [];
  if (bus === undefined) return null;
  const id =
    bus === '0018'
      ? `HID\\VEN_${vendor}&DEV_${product}`.toUpperCase()
      : `HID\\VID_${vendor}&PID_${product}`.toUpperCase();
  return { name: `HID ${name}`, hardwareIds: [id], compatibleIds: ['HID_DEVICE'] };
}

async function vmbusDevice(folder: string, name: string): Promise<HardwareDevice | null> {
  const id = (await readText(join(folder, 'class_id')))?.toUpperCase();
  if (id === undefined || !/^\{[0-9A-F-]{36}\}$/.test(id)) return null;
  return { name: `Hyper-V ${name}`, hardwareIds: [`VMBUS\\${id}`], compatibleIds: [] };
}

/** A number of sysfs, `0x8086` or `8086`, as upper-case hex digits; null where it is not there. */
async function hex(folder: string, file: string, digits: number): Promise<string | null> {
  const text = (await readText(join(folder, file)))?.replace(/^0x/, '') ?? '';
  return /^[0-9a-f]{1,8}$/i.test(text)
    ? text.toUpperCase().padStart(digits, '0').slice(-digits)
    : null;
}

function upperHex(number: number): string {
  return number.toString(16).toUpperCase().padStart(4, '0');
}
