import { isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { join } from 'node:path';
import type { WmiInventory, WmiRow } from '../../sequence/query-capability.ts';
import { exists, linkName, namesIn, readNumber, readText } from './sysfs.ts';

export type NetworkInterfaces = Readonly<
  Record<string, readonly NetworkInterfaceInfo[] | undefined>
>;

const ETHERNET = '1';
const MAX_INTERFACES = 256;
/** Route flag: by way of a gateway (linux/route.h). */
const RTF_GATEWAY = 0x2;

/**
 * `Win32_NetworkAdapter` and `_NetworkAdapterConfiguration` of the hardware there is: bridges, bonds and
 * the like are left out. Whether an address came by DHCP the kernel does not know: `DHCPEnabled` is null.
 */
export async function networkInventory(
  roots: { readonly sys: string; readonly proc: string; readonly hostName: string },
  interfaces: NetworkInterfaces,
): Promise<WmiInventory> {
  const gateways = await defaultGateways(roots.proc);
  const adapters: WmiRow[] = [];
  const configurations: WmiRow[] = [];
  for (const name of (await namesIn(join(roots.sys, 'class/net'))).slice(0, MAX_INTERFACES)) {
    const folder = join(roots.sys, 'class/net', name);
    if (!(await exists(join(folder, 'device')))) continue;
    if ((await readText(join(folder, 'type'))) !== ETHERNET) continue;
    const shared = {
      Index: adapters.length,
      InterfaceIndex: await readNumber(join(folder, 'ifindex')),
      Description: await description(folder, name),
      ServiceName: await linkName(join(folder, 'device/driver')),
      MACAddress: (await readText(join(folder, 'address')))?.toUpperCase() ?? null,
    };
    adapters.push({ ...shared, ...(await adapterState(folder, name)) });
    const addresses = interfaces[name] ?? [];
    const own = gateways.filter((gateway) => gateway.name === name);
    configurations.push({
      ...shared,
      IPEnabled: addresses.length > 0,
      IPAddress: orNull(addresses.map(({ address }) => address)),
      IPSubnet: orNull(
        addresses.map(({ family, netmask, cidr }) =>
          family === 'IPv4' ? netmask : (cidr?.split('/')[1] ?? ''),
        ),
      ),
      DefaultIPGateway: orNull(own.map(({ address }) => address)),
      DHCPEnabled: null,
      DNSHostName: roots.hostName,
    });
  }
  return { Win32_NetworkAdapter: adapters, Win32_NetworkAdapterConfiguration: configurations };
}

/** WMI has no empty arrays there. */
function orNull(texts: readonly string[]): readonly string[] | null {
  return texts.length === 0 ? null : texts;
}

async function adapterState(folder: string, name: string): Promise<WmiRow> {
  const megabits = await readNumber(join(folder, 'speed'));
  const carrier = await readNumber(join(folder, 'carrier'));
  const connected = carrier === 1;
  return {
    Name: await description(folder, name),
    NetConnectionID: name,
    AdapterType: 'Ethernet 802.3',
    PhysicalAdapter: true,
    // 2: connected; 7: media disconnected.
    NetConnectionStatus: connected ? 2 : 7,
    NetEnabled: connected,
    // A link that is down has -1.
    Speed: megabits === null || megabits <= 0 ? null : String(megabits * 1_000_000),
    PNPDeviceID: await pnpDeviceId(join(folder, 'device')),
  };
}

async function description(folder: string, name: string): Promise<string> {
  const driver = await linkName(join(folder, 'device/driver'));
  return driver === null ? name : `${driver} (${name})`;
}

/** `PCI\VEN_8086&DEV_100E&SUBSYS_11001AF4&REV_03`, as far as Windows' name for it is the hardware's. */
async function pnpDeviceId(own: string): Promise<string | null> {
  // A virtio adapter stands on a bus of its own, behind its PCI device; `..` is of what the link leads to.
  const device = (await isPci(own)) ? own : `${own}/..`;
  if (!(await isPci(device))) return null;
  const hex = async (file: string, digits: number): Promise<string | null> => {
    const [, value] =
      /^0x([0-9a-f]{1,8})$/i.exec((await readText(`${device}/${file}`)) ?? '') ?? [];
    return value?.toUpperCase().padStart(digits, '0') ?? null;
  };
  const vendor = await hex('vendor', 4);
  const id = await hex('device', 4);
  if (vendor === null || id === null) return null;
  const subsystem = `${(await hex('subsystem_device', 4)) ?? '0000'}${(await hex('subsystem_vendor', 4)) ?? '0000'}`;
  const revision = (await hex('revision', 2)) ?? '00';
  return `PCI\\VEN_${vendor}&DEV_${id}&SUBSYS_${subsystem}&REV_${revision}`;
}

async function isPci(device: string): Promise<boolean> {
  return (await linkName(`${device}/subsystem`)) === 'pci';
}

/** Default routes out of the kernel's tables: no program is needed that a small PE may not have. */
async function defaultGateways(proc: string): Promise<{ name: string; address: string }[]> {
  const found: { name: string; address: string }[] = [];
  for (const line of ((await readText(join(proc, 'net/route'))) ?? '').split('\n')) {
    const [name = '', destination, gateway = '', flags = '0', , , , mask] = line
      .trim()
      .split(/\s+/);
    const isDefault = destination === '00000000' && mask === '00000000';
    if (!isDefault || (Number.parseInt(flags, 16) & RTF_GATEWAY) === 0) continue;
    const bytes = gateway.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? [];
    // As a number of this machine, which is little-endian.
    found.push({ name, address: bytes.reverse().join('.') });
  }
  for (const line of ((await readText(join(proc, 'net/ipv6_route'))) ?? '').split('\n')) {
    const [destination = '', prefix, , , gateway = '', , , , flags = '0', name = ''] = line
      .trim()
      .split(/\s+/);
    const isDefault = /^0{32}$/.test(destination) && prefix === '00';
    if (!isDefault || (Number.parseInt(flags, 16) & RTF_GATEWAY) === 0) continue;
    const address = gateway.match(/.{4}/g)?.join(':') ?? '';
    // A URL's host is written the short way (RFC 5952).
    if (isIPv6(address))
      found.push({ name, address: new URL(`http://[${address}]`).hostname.slice(1, -1) });
  }
  return found;
}
