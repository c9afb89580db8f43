/** The BitLocker steps of the menu *Disks*; MDT has properties of its own for the same variables. */
import type { MapStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';
import { destinationOf } from './destination.ts';
import { argumentOf, driveOf, numberOf, switchOf, tell, textOf } from './setting-values.ts';
import { typed } from './typed-step.ts';

/** Numbers of `Win32_EncryptableVolume.GetEncryptionMethod`; 1 and 2, with a diffuser, are gone since Windows 8. */
const methods: Readonly<Record<string, string>> = {
  '0': 'default',
  '3': 'aes-128',
  '4': 'aes-256',
  '6': 'xts-aes-128',
  '7': 'xts-aes-256',
  aes128: 'aes-128',
  aes256: 'aes-256',
  xtsaes128: 'xts-aes-128',
  xtsaes256: 'xts-aes-256',
};

/** Enable BitLocker, of Configuration Manager and of MDT. */
export const enableBitLocker: MapStep = (reader) => {
  const keyManagement = keyManagementOf(reader);
  const startupKeyDrive = driveOf(
    reader,
    'StartupKeyDrive',
    'BdeKeyLocation',
    'OSDBitLockerStartupKeyDrive',
  );
  const asksKey = keyManagement === 'key' || keyManagement === 'tpm-and-key';
  if (!asksKey && startupKeyDrive !== undefined)
    tell(reader, `Its start-up key drive ${startupKeyDrive.slice(0, 100)} was not used`);
  return typed(
    reader,
    'enable-bitlocker',
    {
      drive: driveOf(reader, 'TargetDrive', 'BdeTargetDriveLetter', 'OSDBitLockerTargetDrive'),
      keyManagement,
      pin: pinOf(reader, keyManagement),
      startupKeyDrive: asksKey ? startupKeyDrive : undefined,
      ...encryptionOf(reader),
      recoveryKey: recoveryKeyOf(reader),
      waitForEncryption:
        switchOf(reader, 'WaitForEncryption', 'OSDBitLockerWaitForEncryption') ??
        flagOf(argumentOf(reader, 'wait')),
      skipWithoutTpm:
        switchOf(reader, 'SkipWhenNoValidTPM', 'OSDBitLockerSkipWhenNoValidTPM') ??
        flagOf(argumentOf(reader, 'ignoretpm')),
    },
    ['drive'],
  );
};

/** Pre-provision BitLocker. */
export const offlineEnableBitLocker: MapStep = (reader) => {
  const destination = destinationOf(reader);
  if (destination === undefined)
    tell(
      reader,
      'Which drive it encrypts is not in the file: that of the variable OSDisk is taken',
      'Name the drive, or the variable that a Format and Partition Disk step sets.',
    );
  return typed(reader, 'pre-provision-bitlocker', {
    destination: destination ?? { variable: 'OSDisk' },
    ...encryptionOf(reader),
    skipWithoutTpm:
      switchOf(reader, 'SkipWhenTPMInvalid', 'OSDBitLockerSkipWhenTPMInvalid') ??
      flagOf(argumentOf(reader, 'ignoretpm')),
  });
};

/** Disable BitLocker. */
export const disableBitLocker: MapStep = (reader) =>
  typed(
    reader,
    'disable-bitlocker',
    {
      drive: driveOf(reader, 'TargetDrive', 'OSDBitLockerTargetDrive'),
      restarts: numberOf(reader, 'RebootCount', 'OSDBitLockerRebootCount'),
    },
    ['drive'],
  );

function encryptionOf(reader: StepReader): Readonly<Record<string, unknown>> {
  const written =
    textOf(reader, 'EncryptMethod', 'OSDBitLockerEncryptMethod') ?? argumentOf(reader, 'crypt');
  const fullDisk =
    switchOf(reader, 'EncryptFullDisk', 'OSDBitLockerEncryptFullDisk') ??
    flagOf(argumentOf(reader, 'full'));
  if (written === undefined || written.includes('%')) return { encryptionMode: written, fullDisk };
  const encryptionMode = methods[written.toLowerCase().replaceAll(/[^a-z0-9]/g, '')];
  if (encryptionMode === undefined)
    tell(
      reader,
      `There is no encryption mode ${written.slice(0, 100)}: that of the system is used`,
    );
  return { encryptionMode, fullDisk };
}

/** `TPMAndPIN`, and as MDT has it `TPMPin`. */
function keyManagementOf(reader: StepReader): string | undefined {
  const written =
    textOf(reader, 'Mode', 'BdeInstall', 'OSDBitLockerMode') ?? argumentOf(reader, 'mode');
  if (written === undefined || written.includes('%')) return written;
  switch (written.toLowerCase().replaceAll(/[^a-z]|and/g, '')) {
    case 'tpm':
      return 'tpm';
    case 'key':
      return 'key';
    case 'tpmkey':
      return 'tpm-and-key';
    case 'tpmpin':
      return 'tpm-and-pin';
  }
  tell(reader, `There is no key management ${written.slice(0, 100)}: the TPM is used`);
  return undefined;
}

function pinOf(reader: StepReader, keyManagement: string | undefined): string | undefined {
  const names = ['PIN', 'OSDBitLockerPIN'] as const;
  if (keyManagement !== 'tpm-and-pin') {
    reader.ignore(...names);
    return undefined;
  }
  const pin = reader.secret('The BitLocker PIN', ...names);
  if (pin === undefined)
    reader.need({
      kind: 'secret',
      message: 'The BitLocker PIN is not in the file',
      hint: 'Set the secret variable OSDBitLockerPIN of a collection or device.',
    });
  return pin;
}

/** `AD`, or none; newer versions keep it in their database. */
function recoveryKeyOf(reader: StepReader): string | undefined {
  const written = textOf(
    reader,
    'CreateRecoveryPassword',
    'BdeRecoveryPassword',
    'OSDBitLockerCreateRecoveryPassword',
  );
  const found = keptIn(written) ?? keptIn(argumentOf(reader, 'pwd'));
  if (written !== undefined && found === undefined)
    // Not the value: someone may have written a password there.
    tell(reader, 'Where its recovery key is kept is not clear: in Active Directory');
  return found;
}

function keptIn(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (/^(ad|active.*)$/i.test(text)) return 'active-directory';
  if (/^(db|cm.*|site.*|.*database)$/i.test(text)) return 'database';
  return /^(none|no|false|do.*not.*)$/i.test(text) ? 'none' : undefined;
}

function flagOf(text: string | undefined): boolean | undefined {
  const word = text?.toLowerCase();
  return word === 'true' || (word === 'false' ? false : undefined);
}
