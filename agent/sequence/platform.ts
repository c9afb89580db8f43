import type { FirmwareKind, MachineArchitecture } from '#agent/protocol/identity.ts';
import type { Environment } from '#agent/protocol/policy.ts';
import type { NextBoot } from '#agent/protocol/run-event.ts';
import type { BitLockerCapability } from './bitlocker-capability.ts';
import type { CaptureCapability, GeneralizeCapability } from './capture-capability.ts';
import type { NetworkCapability } from './network-capability.ts';
import type { QueryCapability } from './query-capability.ts';
import type { WindowsCapability } from './windows-capability.ts';

/** What a step may ask of a machine: one small interface a capability. A step declares which it needs. */
export interface Platform {
  readonly environment: Environment;
  readonly architecture: MachineArchitecture;
  readonly firmware: FirmwareKind;
  readonly disk: DiskCapability;
  readonly image: ImageCapability;
  readonly boot: BootCapability;
  readonly process: ProcessCapability;
  readonly power: PowerCapability;
  readonly query: QueryCapability;
  /** Work on a Windows that does not run; absent where none can be worked on. */
  readonly windows?: WindowsCapability;
  /** Absent in Linux, and in a Windows PE without WinPE-SecureStartup. */
  readonly bitLocker?: BitLockerCapability;
  /** Absent where no tool for it is there. */
  readonly network?: NetworkCapability;
  /** In a PE. */
  readonly capture?: CaptureCapability;
  /** In an installed system. */
  readonly generalize?: GeneralizeCapability;
}
export type Capability =
  | 'disk'
  | 'image'
  | 'boot'
  | 'process'
  | 'power'
  | 'query'
  | 'windows'
  | 'bitLocker'
  | 'network'
  | 'capture'
  | 'generalize';

/**
 * Stable name of a volume over restarts: `gpt:<partition GUID>` or `mbr:<disk signature>-<number>`,
 * lower case. Never a device node or drive letter, which move.
 */
export type VolumeId = string;

/** How a disk is attached, in the words of the field; `other`: as the system does not say. */
export const diskBuses = [
  'nvme',
  'sata',
  'ata',
  'sas',
  'scsi',
  'raid',
  'virtio',
  'usb',
  'sd',
  'mmc',
  'iscsi',
  'fc',
  'other',
] as const;
export type DiskBus = (typeof diskBuses)[number];

export interface Disk {
  /** Number as people write it in a sequence: fixed disks in the order of the firmware or kernel. */
  readonly number: number;
  /** Stable identity: WWN, else model and serial, else the bus path. */
  readonly id: string;
  readonly model: string;
  readonly serial: string;
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  readonly readOnly: boolean;
  readonly removable: boolean;
  readonly bus?: DiskBus;
  /** The environment that runs now was started from it, or it holds the media. */
  readonly bootMedium?: boolean;
  /** Signatures found outside the partition table, `lvm2`, `linux_raid_member`, `ddf`: wiped by `partition`. */
  readonly signatures: readonly string[];
  readonly partitions: readonly Partition[];
}
export interface Partition {
  readonly number: number;
  readonly volume: VolumeId;
  readonly type: PartitionType | 'other';
  readonly label: string;
  readonly sizeBytes: number;
  readonly fileSystem: string;
  /** MBR only: the firmware starts from it. */
  readonly active?: boolean;
  /** Windows only: its drive letter now, upper case. It may be another after the next restart. */
  readonly letter?: string;
}

export const partitionTypes = [
  'efi',
  'msr',
  'primary',
  'recovery',
  'extended',
  'logical',
  'hidden',
] as const;
export type PartitionType = (typeof partitionTypes)[number];
export type FileSystem = 'ntfs' | 'fat32' | 'ext4';

export interface PartitionPlan {
  readonly type: PartitionType;
  readonly label: string;
  readonly sizeBytes: number;
  readonly active: boolean;
  readonly format: { readonly fileSystem: FileSystem; readonly quick: boolean } | null;
  /** Windows only, of primary and logical ones: whether it gets the next free drive letter. @default 'next' */
  readonly letter?: 'next' | 'none';
}

export interface DiskCapability {
  list(signal: AbortSignal): Promise<readonly Disk[]>;
  /**
   * Erases old signatures (file systems, RAID, LVM, the GPT backup), writes the table and formats.
   * Returns the partitions as read back from the disk. @throws {StepError} `disk.*`
   */
  partition(
    plan: {
      readonly disk: Disk;
      readonly style: 'gpt' | 'mbr';
      readonly partitions: readonly PartitionPlan[];
    },
    signal: AbortSignal,
  ): Promise<readonly Partition[]>;
  /** Syncs everything written to the volume and reads the file system's superblock back. */
  flush(volume: VolumeId, signal: AbortSignal): Promise<void>;
  /**
   * Bytes that are free in the file system of a volume, null for that of the system that runs; null where it
   * cannot be read: unknown, damaged, locked.
   */
  freeBytes(volume: VolumeId | null, signal: AbortSignal): Promise<number | null>;
  /** Mounts for reading and writing where the agent puts small files; unmounted when disposed. */
  mount(volume: VolumeId, signal: AbortSignal): Promise<MountedVolume>;
}
export interface MountedVolume extends AsyncDisposable {
  readonly path: string;
}

