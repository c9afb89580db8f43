/** Hardware of a virtual machine. What identifies it goes into SMBIOS, as a vendor's firmware would. */
export interface MachineHardware {
  readonly mac: string;
  /** SMBIOS system UUID; all zero as some boards have it. */
  readonly uuid: string;
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
  readonly secureBoot: boolean;
  readonly memoryMiB: number;
  readonly disk: DiskHardware | null;
  /** A second adapter, Intel's 82574L, that Windows has a driver for and OVMF has none. */
  readonly intelMac?: string;
  /** Processors; 2 when absent. */
  readonly processors?: number;
  /** What starts it from the network; `uefi-pxe` when absent. */
  readonly firmware?: LabFirmware;
  /** Of a BIOS: the network before the disk. */
  readonly networkFirst?: boolean;
  /** What it may start from beside its disk and the network. */
  readonly media?: MediaHardware;
  /** False: it has no network adapter at all. */
  readonly network?: boolean;
  /** A processor that QEMU names, where it is not to be all that there is. */
  readonly processor?: 'qemu32';
  /** Real-time clock at power-on, `2003-01-01T00:00:00`; the host's clock when absent. */
  readonly clock?: string;
}
/**
 * `uefi-http`: UEFI HTTP Boot alone. `bios-rom`: SeaBIOS and the adapter's own ROM, which is iPXE.
 * `bios-undi`: an iPXE that calls itself something else, in the place of a maker's ROM. `bios`: SeaBIOS that starts
 * nothing from the network. `arm64`: UEFI of ARM64.
 */
export type LabFirmware = 'uefi-pxe' | 'uefi-http' | 'bios-rom' | 'bios-undi' | 'bios' | 'arm64';

/** A disc in a drive, or a USB stick. */
export interface MediaHardware {
  readonly image: string;
  readonly as: 'disc' | 'stick';
}

export interface DiskHardware {
  readonly bus: 'virtio' | 'ahci' | 'nvme';
  readonly image: string;
  readonly readOnly: boolean;
  readonly serial: string;
  /** `unsafe` never syncs to the host; `none` where what reached the disk at a power cut is the point. */
  readonly cache: 'unsafe' | 'none';
}

/** Files and sockets of one machine. */
export interface MachineFiles {
  /** Copy of the firmware's variable store, kept between power-ons. */
  readonly nvram: string;
  readonly serialSocket: string;
  readonly serialLog: string;
  readonly qmpSocket: string;
  readonly tap: string;
  /** Of the second adapter. */
  readonly intelTap: string;
  /** Script for the stand-in of a maker's ROM. */
  readonly romScript: string;
}

/**
 * All that QEMU emulates but what it emulates slowly: OpenSSL takes these where they are there, and hashes 12 MB/s then in
 * the place of 47 (SHA-256, QEMU 7.2).
 */
const EMULATED_PROCESSOR = 'max,sha-ni=off,avx2=off';
const OVMF = '/usr/share/OVMF';
const AAVMF = '/usr/share/AAVMF';
const IPXE = '/usr/lib/ipxe';
/** OVMF's build with Secure Boot needs SMM, or the guest could rewrite the variables (OVMF README). */
const firmware = {
  secure: { code: `${OVMF}/OVMF_CODE_4M.ms.fd`, variables: `${OVMF}/OVMF_VARS_4M.ms.fd` },
  plain: { code: `${OVMF}/OVMF_CODE_4M.fd`, variables: `${OVMF}/OVMF_VARS_4M.fd` },
};

/** What the stand-in of a maker's ROM does: it boots as any ROM, and does not say that it is iPXE. */
export const ROM_SCRIPT = '#!ipxe\nset user-class Maker\nautoboot\n';

/** The firmware's initial variable store: with Microsoft's keys enrolled for Secure Boot. */
export function initialNvram({
  secureBoot,
  firmware: kind,
}: Pick<MachineHardware, 'secureBoot' | 'firmware'>): string {
  if (kind === 'arm64') return `${AAVMF}/AAVMF_VARS.fd`;
  return (secureBoot ? firmware.secure : firmware.plain).variables;
}

/**
 * Command line of QEMU for one power-on. No `bootindex`: it would make OVMF rewrite its boot order at
 * each start, so the entry that the OS wrote would be lost; an empty disk falls through to PXE by itself.
 * `romfile=` leaves network boot to the firmware's own PXE client.
 */
export function machineArguments(
  hardware: MachineHardware,
  files: MachineFiles,
  accelerator: string,
): [string, ...string[]] {
  const { secureBoot, disk, clock } = hardware;
  const kind = hardware.firmware ?? 'uefi-pxe';
  if (kind === 'arm64') return armArguments(hardware, files);
  const { code } = secureBoot ? firmware.secure : firmware.plain;
  const isBios = ['bios-rom', 'bios-undi', 'bios'].includes(kind);
  // Without a graphics card SeaBIOS writes to the serial port.
  const board = isBios ? 'q35,graphics=off' : 'q35';
  const options: (readonly [string, string])[] = [
    ['-display', 'none'],
    ...(isBios ? [] : [['-device', 'VGA'] as const]),
    ['-machine', secureBoot ? 'q35,smm=on' : board],
    ['-accel', accelerator === 'tcg' ? 'tcg,thread=multi' : accelerator],
    ['-cpu', hardware.processor ?? (accelerator === 'kvm' ? 'host' : EMULATED_PROCESSOR)],
    ['-smp', String(hardware.processors ?? 2)],
    ['-m', String(hardware.memoryMiB)],
    ...(secureBoot ? smmOptions : []),
    ...(isBios ? [] : flash(code, files.nvram)),
    ...bootOptions(kind, files),
    ['-uuid', hardware.uuid],
    ['-smbios', smbiosSystem(hardware)],
    ...(hardware.network === false ? [] : networkOptions(hardware.mac, kind, files)),
    ...(hardware.media === undefined ? [] : mediaOptions(hardware.media, isBios)),
    ...intelOptions(hardware.intelMac, files.intelTap),
    ...(disk === null ? [] : diskOptions(disk)),
    ...(hardware.networkFirst === true ? [['-boot', 'order=nc'] as const] : []),
    ...consoles(files),
    ...(clock === undefined ? [] : [['-rtc', `base=${clock},clock=vm`] as const]),
  ];
  return ['qemu-system-x86_64', '-nodefaults', '-no-user-config', ...options.flat()];
}

