import type { MappedAction } from '../../map-step.ts';
import type { StepReader } from '../../step-reader.ts';
import { equivalent, inFullOs, inPe, type MapMdtStep, quietAccount, typed } from '../step-parts.ts';

const keyManagements: Readonly<Record<string, string>> = {
  tpm: 'tpm',
  tpmpin: 'tpm-and-pin',
  tpmkey: 'tpm-and-key',
  key: 'key',
};

/** ZTIBde by its class: how BitLocker is to be enabled in Windows. Without a class also in Windows PE. */
export const bitLocker: MapMdtStep = (reader) => {
  quietAccount(reader);
  const enable = enabling(reader);
  if (/EnableBitLocker/i.test(reader.step.type ?? '')) return typed(enable);
  const place = reader.context.sequence.globals.findLast(
    ({ name, value }) => name.toLowerCase() === 'destinationosvariable' && value.trim() !== '',
  );
  const variable = place?.value.trim() ?? 'OSDisk';
  return equivalent(
    'In Windows PE the drive is prepared for BitLocker, in Windows BitLocker is enabled',
    {
      name: 'Pre-provision BitLocker',
      type: 'pre-provision-bitlocker',
      params: { destination: { variable: /^\w[\w-]*$/.test(variable) ? variable : 'OSDisk' } },
      condition: inPe,
    },
    { ...enable, name: 'Enable BitLocker', condition: inFullOs },
  );
};

function enabling(reader: StepReader): MappedAction {
  const kind = reader.text('BdeInstall', 'OSDBitLockerMode')?.trim().toLowerCase() ?? 'tpm';
  const keyManagement = keyManagements[kind] ?? 'tpm';
  const drive = driveOf(reader.text('BdeTargetDriveLetter', 'OSDBitLockerTargetDrive'));
  const startupKeyDrive = driveOf(reader.text('BdeKeyLocation', 'OSDBitLockerStartupKeyDrive'));
  const recovery = reader.text('BdeRecoveryPassword', 'OSDBitLockerCreateRecoveryPassword')?.trim();
  if (keyManagement !== 'tpm-and-pin') reader.ignore('BdePin', 'OSDBitLockerPIN');
  const asksKey = keyManagement === 'key' || keyManagement === 'tpm-and-key';
  return {
    type: 'enable-bitlocker',
    params: {
      keyManagement,
      // That of the operating system is the one without a letter.
      ...(drive === undefined || drive === 'C:' ? {} : { drive }),
      ...(keyManagement === 'tpm-and-pin' ? { pin: pinOf(reader) } : {}),
      ...(asksKey && startupKeyDrive !== undefined ? { startupKeyDrive } : {}),
      recoveryKey: recovery === undefined || recovery === '' ? 'none' : 'active-directory',
      waitForEncryption: reader.flag('WaitForEncryption', 'OSDBitLockerWaitForEncryption') ?? false,
    },
  };
}

/** That of the step; else that of the rules or the wizard. */
function pinOf(reader: StepReader): string {
  const names = ['BdePin', 'OSDBitLockerPIN'] as const;
  if (reader.text(...names) !== undefined)
    return reader.secret('The PIN of BitLocker', ...names) ?? '%BdePin%';
  reader.need({
    kind: 'secret',
    message: 'The PIN of BitLocker is in the variable BdePin, which rules or the wizard set',
    hint: 'Set it as a secret variable of a collection or device: metalwright variable set --collection <name> --secret BdePin',
  });
  return '%BdePin%';
}

function driveOf(text: string | undefined): string | undefined {
  const letter = /^\s*([a-z]):?\\?\s*$/i.exec(text ?? '')?.[1];
  return letter === undefined ? undefined : `${letter.toUpperCase()}:`;
}

/** ZTIDisableBDEProtectors: until BitLocker is enabled again. */
export const disableProtectors: MapMdtStep = (reader) => {
  quietAccount(reader);
  return typed({ type: 'disable-bitlocker', params: { restarts: 0 }, condition: inFullOs });
};