/** One object of a package that can be read anywhere; each chunk is verified before it is returned. */
export interface VerifiedObject {
  readonly path: string;
  readonly sizeBytes: number;
  read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
}

export interface StepProgress {
  readonly detail?: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

export interface ImageCapability {
  /**
   * Applies one image of a WIM to a formatted volume, deleting what is on it, streaming: no copy of the
   * WIM is made. Reads the result back. @throws {StepError} `image.*`, `content.*`
   */
  apply(
    request: {
      readonly source: VerifiedObject;
      readonly index: number;
      readonly volume: VolumeId;
      readonly fileSystem: FileSystem;
      readonly expectedBytes: number;
      /** Folders of the volume that stay, `\\UserState`; without any it may be formatted. */
      readonly keep?: readonly string[];
      /** False: what is on the volume stays. @default true */
      readonly wipe?: boolean;
    },
    signal: AbortSignal,
  ): AsyncGenerator<StepProgress, void>;
}

export interface BootCapability {
  /** Puts loader and boot entry of the OS on `osVolume` in place, and the agent that resumes the run there. */
  install(
    request: {
      readonly systemVolume: VolumeId;
      readonly osVolume: VolumeId;
      readonly os: 'linux' | 'windows';
      readonly title: string;
    },
    signal: AbortSignal,
  ): Promise<void>;
  /** Whether this machine has something to start from: M33. */
  bootable(signal: AbortSignal): Promise<boolean>;
  /**
   * Makes the next start, and only that one, be of the installed system, also where the firmware starts from the
   * network first; puts back the boot entry that the firmware has lost. Returns what was done, for the log.
   */
  startFromDisk?(signal: AbortSignal): Promise<string | undefined>;
  /** Whether the next start would be of something else than the PE, unless it is staged. @default true */
  mustStagePe?(signal: AbortSignal): Promise<boolean>;
  /** Takes away what `stagePe` left, when the run has ended; nothing where it left nothing. */
  unstagePe?(signal: AbortSignal): Promise<void>;
  /**
   * Puts the boot image on a volume of this machine and makes the next start, and only that one, start it.
   * Without it a restart to the PE relies on the firmware starting from the network.
   * @throws {StepError} `boot.stage*`
   */
  stagePe?(
    request: {
      /** A folder with the files of the boot image package: `boot.wim`, `boot.sdi`, `boot-image.json`. */
      readonly folder: string;
    },
    signal: AbortSignal,
  ): Promise<void>;
}

export interface ProcessResult {
  readonly code: number;
  /** Last 64 KiB of stdout and stderr together, as text. */
  readonly output: string;
  readonly timedOut: boolean;
}
/** Another account than the agent's own (Local System, root). */
export interface RunAs {
  /** `user`, `DOMAIN\\user`. */
  readonly user: string;
  readonly password: string;
}
export interface ProcessCapability {
  /**
   * Runs a command to its end; what it wrote is on the disk when this returns. At the time-out it is
   * killed with everything it started. Windows looks for a program without an extension as `.com`,
   * `.exe` and `.bat`, in this order, and opens what is no program by its association.
   * @throws {StepError} `process.*`, `command.run-as`
   */
  run(
    command: {
      readonly argv: readonly [string, ...string[]];
      /** What `argv` was read from: programs of Windows read their own command line, quotation marks and all. */
      readonly commandLine?: string;
      readonly cwd?: string;
      readonly environment: Readonly<Record<string, string>>;
      readonly timeoutMs?: number;
      readonly runAs?: RunAs;
    },
    signal: AbortSignal,
  ): Promise<ProcessResult>;
  /**
   * A new folder that only this account reads, and `reader` if there is one, with these files in it;
   * gone when disposed.
   */
  scratch(
    files: Readonly<Record<string, Uint8Array>>,
    signal: AbortSignal,
    reader?: RunAs,
  ): Promise<ScratchFolder>;
  /** The PowerShell of this environment, as the first words of an argv. @throws {StepError} `powershell.missing` */
  powershell(signal: AbortSignal): Promise<readonly [string, ...string[]]>;
}
export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
  /** The path of one of its files. */
  file(name: string): string;
}

export interface PowerCapability {
  /** Syncs all file systems and restarts; does not return. */
  restart(next: NextBoot): Promise<never>;
}
