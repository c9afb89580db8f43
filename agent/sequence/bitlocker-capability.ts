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
  readonly state: 'decrypted' | 'encrypting' | 'encrypted' | 'decrypting' | 'other';
  /** Of the volume, 0 to 100. */
  readonly percent: number;
  /** Whether protectors are in force; false also where they are suspended. */
  readonly protectionOn: boolean;
  /** Ids of the key protectors, `{…}`. */
  readonly protectors: readonly string[];
}

/** What unlocks a volume. Secrets go to the tool by standard input or a file of this account, never by argv where it can be helped. */
export type KeyProtector =
  | { readonly kind: 'tpm' }
  | { readonly kind: 'tpm-and-pin'; readonly pin: string }
  | { readonly kind: 'startup-key'; readonly folder: string }
  | { readonly kind: 'tpm-and-startup-key'; readonly folder: string }
  /** Made by Windows where none is given. */
  | { readonly kind: 'recovery-password'; readonly password?: string };

/** BitLocker drive encryption, by manage-bde; in Windows and in a Windows PE with WinPE-SecureStartup. */
export interface BitLockerCapability {
  tpm(signal: AbortSignal): Promise<TpmState>;
  /** @throws {StepError} `bitlocker.*` */
  status(volume: VolumeId, signal: AbortSignal): Promise<VolumeEncryption>;
  /** Begins to encrypt with a clear key, and reads back that it did. @throws {StepError} `bitlocker.*` */
  start(
    request: {
      readonly volume: VolumeId;
      /** Null: what this Windows takes. */
      readonly method: EncryptionMethod | null;
      readonly usedSpaceOnly: boolean;
    },
    signal: AbortSignal,
  ): Promise<void>;
  /** Returns the protector's id, and the password of a recovery password. @throws {StepError} `bitlocker.*` */
  addProtector(
    request: { readonly volume: VolumeId; readonly protector: KeyProtector },
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly recoveryPassword?: string }>;
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
