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
  /** Real-time clock at power-on, `2003-01-01T00:00:00`; the host's clock when absent. */
  readonly clock?: string;
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
}

const OVMF = '/usr/share/OVMF';
/** OVMF's build with Secure Boot needs SMM, or the guest could rewrite the variables (OVMF README). */
const firmware = {
  secure: { code: `${OVMF}/OVMF_CODE_4M.ms.fd`, variables: `${OVMF}/OVMF_VARS_4M.ms.fd` },
  plain: { code: `${OVMF}/OVMF_CODE_4M.fd`, variables: `${OVMF}/OVMF_VARS_4M.fd` },
};

/** The firmware's initial variable store: with Microsoft's keys enrolled for Secure Boot. */
export function initialNvram(secureBoot: boolean): string {
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
  const { code } = secureBoot ? firmware.secure : firmware.plain;
  const sockets = 'server=on,wait=off';
  const options: (readonly [string, string])[] = [
    ['-display', 'none'],
    ['-device', 'VGA'],
    ['-machine', secureBoot ? 'q35,smm=on' : 'q35'],
    ['-accel', accelerator === 'tcg' ? 'tcg,thread=multi' : accelerator],
    ['-cpu', accelerator === 'kvm' ? 'host' : 'max'],
    ['-smp', String(hardware.processors ?? 2)],
    ['-m', String(hardware.memoryMiB)],
    ...(secureBoot ? smmOptions : []),
    ['-drive', `if=pflash,format=raw,readonly=on,file=${code}`],
    ['-drive', `if=pflash,format=raw,file=${files.nvram}`],
    ['-uuid', hardware.uuid],
    ['-smbios', smbiosSystem(hardware)],
    ['-netdev', `tap,id=n0,ifname=${files.tap},script=no,downscript=no`],
    ['-device', `virtio-net-pci,netdev=n0,mac=${hardware.mac},romfile=`],
    ...intelOptions(hardware.intelMac, files.intelTap),
    ...(disk === null ? [] : diskOptions(disk)),
    [
      '-chardev',
      `socket,id=s0,path=${files.serialSocket},${sockets},logfile=${files.serialLog},logappend=on`,
    ],
    ['-serial', 'chardev:s0'],
    ['-qmp', `unix:${files.qmpSocket},${sockets}`],
    ...(clock === undefined ? [] : [['-rtc', `base=${clock},clock=vm`] as const]),
  ];
  return ['qemu-system-x86_64', '-nodefaults', '-no-user-config', ...options.flat()];
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
