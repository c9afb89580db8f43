import { z } from 'zod';
import {
  actionVariablesWhere,
  joinActionVariables,
  plainActionVariables,
} from '#agent/sequence/action-variables.ts';
import type { VolumeId } from '#agent/sequence/platform.ts';
import { defineStep, type StepContext, StepError } from '#agent/sequence/step.ts';
import { encryptionSettings } from './bitlocker-settings.ts';
import { DriveLetter } from './drive-letter.ts';
import { databaseParams, databaseSettings, databaseVariables } from './enable-bitlocker-later.ts';
import { bitLockerOf, hasTpm, startEncryption } from './encrypt-volume.ts';
import { protect } from './key-protectors.ts';
import { oneOf } from './one-of.ts';
import { trueOrFalse } from './true-or-false.ts';

const SECRET = 'Best a %Variable% that is hidden.';

const params = z
  .strictObject({
    drive: DriveLetter.optional().meta({
      title: 'Choose the drive to encrypt',
      description:
        'A data drive, as in D:. Without one it is the drive of the operating system, which must be encrypted first.',
    }),
    keyManagement: oneOf(['tpm', 'key', 'tpm-and-key', 'tpm-and-pin']).default('tpm').meta({
      title: 'Key management',
      description:
        'What protects the key of the operating system drive: the TPM, a start-up key on a USB drive, or the TPM with one of key and PIN.',
    }),
    pin: z
      .string()
      .max(20)
      .optional()
      .meta({
        title: 'PIN',
        description: `With tpm-and-pin only. ${SECRET}`,
        writeOnly: true,
      }),
    startupKeyDrive: DriveLetter.optional().meta({
      title: 'Startup key drive',
      description: 'With key and tpm-and-key only. Without one it is the first USB drive.',
    }),
    startupKey: z
      .string()
      .max(64)
      .optional()
      .meta({
        title: 'Startup key',
        description: `256 bits as base64; without one a random key is made. With key and tpm-and-key only. ${SECRET}`,
        writeOnly: true,
      }),
    recoveryPassword: z
      .string()
      .max(64)
      .optional()
      .meta({
        title: 'Recovery password',
        description: `Eight groups of six digits; without one a random password is made. ${SECRET}`,
        writeOnly: true,
      }),
    ...encryptionSettings,
    recoveryKey: oneOf(['active-directory', 'database', 'none']).default('active-directory').meta({
      title: 'Choose where to create recovery key',
      description: 'Where it is kept. Where it cannot be kept, the step fails.',
    }),
    ...databaseParams,
    waitForEncryption: trueOrFalse().default(false).meta({
      title:
        'Wait for BitLocker to complete the drive encryption process on all drives before continuing task sequence execution',
    }),
    skipWithoutTpm: trueOrFalse().default(false).meta({
      title: 'Skip this step for computers that do not have a TPM or when TPM is not enabled',
      description: 'Otherwise the step fails there.',
    }),
  })
  .superRefine(({ keyManagement, pin, startupKey, startupKeyDrive }, context) => {
    const issue = (message: string): void =>
      context.addIssue({ code: 'custom', path: ['keyManagement'], message });
    if (isSet(pin) && !asksPin({ keyManagement }))
      issue(`a PIN goes with tpm-and-pin, not with ${keyManagement}`);
    if ((isSet(startupKey) || isSet(startupKeyDrive)) && !asksKey({ keyManagement }))
      issue(`a start-up key goes with key and tpm-and-key, not with ${keyManagement}`);
  });
const { shape } = params;

/** A `%Name%` without a value becomes an empty text: none. */
function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}

type Settings = Readonly<Record<string, unknown>>;

function asksPin(settings: Settings): boolean {
  return keyManagementOf(settings) === 'tpm-and-pin';
}

function asksKey(settings: Settings): boolean {
  return ['key', 'tpm-and-key'].includes(keyManagementOf(settings) ?? '');
}

function keyManagementOf({ keyManagement }: Settings): string | undefined {
  return shape.keyManagement.safeParse(keyManagement).data;
}

/**
 * Enable BitLocker (reference: steps, section 3): protects the key of a drive and encrypts it, as far as that
 * was not done before; its recovery password is kept in any case.
 */
export const enableBitLocker = defineStep({
  type: 'enable-bitlocker',
  title: 'Enable BitLocker',
  menu: 'disks',
  help: 'Encrypts a drive in Windows and keeps its recovery key.',
  action: 'now',
  needs: ['disk', 'bitLocker'],
  runsIn: ['full-os'],
  params,
  repeatable: true,
  destructive: false,
  actionVariables: joinActionVariables(
    actionVariablesWhere(
      asksPin,
      plainActionVariables({ OSDBitLockerPIN: { param: 'pin', schema: shape.pin } }),
    ),
    actionVariablesWhere(
      asksKey,
      plainActionVariables({
        OSDBitLockerStartupKey: { param: 'startupKey', schema: shape.startupKey },
      }),
    ),
    plainActionVariables({
      OSDBitLockerRecoveryPassword: {
        param: 'recoveryPassword',
        schema: shape.recoveryPassword,
      },
    }),
    databaseVariables,
  ),
  references: () => [],
  laterSettings: ({ recoveryKey }) => databaseSettings(recoveryKey),
  async *run(settings, context) {
    const { drive, keyManagement, waitForEncryption } = settings;
    const bitLocker = bitLockerOf(context);
    const { signal } = context;
    const system = await bitLocker.volumeOf(null, signal);
    const volume = drive === undefined ? system : await bitLocker.volumeOf(drive, signal);
    const isSystem = volume === system;
    const wantsTpm = isSystem && keyManagement !== 'key';
    if (wantsTpm && !(await hasTpm(context, settings.skipWithoutTpm))) return {};
    if (!isSystem) await assertEncrypted(system, context);

    const { state, protectionOn } = await bitLocker.status(volume, signal);
    if (protectionOn) context.log('The drive is encrypted and protected already');
    yield { detail: 'adding key protectors' };
    await protect({ volume, isSystem }, settings, context);
    // Encrypted before, with a clear key or suspended: its protectors count from now on.
    if (state === 'decrypted') await startEncryption(context, volume, settings);
    else if (!protectionOn) await bitLocker.resume(volume, signal);
    if (waitForEncryption) {
      yield* bitLocker.encrypted(volume, signal);
      await bitLocker.resume(volume, signal);
    }
    return {};
  },
});

/** A data drive is unlocked with that of the operating system: the key for it lies there. */
async function assertEncrypted(system: VolumeId, context: StepContext): Promise<void> {
  const { state, percent } = await bitLockerOf(context).status(system, context.signal);
  if (state === 'encrypted') return;
  throw new StepError(
    'bitlocker.system-first',
    `The drive of the operating system is encrypted to ${percent} %, and must be wholly before a data drive`,
    {
      hint: 'Let the step that encrypts it wait for encryption to complete.',
      exitCode: 0x80310020,
    },
  );
}
