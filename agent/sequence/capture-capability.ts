import type { MachineArchitecture } from '#agent/protocol/identity.ts';
import type { StepProgress, VolumeId } from './platform.ts';

/** Why a volume cannot be captured as it is. */
export type CaptureProblem = 'hibernated' | 'dirty' | 'bitlocker' | 'luks';

/** An operating system that lies on a volume and does not run. */
export type CapturedSystem =
  | {
      readonly kind: 'windows';
      readonly architecture: MachineArchitecture;
      /** `10.0.26100.1742` */
      readonly version: string;
      /** EditionID, `Professional`. */
      readonly edition: string;
      /** Sysprep's ImageState; null where it says none. */
      readonly imageState: string | null;
    }
  | {
      readonly kind: 'linux';
      readonly architecture: MachineArchitecture | null;
      /** PRETTY_NAME of os-release. */
      readonly name: string;
      /** Files that make it this one machine, `/etc/machine-id`: none where it was prepared. */
      readonly identity: readonly string[];
      /** Swap files of its fstab, from the root. */
      readonly swapFiles: readonly string[];
    };

/** What a volume is to a capture; read, and nothing changed. */
export interface CaptureState {
  readonly problem: CaptureProblem | null;
  /** Null where there is none, or it was not looked at because of the problem. */
  readonly system: CapturedSystem | null;
}

/** One image of a WIM that is to be written. */
export interface ImageToCapture {
  readonly volume: VolumeId;
  readonly system: CapturedSystem | null;
  /** No other image of the WIM has it. */
  readonly name: string;
  readonly description: string;
  /** Elements of its XML, `METALWRIGHT/VERSION`; where the tool can write any. */
  readonly properties: Readonly<Record<string, string>>;
  /** Paths from the root of the volume that are left out, with all below: `/tmp/*` leaves the folder. */
  readonly exclude: readonly string[];
}

/** Making images of the volumes of a machine whose system does not run: in a PE. */
export interface CaptureCapability {
  /** @throws {StepError} `disk.*`, `windows.hive` */
  inspect(volume: VolumeId, signal: AbortSignal): Promise<CaptureState>;
  /**
   * Writes a WIM with one image a volume, in their order, beside `file`, reads it back, and puts it in the
   * place of what is there: a capture that was cut off leaves the old one. Returns its size.
   * @throws {StepError} `capture.*`
   */
  capture(
    request: {
      /** As this agent opens it. */
      readonly file: string;
      /** The volume of this machine that the file is on; null where it is on none. */
      readonly fileVolume: VolumeId | null;
      readonly images: readonly ImageToCapture[];
    },
    signal: AbortSignal,
  ): AsyncGenerator<StepProgress, { readonly sizeBytes: number }>;
  /** Bytes of a file that a capture has left; null where there is none. */
  size(file: string, signal: AbortSignal): Promise<number | null>;
  remove(file: string, signal: AbortSignal): Promise<void>;
}

/** Making the operating system that runs one that can be put on any machine. */
export interface GeneralizeCapability {
  /** Takes away what the clients on it are known by. Returns what was done, for the log. @throws {StepError} `capture.*` */
  forgetClient(
    request: {
      /** The client itself too, where it can remove itself. */
      readonly uninstall: boolean;
    },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /**
   * Sysprep; in Linux the files are removed that name this one machine. May be run again. Returns the folder of
   * the system, `C:\Windows`. @throws {StepError} `capture.*`
   */
  generalize(
    request: { readonly keepActivation: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<StepProgress, { readonly systemRoot: string }>;
}
