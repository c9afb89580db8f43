import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { NetworkInterfaceInfo } from 'node:os';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { laptopTable } from '../smbios/testing.ts';
import type { DiskFacts } from './disk-scan.ts';
import type { InventorySources } from './inventory.ts';
import { processorRows } from './inventory-processor.ts';
import { readFirmware } from './inventory-smbios.ts';
import { linuxQuery } from './query.ts';

const { signal } = new AbortController();
const disk: DiskFacts = {
  path: '/dev/sda',
  id: 'x',
  model: 'WDC WD5000',
  serial: 'WD-1',
  sizeBytes: 500_107_862_016,
  sectorBytes: 512,
  readOnly: false,
  removable: false,
  transport: 'sata',
};
const address: NetworkInterfaceInfo = {
  address: '192.0.2.7',
  netmask: '255.255.254.0',
  family: 'IPv4',
  mac: '52:54:00:12:34:56',
  internal: false,
  cidr: '192.0.2.7/23',
};
const cpu = (processor: number, socket: number, core: number): string =>
  `processor\t: ${processor}\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 158\n` +
  `model name\t: Intel(R) Core(TM) i7-8850H CPU @ 2.60GHz\nstepping\t: 10\ncpu MHz\t\t: 900.021\n` +
  `physical id\t: ${socket}\ncore id\t\t: ${core}\nflags\t\t: fpu vmx hypervisor\n\n`;

const NET = 'sys/devices/pci0000:00/0000:00:03.0';
const tree: Readonly<Record<string, string>> = {
  'etc/os-release':
    '# comment\nPRETTY_NAME="Debian GNU/Linux 12 (\\"bookworm\\")"\nVERSION_ID="12"\nID=debian\n',
  'proc/cpuinfo': cpu(0, 0, 0) + cpu(1, 0, 0) + cpu(2, 1, 0) + cpu(3, 1, 4),
  'proc/meminfo': 'MemTotal:       16384000 kB\nMemFree: 1 kB\n',
  'proc/net/route':
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n' +
    'eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n' +
    'eth0\t000200C0\t00000000\t0001\t0\t0\t100\t00FEFFFF\t0\t0\t0\n',
  'proc/net/ipv6_route': `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth0\n`,
  [`${NET}/vendor`]: '0x8086\n',
  [`${NET}/device`]: '0x10d3\n',
  [`${NET}/subsystem_vendor`]: '0x1af4\n',
  [`${NET}/subsystem_device`]: '0x1100\n',
  [`${NET}/revision`]: '0x03\n',
  'sys/class/net/eth0/type': '1\n',
  'sys/class/net/eth0/ifindex': '2\n',
  'sys/class/net/eth0/address': '52:54:00:12:34:56\n',
  'sys/class/net/eth0/speed': '1000\n',
  'sys/class/net/eth0/carrier': '1\n',
  'sys/class/net/br0/type': '1\n',
  'sys/class/power_supply/AC/type': 'Mains\n',
  'sys/class/power_supply/AC/online': '1\n',
  'sys/class/power_supply/BAT0/type': 'Battery\n',
  'sys/class/power_supply/BAT0/status': 'Charging\n',
  'sys/class/power_supply/BAT0/capacity': '81\n',
  'sys/class/power_supply/BAT0/technology': 'Li-poly\n',
  'sys/class/power_supply/mouse/type': 'Battery\n',
  'sys/class/power_supply/mouse/scope': 'Device\n',
  'sys/class/tpm/tpm0/tpm_version_major': '2\n',
  'sys/firmware/acpi/pm_profile': '2\n',
};

let root = '';
let sources: InventorySources;
async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'inventory-'));
  for (const [path, content] of Object.entries(tree)) await put(path, content);
  await put(`${NET}/virtio0/vendor`, '0x1af4');
  await symlink(join(root, NET, 'virtio0'), join(root, 'sys/class/net/eth0/device'));
  await symlink('../../bus/pci', join(root, NET, 'subsystem'));
  await symlink('../../bus/virtio', join(root, NET, 'virtio0/subsystem'));
  await put('sys/firmware/dmi/tables/DMI', laptopTable());
  const facp = Buffer.alloc(36);
  facp.write('FACP', 0);
  facp.write('DELL  ', 10);
  facp.writeUInt32LE(0x1072009, 24);
  await put('sys/firmware/acpi/tables/FACP', facp);
});
afterAll(async () => rm(root, { recursive: true, force: true }));
beforeEach(() => {
  sources = {
    root,
    architecture: 'x64',
    hostName: 'minint-7',
    firmware: async () => readFirmware(join(root, 'sys')),
    disks: async () => [disk],
    networkInterfaces: () => ({ eth0: [address] }),
    log: () => {},
  };
});

