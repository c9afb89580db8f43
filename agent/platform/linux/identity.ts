import { readdir, readFile, stat } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { basename, join } from 'node:path';
import {
  type FirmwareKind,
  isPlaceholderGuid,
  MacAddress,
  type MachineArchitecture,
  type MachineIdentity,
  SmbiosGuid,
  type UnclaimedDevice,
} from '../../protocol/identity.ts';
import { makersText } from '../makers-text.ts';
import { needsDriver } from '../pci-class.ts';

const SECURE_BOOT = 'firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';

/**
 * Reads who this machine is from the kernel's sysfs. The kernel has the SMBIOS UUID in reading order
 * already. @param sys `/sys`; @param bootMac put first when it is one of this machine's
 */
export async function readIdentity(
  sys: string,
  bootMac: string | undefined,
): Promise<MachineIdentity> {
  const dmi = async (name: string): Promise<string | null> =>
    makersText(await line(join(sys, 'class/dmi/id', name)));
  const firmware: FirmwareKind = (await exists(join(sys, 'firmware/efi'))) ? 'uefi' : 'bios';
  const guid = SmbiosGuid.safeParse(await line(join(sys, 'class/dmi/id/product_uuid')));
  return {
    smbiosGuid: guid.success && !isPlaceholderGuid(guid.data) ? guid.data : null,
    macAddresses: await macAddresses(sys, bootMac),
    serialNumber: await dmi('product_serial'),
    assetTag: await dmi('chassis_asset_tag'),
    manufacturer: await dmi('sys_vendor'),
    model: await dmi('product_name'),
    architecture: architectureOf(process.arch),
    firmware,
    secureBoot: await secureBoot(sys),
    memoryBytes: totalmem(),
    unclaimedDevices: await unclaimedDevices(sys),
  };
}

/** A name for the machine that a journal belongs to, stable over reboots and over its NICs' order. */
export function machineKey(identity: MachineIdentity): string {
  if (identity.smbiosGuid !== null) return `guid:${identity.smbiosGuid}`;
  if (identity.serialNumber !== null)
    return `serial:${identity.manufacturer ?? ''}:${identity.serialNumber}`.slice(0, 300);
  return `macs:${[...identity.macAddresses].sort().join(',')}`.slice(0, 300);
}

function architectureOf(arch: string): MachineArchitecture {
  if (arch === 'arm64') return 'arm64';
  return arch === 'ia32' ? 'x86' : 'x64';
}

/** Of hardware only: bridges, bonds, VLANs and the like have no `device`. */
async function macAddresses(sys: string, bootMac: string | undefined): Promise<MacAddress[]> {
  const found = new Set<MacAddress>();
  const folder = join(sys, 'class/net');
  for (const name of await readdir(folder).catch(() => [])) {
    if (!(await exists(join(folder, name, 'device')))) continue;
    if ((await line(join(folder, name, 'type'))) !== '1') continue;
    const mac = MacAddress.safeParse(await line(join(folder, name, 'address')));
    if (mac.success && !/^(00:){5}00$|^(ff:){5}ff$/.test(mac.data)) found.add(mac.data);
  }
  const boot = MacAddress.safeParse(bootMac);
  const first = [...found].filter((mac) => boot.success && mac === boot.data);
  return [...new Set([...first, ...found])].slice(0, 64);
}

async function secureBoot(sys: string): Promise<boolean> {
  // Four bytes of attributes, then the value.
  const bytes = await readFile(join(sys, SECURE_BOOT)).catch(() => undefined);
  return bytes?.[4] === 1;
}

async function unclaimedDevices(sys: string): Promise<UnclaimedDevice[]> {
  const folder = join(sys, 'bus/pci/devices');
  const found: UnclaimedDevice[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (await exists(join(path, 'driver'))) continue;
    const hex = async (file: string): Promise<string> =>
      (await line(join(path, file)))?.replace(/^0x/, '').toLowerCase() ?? '';
    const pciClass = await hex('class');
    if (pciClass.length !== 6 || !needsDriver(pciClass)) continue;
    const revision = await hex('revision');
    const subsystem = `${await hex('subsystem_device')}${await hex('subsystem_vendor')}`;
    found.push({
      vendor: await hex('vendor'),
      device: await hex('device'),
      pciClass,
      ...(/^[0-9a-f]{8}$/.test(subsystem) ? { subsystem } : {}),
      ...(/^[0-9a-f]{2}$/.test(revision) ? { revision } : {}),
    });
  }
  return found.slice(0, 256);
}

/** Bus path of a block device, for disks without WWN and serial: `pci0000:00/0000:00:1f.2/ata1/…`. */
export function busPathFrom(link: string): string {
  const [, devices = link] = link.split('/devices/');
  return devices.replace(/\/block\/.*$/, '') || basename(link);
}

async function line(path: string): Promise<string | undefined> {
  return (await readFile(path, 'utf8').catch(() => undefined))?.trim();
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
