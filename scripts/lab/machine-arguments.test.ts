import { expect, it } from 'vitest';
import { type MachineHardware, machineArguments } from './machine-arguments.ts';

const hardware: MachineHardware = {
  mac: '52:54:00:77:00:01',
  uuid: '00000000-0000-0000-0000-000000000000',
  manufacturer: 'Acme, Inc',
  product: 'Box',
  serial: 'A1',
  secureBoot: false,
  memoryMiB: 1024,
  disk: { bus: 'virtio', image: '/d.img', readOnly: false, serial: 'D1', cache: 'unsafe' },
};
const files = {
  nvram: '/n',
  serialSocket: '/s',
  serialLog: '/l',
  qmpSocket: '/q',
  tap: 'tap0',
  intelTap: 'tap1',
  romScript: '/r',
};
const text = (change: Partial<MachineHardware> = {}) =>
  machineArguments({ ...hardware, ...change }, files, 'tcg').join(' ');

it('never sets a boot index, which would make OVMF forget the boot entry of the OS', () => {
  expect(text()).not.toContain('bootindex');
});

it("leaves network boot to the firmware's own client", () => {
  expect(text()).toContain('mac=52:54:00:77:00:01,romfile= ');
});

it('protects the variable store by SMM when Secure Boot is on', () => {
  const secure = text({ secureBoot: true });
  expect(secure).toContain('q35,smm=on');
  expect(secure).toContain('property=secure,value=on');
  expect(secure).toContain('OVMF_CODE_4M.ms.fd');
  expect(text()).not.toContain('smm=on');
});

it('doubles commas in SMBIOS strings', () => {
  expect(text()).toContain('manufacturer=Acme,, Inc,product=Box');
});

it.each(['virtio-blk-pci', 'ide-hd', 'nvme'])('puts the disk on %s', (device) => {
  const bus = ({ 'virtio-blk-pci': 'virtio', 'ide-hd': 'ahci', nvme: 'nvme' } as const)[device];
  expect(bus).toBeDefined();
  if (bus === undefined || hardware.disk === null) return;
  expect(text({ disk: { ...hardware.disk, bus } })).toContain(`${device},`);
});

it.each([
  { firmware: 'bios-rom', has: 'q35,graphics=off', hasNot: 'pflash' },
  { firmware: 'bios-rom', has: 'mac=52:54:00:77:00:01 ', hasNot: 'romfile=' },
  { firmware: 'bios-undi', has: 'ipxe.lkrn -initrd /r', hasNot: 'pflash' },
  { firmware: 'uefi-http', has: 'IPv4PXESupport,string=n', hasNot: 'graphics=off' },
  { firmware: 'arm64', has: 'AAVMF_CODE.fd', hasNot: 'q35' },
] as const)('starts by $firmware', ({ firmware, has, hasNot }) => {
  expect(text({ firmware })).toContain(has);
  expect(text({ firmware })).not.toContain(hasNot);
});

it('has a second adapter only where one is asked for', () => {
  expect(text()).not.toContain('e1000e');
  const both = text({ intelMac: '52:54:00:77:00:02' });
  expect(both).toContain('ifname=tap1');
  expect(both).toContain('e1000e,netdev=n1,mac=52:54:00:77:00:02,romfile=');
});
