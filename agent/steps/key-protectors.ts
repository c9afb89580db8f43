/** Key protectors of a drive, as Enable BitLocker wants them. */
import type { KeyProtector } from '#agent/sequence/bitlocker-capability.ts';
import type { VolumeId } from '#agent/sequence/platform.ts';
import { type StepContext, StepError } from '#agent/sequence/step.ts';
import { bitLockerOf } from './encrypt-volume.ts';

/** Settings of the step; an empty text is none. */
interface ProtectionSettings {
  readonly keyManagement: keyof typeof SYSTEM_PROTECTORS;
  readonly pin?: string | undefined;
  readonly startupKey?: string | undefined;
  readonly startupKeyDrive?: string | undefined;
  readonly recoveryKey: 'active-directory' | 'database' | 'none';
  readonly recoveryPassword?: string | undefined;
}

/** What protects the key of the operating system drive, by its setting. */
const SYSTEM_PROTECTORS = {
  tpm: 'tpm',
  key: 'startup-key',
  'tpm-and-key': 'tpm-and-startup-key',
  'tpm-and-pin': 'tpm-and-pin',
} as const;
const UNLOCKING = ['tpm', 'tpm-and-pin', 'tpm-and-startup-key', 'startup-key'] as const;

/**
 * Adds what is not there yet; any protector that unlocks the drive serves, but the TPM alone where more is
 * wanted. The recovery password comes first, and is kept before anything else: an attempt that was cut off leaves
 * no drive that cannot be recovered.
 */
export async function protect(
  { volume, isSystem }: { readonly volume: VolumeId; readonly isSystem: boolean },
  settings: ProtectionSettings,
  context: StepContext,
): Promise<void> {
  const bitLocker = bitLockerOf(context);
  const { signal } = context;
  const { recoveryKey, recoveryPassword } = settings;
  if (recoveryKey !== 'none' || (recoveryPassword ?? '') !== '') {
    const given =
      recoveryPassword === undefined || recoveryPassword === ''
        ? {}
        : { password: recoveryPassword };
    const protector = { kind: 'recovery-password' as const, ...given };
    // One that is given is added beside others, which are not what somebody has written down.
    const [known] = await bitLocker.protectors({ volume, ...protector }, signal);
    const protectorId = known ?? (await bitLocker.addProtector({ volume, protector }, signal)).id;
    if (recoveryKey === 'active-directory')
      await bitLocker.backUpToDirectory({ volume, protectorId }, signal);
  }
  const has = async (kind: KeyProtector['kind']): Promise<readonly string[]> =>
    bitLocker.protectors({ volume, kind }, signal);
  const wanted = isSystem ? SYSTEM_PROTECTORS[settings.keyManagement] : 'auto-unlock';
  // The TPM alone would unlock the drive without the PIN or key that is asked for.
  const replaced = wanted === 'tpm-and-pin' || wanted === 'tpm-and-startup-key' ? ['tpm'] : [];
  const kinds: readonly KeyProtector['kind'][] = isSystem ? UNLOCKING : [wanted];
  let known: string | undefined;
  for (const kind of kinds)
    if (!replaced.includes(kind) && (await has(kind)).length > 0) known ??= kind;
  if (known === undefined) {
    const protector: KeyProtector = isSystem
      ? await systemProtector(settings, context)
      : { kind: 'auto-unlock' };
    await bitLocker.addProtector({ volume, protector }, signal);
  } else context.log(`The drive has a key protector already: ${known}`);
  // Beside a protector of another kind nobody may have what that asks for.
  if (replaced.length === 0 || (known ?? wanted) !== wanted) return;
  for (const protectorId of await has('tpm')) {
    context.log(`Removing the key protector tpm: with it nothing asks for ${wanted}`);
    await bitLocker.removeProtector({ volume, protectorId }, signal);
  }
}

/** @throws {StepError} `bitlocker.pin`, `bitlocker.no-usb-drive` */
async function systemProtector(
  settings: ProtectionSettings,
  context: StepContext,
): Promise<KeyProtector> {
  const { keyManagement, pin = '', startupKey, startupKeyDrive } = settings;
  switch (keyManagement) {
    case 'tpm':
      return { kind: 'tpm' };
    case 'tpm-and-pin':
      if (pin === '')
        throw new StepError('bitlocker.pin', 'The PIN of the drive has no value', {
          hint: 'Set OSDBitLockerPIN, as a hidden variable.',
          exitCode: 0x80070057,
        });
      return { kind: 'tpm-and-pin', pin };
    case 'key':
    case 'tpm-and-key': {
      const letter = startupKeyDrive || (await firstUsbDrive(context));
      const kind = keyManagement === 'key' ? 'startup-key' : 'tpm-and-startup-key';
      const key = startupKey === undefined || startupKey === '' ? {} : { key: startupKey };
      return { kind, folder: `${letter.toUpperCase()}\\`, ...key };
    }
  }
}

/** `E:`, of the first removable drive with a letter. */
async function firstUsbDrive({ platform, signal }: StepContext): Promise<string> {
  const disks = await platform.disk.list(signal);
  const letter = disks
    .filter(({ removable }) => removable)
    .flatMap(({ partitions }) => partitions.flatMap((partition) => partition.letter ?? []))[0];
  if (letter !== undefined) return `${letter}:`;
  throw new StepError('bitlocker.no-usb-drive', 'There is no USB drive for the start-up key', {
    hint: 'Put one in, or name its drive letter.',
    exitCode: 0x8007000f,
  });
}
