import type { StepProgress, VolumeId } from './platform.ts';

/** The TPM of this machine as Windows sees it. */
export interface TpmState {
  readonly present: boolean;
  readonly enabled: boolean;
  readonly activated: boolean;
  /** `2.0`; null where it is not known. */
  readonly version: string | null;
}

export type EncryptionMethod = 'AES_128' | 'AES_256' | 'XTS_AES128' | 'XTS_AES256';

export interface VolumeEncryption {
  /** `encrypting` also while it is decrypted: only the next percentage tells them apart. */
  readonly state: 'decrypted' | 'encrypting' | 'encrypted' | 'other';
  /** Of the volume, 0 to 100. */
  readonly percent: number;
  /** Whether protectors are in force; false also where they are suspended. */
  readonly protectionOn: boolean;
}

/** What unlocks a volume. Secrets go to the tool by standard input, never by argv. */
export type KeyProtector =
  | { readonly kind: 'tpm' }
  | { readonly kind: 'tpm-and-pin'; readonly pin: string }
  /** `folder` is the root of a drive; `key` 256 bits as base64, made by Windows where none is given. */
  | { readonly kind: 'startup-key'; readonly folder: string; readonly key?: string }
  | { readonly kind: 'tpm-and-startup-key'; readonly folder: string; readonly key?: string }
  /** Made by Windows where none is given. */
  | { readonly kind: 'recovery-password'; readonly password?: string }
  /** Of a data volume: unlocked with that of the operating system. */
  | { readonly kind: 'auto-unlock' };

/** BitLocker drive encryption, by manage-bde; in Windows and in a Windows PE with WinPE-SecureStartup. */
export interface BitLockerCapability {
  tpm(signal: AbortSignal): Promise<TpmState>;
  /** The volume of a drive letter, `D:`; null: of the Windows that runs. @throws {StepError} `bitlocker.no-drive` */
  volumeOf(drive: string | null, signal: AbortSignal): Promise<VolumeId>;
  /** @throws {StepError} `bitlocker.*` */
  status(volume: VolumeId, signal: AbortSignal): Promise<VolumeEncryption>;
  /**
   * Ids of the key protectors of one kind, `{…}`; with `password` those recovery passwords alone that are
   * this one. @throws {StepError} `bitlocker.*`
   */
  protectors(
    request: {
      readonly volume: VolumeId;
      readonly kind: KeyProtector['kind'];
      readonly password?: string;
    },
    signal: AbortSignal,
  ): Promise<readonly string[]>;
  /**
   * Begins to encrypt, with a clear key where there is no protector, and reads back that it did.
   * @throws {StepError} `bitlocker.method` where this Windows has not that method, `bitlocker.*`
   */
  start(
    request: {
      readonly volume: VolumeId;
      /** Null: what this Windows takes. */
      readonly method: EncryptionMethod | null;
      readonly usedSpaceOnly: boolean;
    },
    signal: AbortSignal,
  ): Promise<void>;
  /** Returns the protector's id. @throws {StepError} `bitlocker.*` */
  addProtector(
    request: { readonly volume: VolumeId; readonly protector: KeyProtector },
    signal: AbortSignal,
  ): Promise<{ readonly id: string }>;
  /** @throws {StepError} `bitlocker.*` */
  removeProtector(
    request: { readonly volume: VolumeId; readonly protectorId: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** Keeps a recovery password in Active Directory. @throws {StepError} `bitlocker.escrow` */
  backUpToDirectory(
    request: { readonly volume: VolumeId; readonly protectorId: string },
    signal: AbortSignal,
  ): Promise<void>;
  /** Puts the protectors in force. @throws {StepError} `bitlocker.*` */
  resume(volume: VolumeId, signal: AbortSignal): Promise<void>;
  /** Takes them out of force for that many starts of Windows, 0 for good. @throws {StepError} `bitlocker.*` */
  suspend(
    request: { readonly volume: VolumeId; readonly restarts: number },
    signal: AbortSignal,
  ): Promise<void>;
  /** Yields progress until the volume is encrypted. @throws {StepError} `bitlocker.*` */
  encrypted(volume: VolumeId, signal: AbortSignal): AsyncGenerator<StepProgress, void>;
}