function networkOptions(
  mac: string,
  kind: LabFirmware,
  { tap }: MachineFiles,
): (readonly [string, string])[] {
  const rom = kind === 'bios-rom' ? '' : ',romfile=';
  return [
    ['-netdev', `tap,id=n0,ifname=${tap},script=no,downscript=no`],
    ['-device', `virtio-net-pci,netdev=n0,mac=${mac}${rom}`],
  ];
}

/** A BIOS starts from them first, as where somebody chose them: it keeps no boot order that could be lost. */
function mediaOptions(
  { image, as }: MediaHardware,
  isBios: boolean,
): (readonly [string, string])[] {
  const first = isBios ? ',bootindex=0' : '';
  const drive = `if=none,id=m0,file=${image},format=raw,cache=unsafe`;
  if (as === 'disc')
    return [
      ['-drive', `${drive},readonly=on`],
      ['-device', `ide-cd,drive=m0${first}`],
    ];
  return [
    ['-device', 'qemu-xhci'],
    ['-drive', drive],
    ['-device', `usb-storage,drive=m0,removable=on,serial=LABSTICK1${first}`],
  ];
}

/** UEFI of ARM64 on QEMU's own board; it starts from the network as x64 does. */
function armArguments(
  { uuid, memoryMiB, mac, ...hardware }: MachineHardware,
  files: MachineFiles,
): [string, ...string[]] {
  const options: (readonly [string, string])[] = [
    ['-display', 'none'],
    ['-machine', 'virt'],
    ['-accel', 'tcg,thread=multi'],
    ['-cpu', 'cortex-a57'],
    ['-smp', '1'],
    ['-m', String(memoryMiB)],
    ...flash(`${AAVMF}/AAVMF_CODE.fd`, files.nvram),
    ['-uuid', uuid],
    ['-smbios', smbiosSystem({ ...hardware, uuid, memoryMiB, mac })],
    ['-netdev', `tap,id=n0,ifname=${files.tap},script=no,downscript=no`],
    ['-device', `virtio-net-pci,netdev=n0,mac=${mac},romfile=`],
    ...consoles(files),
  ];
  return ['qemu-system-aarch64', '-nodefaults', '-no-user-config', ...options.flat()];
}

function flash(code: string, variables: string): (readonly [string, string])[] {
  return [
    ['-drive', `if=pflash,format=raw,readonly=on,file=${code}`],
    ['-drive', `if=pflash,format=raw,file=${variables}`],
  ];
}

function bootOptions(
  kind: LabFirmware,
  { romScript }: MachineFiles,
): (readonly [string, string])[] {
  if (kind === 'uefi-http')
    return ['IPv4PXESupport', 'IPv6PXESupport'].map(
      (name) => ['-fw_cfg', `name=opt/org.tianocore/${name},string=n`] as const,
    );
  if (kind !== 'bios-undi') return [];
  return [
    ['-kernel', `${IPXE}/ipxe.lkrn`],
    ['-initrd', romScript],
  ];
}

function consoles({ serialSocket, serialLog, qmpSocket }: MachineFiles) {
  const sockets = 'server=on,wait=off';
  return [
    ['-chardev', `socket,id=s0,path=${serialSocket},${sockets},logfile=${serialLog},logappend=on`],
    ['-serial', 'chardev:s0'],
    ['-qmp', `unix:${qmpSocket},${sockets}`],
  ] as const;
}

/** Without SMM the guest could write the variable store behind the firmware's back. */
const smmOptions = [
  ['-global', 'driver=cfi.pflash01,property=secure,value=on'],
  ['-global', 'ICH9-LPC.disable_s3=1'],
] as const;

function intelOptions(mac: string | undefined, tap: string): (readonly [string, string])[] {
  if (mac === undefined) return [];
  return [
    ['-netdev', `tap,id=n1,ifname=${tap},script=no,downscript=no`],
    ['-device', `e1000e,netdev=n1,mac=${mac},romfile=`],
  ];
}

function smbiosSystem({ manufacturer, product, serial }: MachineHardware): string {
  return `type=1,manufacturer=${quote(manufacturer)},product=${quote(product)},serial=${quote(serial)}`;
}

function diskOptions(disk: DiskHardware): (readonly [string, string])[] {
  const readOnly = disk.readOnly ? ',readonly=on' : '';
  const drive = `if=none,id=d0,file=${disk.image},format=raw,cache=${disk.cache},discard=unmap${readOnly}`;
  const devices = {
    virtio: [`virtio-blk-pci,drive=d0,serial=${disk.serial}`],
    ahci: ['ich9-ahci,id=ahci0', `ide-hd,drive=d0,bus=ahci0.0,serial=${disk.serial}`],
    nvme: [`nvme,drive=d0,serial=${disk.serial}`],
  }[disk.bus];
  return [['-drive', drive], ...devices.map((device) => ['-device', device] as const)];
}

/** QEMU takes a comma inside a value when it is doubled. */
function quote(value: string): string {
  return value.replaceAll(',', ',,');
}