describe('M03 the inventory of a machine in the words of WMI, read in Linux', () => {
  it('tells system, processors and the operating system', async () => {
    const inventory = await linuxQuery(sources).inventory(signal);
    expect(inventory['Win32_ComputerSystem']?.[0]).toMatchObject({
      Name: 'MININT-7',
      Manufacturer: 'Acme Inc.',
      Model: 'Latitude 5530 ',
      PCSystemType: 2,
      TotalPhysicalMemory: '16777216000',
      NumberOfProcessors: 2,
      NumberOfLogicalProcessors: 4,
      HypervisorPresent: true,
    });
    expect(inventory['Win32_Processor']).toMatchObject([
      {
        Name: 'Intel(R) Core(TM) i7-8850H CPU @ 2.60GHz',
        Caption: 'Intel64 Family 6 Model 158 Stepping 10',
        NumberOfCores: 1,
        NumberOfLogicalProcessors: 2,
        MaxClockSpeed: 2600,
        Architecture: 9,
        ProcessorId: 'BFEBFBFF000906EA',
      },
      { NumberOfCores: 2, ProcessorId: null },
    ]);
    expect(inventory['Win32_BIOS']?.[0]).toMatchObject({ Version: 'DELL   - 1072009' });
    expect(inventory['Win32_OperatingSystem']?.[0]).toMatchObject({
      Caption: 'Debian GNU/Linux 12 ("bookworm")',
      Version: '12',
      OSArchitecture: '64-bit',
    });
    expect(await linuxQuery(sources).system(signal)).toMatchObject({
      family: 'linux',
      version: '12',
    });
  });

  it('tells disks with sizes in whole cylinders, as Windows does', async () => {
    const inventory = await linuxQuery(sources).inventory(signal);
    expect(inventory['Win32_DiskDrive']).toEqual([
      expect.objectContaining({
        Index: 0,
        Size: '500105249280',
        InterfaceType: 'IDE',
        MediaType: 'Fixed hard disk media',
      }),
    ]);
  });

  it('tells adapters of hardware, with addresses and gateways', async () => {
    const inventory = await linuxQuery(sources).inventory(signal);
    expect(inventory['Win32_NetworkAdapter']).toEqual([
      expect.objectContaining({
        NetConnectionID: 'eth0',
        MACAddress: '52:54:00:12:34:56',
        Speed: '1000000000',
        NetConnectionStatus: 2,
        PNPDeviceID: 'PCI\\VEN_8086&DEV_10D3&SUBSYS_11001AF4&REV_03',
      }),
    ]);
    expect(inventory['Win32_NetworkAdapterConfiguration']).toEqual([
      expect.objectContaining({
        IPEnabled: true,
        IPAddress: ['192.0.2.7'],
        IPSubnet: ['255.255.254.0'],
        DefaultIPGateway: ['192.0.2.1', 'fe80::1'],
      }),
    ]);
  });

  it('tells TPM and the machine’s own battery', async () => {
    const inventory = await linuxQuery(sources).inventory(signal);
    expect(inventory['Win32_Tpm']).toEqual([
      expect.objectContaining({ SpecVersion: '2.0, 0', IsEnabled_InitialValue: true }),
    ]);
    expect(inventory['Win32_Battery']).toEqual([
      expect.objectContaining({ BatteryStatus: 2, EstimatedChargeRemaining: 81, Chemistry: 8 }),
    ]);
  });

  it('reads hardware once, network and batteries each time', async () => {
    let listed = 0;
    let plugged = true;
    const query = linuxQuery({
      ...sources,
      disks: async () => {
        listed += 1;
        return [disk];
      },
      networkInterfaces: () => (plugged ? { eth0: [address] } : {}),
    });
    await query.inventory(signal);
    plugged = false;
    await put('sys/class/power_supply/BAT0/status', 'Discharging\n');
    const inventory = await query.inventory(signal);
    await put('sys/class/power_supply/BAT0/status', 'Charging\n');
    expect(listed).toBe(1);
    expect(inventory['Win32_Battery']?.[0]).toMatchObject({ BatteryStatus: 1 });
    expect(inventory['Win32_NetworkAdapterConfiguration']?.[0]).toMatchObject({
      IPEnabled: false,
      IPAddress: null,
    });
  });

  it('knows a machine of which it can read nothing, without inventing anything', async () => {
    const empty = { ...sources, root: join(root, 'nothing'), networkInterfaces: () => ({}) };
    const told: string[] = [];
    const inventory = await linuxQuery({
      ...empty,
      firmware: async () => readFirmware(join(empty.root, 'sys')),
      disks: async () => {
        throw new Error('no lsblk');
      },
      log: (message) => told.push(message),
    }).inventory(signal);
    expect(inventory['Win32_BIOS']).toBeUndefined();
    expect(inventory['Win32_DiskDrive']).toBeUndefined();
    expect(inventory['Win32_Tpm']).toEqual([]);
    expect(inventory['Win32_Battery']).toEqual([]);
    expect(inventory['Win32_ComputerSystem']?.[0]).toMatchObject({ Model: null });
    expect(told.join()).toContain('no lsblk');
  });

  it('reads any cpuinfo to an end', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ':', '\n', ' ', 'processor') }),
        (text) => {
          processorRows({ cpuinfo: text, architecture: 'x86', baseKhz: null, smbios: [] });
        },
      ),
    );
  });
});
