import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import type { StepProgress, VerifiedObject, VolumeId } from './platform.ts';

/** What is read of a Windows that lies on a volume and does not run now. */
export interface OfflineWindowsFacts {
  readonly architecture: MachineArchitecture;
  /** `10.0.26100.1742`; without the last part where it is not known. */
  readonly version: string;
  /** EditionID of the registry, `Professional`. */
  readonly edition: string;
  /** What kind it is (`ProductOptions`); null where it does not say. */
  readonly productType: 'client' | 'server' | null;
  /** Language it was installed in, `en-US`; null where it does not say. */
  readonly language: string | null;
  /** ImageState of sysprep, `IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE`; null where it was never prepared. */
  readonly imageState: string | null;
}

export type OfflineHive = 'SYSTEM' | 'SOFTWARE';

/** One value of the registry to be set. */
export type RegistryData =
  | { readonly type: 'REG_SZ' | 'REG_EXPAND_SZ'; readonly data: string }
  | { readonly type: 'REG_DWORD'; readonly data: number }
  | { readonly type: 'REG_MULTI_SZ'; readonly data: readonly string[] }
  | { readonly type: 'REG_BINARY'; readonly data: Uint8Array };

/** A change below the root of a hive: `CurrentControlSet` stands for the set that the next start takes. */
export type RegistryEdit =
  | {
      readonly kind: 'set';
      /** `CurrentControlSet\Services\MetalwrightAgent`; made where it is missing. */
      readonly key: string;
      /** Empty: the default value. */
      readonly name: string;
      readonly value: RegistryData;
    }
  | { readonly kind: 'delete-value'; readonly key: string; readonly name: string }
  | { readonly kind: 'delete-key'; readonly key: string };

/** A device of this machine as Plug and Play names it. */
export interface HardwareDevice {
  /** For people: what the firmware or system calls it. */
  readonly name: string;
  /** Most specific first: `PCI\VEN_8086&DEV_A0EF&SUBSYS_…&REV_20`. Upper case. */
  readonly hardwareIds: readonly string[];
  /** Less specific, tried after all hardware ids. Upper case. */
  readonly compatibleIds: readonly string[];
}

/** What became of the drivers of one folder. */
export type DriverOutcome =
  /** They are in the driver store of the Windows on the volume. */
  | { readonly kind: 'in-store'; readonly added: number; readonly refused: readonly string[] }
  /** They lie in a folder of that volume, `\Windows\Metalwright\Drivers\1`, to be added in specialize. */
  | { readonly kind: 'staged'; readonly folder: string; readonly infs: number };

/** One change of the small files of a volume. Paths are `\\Windows\\Setup\\Scripts\\x.cmd`, without regard to case. */
export type FileChange =
  /** The whole file, made with its folders where they are missing. */
  | { readonly kind: 'write'; readonly path: string; readonly bytes: Uint8Array }
  /** A file, or a folder with all in it; nothing where it is not there. */
  | { readonly kind: 'remove'; readonly path: string }
  /** Replaces what is at `to`; nothing where `from` is not there. */
  | { readonly kind: 'move'; readonly from: string; readonly to: string };

/** Small files on a volume with Windows, also of the Windows that runs. */
interface WindowsFiles {
  /** Null where there is no such file. @throws {StepError} `windows.files` */
  read(
    request: { readonly volume: VolumeId; readonly path: string },
    signal: AbortSignal,
  ): Promise<Uint8Array | null>;
  /**
   * Makes the changes in their order and reads them back; they are on the disk when it returns. One that
   * was cut off may be made again. @throws {StepError} `windows.files`
   */
  change(
    request: { readonly volume: VolumeId; readonly changes: readonly FileChange[] },
    signal: AbortSignal,
  ): Promise<void>;
}

/** Work on a Windows that does not run: from Windows PE by DISM and `reg load`, from Linux PE by files and hivex. */
export interface WindowsCapability {
  /** Absent where no files can be changed. */
  readonly files?: WindowsFiles;
  /** A new password by chance, with each kind of character that Windows may ask for. */
  readonly newPassword?: () => string;
  /** @throws {StepError} `windows.none` where no Windows is on the volume, `windows.hive` */
  facts(volume: VolumeId, signal: AbortSignal): Promise<OfflineWindowsFacts>;
  /**
   * Before the first write: whether that image could be made to start on this machine, seen from the WIM
   * alone (boot-critical drivers, boot files that this firmware trusts). Absent where nothing can be said.
   * @throws {StepError} `windows.boot-driver`, `windows.boot-files`, `image.*`
   */
  checkImage?(
    request: { readonly source: VerifiedObject; readonly index: number },
    signal: AbortSignal,
  ): Promise<void>;
  /** Makes the changes and reads them back. @throws {StepError} `windows.hive`, `windows.hive-dirty` */
  editRegistry(
    request: {
      readonly volume: VolumeId;
      readonly hive: OfflineHive;
      readonly edits: readonly RegistryEdit[];
    },
    signal: AbortSignal,
  ): Promise<void>;
  /** @throws {StepError} `drivers.*` */
  addDrivers(
    request: {
      readonly volume: VolumeId;
      /** A folder of this machine with driver packages: INF files and what they name. */
      readonly folder: string;
      /** Below it too. */
      readonly recurse: boolean;
      readonly unsigned: boolean;
      /** Further options of DISM, unchecked. */
      readonly options: readonly string[];
    },
    signal: AbortSignal,
  ): AsyncGenerator<StepProgress, DriverOutcome>;
  /** The devices of this machine. */
  devices(signal: AbortSignal): Promise<readonly HardwareDevice[]>;
  /**
   * Puts the agent for Windows and its settings into `\Windows\Metalwright` of the volume; nothing starts
   * it yet. @throws {StepError} `windows.no-agent`, `windows.agent`
   */
  installAgent(
    request: { readonly volume: VolumeId; readonly architecture: MachineArchitecture },
    signal: AbortSignal,
  ): Promise<void>;
}
