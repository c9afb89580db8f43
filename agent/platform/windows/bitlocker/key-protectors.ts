/** How manage-bde is told of key protectors, and tells of them. */
import type { KeyProtector } from '../../../sequence/bitlocker-capability.ts';
import type { SecretProtector } from './add-with-secret.ts';

/** Words of `manage-bde -protectors -get -type`. */
export const protectorTypes: Readonly<Record<KeyProtector['kind'], string>> = {
  tpm: 'tpm',
  'tpm-and-pin': 'tpmandpin',
  'tpm-and-startup-key': 'tpmandstartupkey',
  'startup-key': 'externalkey',
  'auto-unlock': 'externalkey',
  'recovery-password': 'recoverypassword',
};
const ID = /\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}/gi;

/** Ids that `manage-bde -protectors -get` prints; with a password those alone that stand before it. */
export function protectorIds(stdout: string, password: string): string[] {
  const found = [...stdout.matchAll(ID)].filter(({ index }, at, all) =>
    stdout.slice(index, all[at + 1]?.index).includes(password),
  );
  return [...new Set(found.map(([id]) => id.toUpperCase()))];
}

/** Null for what manage-bde makes itself. */
export function secretOf(protector: KeyProtector): SecretProtector | null {
  switch (protector.kind) {
    case 'tpm-and-pin':
      return { method: 'ProtectKeyWithTPMAndPIN', secret: protector.pin };
    case 'recovery-password':
      return protector.password === undefined
        ? null
        : { method: 'ProtectKeyWithNumericalPassword', secret: protector.password };
    case 'startup-key':
      return protector.key === undefined
        ? null
        : {
            method: 'ProtectKeyWithExternalKey',
            secret: protector.key,
            folder: protector.folder,
          };
    case 'tpm-and-startup-key':
      return protector.key === undefined
        ? null
        : {
            method: 'ProtectKeyWithTPMAndStartupKey',
            secret: protector.key,
            folder: protector.folder,
          };
    case 'tpm':
    case 'auto-unlock':
      return null;
  }
}

/** Words behind `manage-bde -protectors -add X:`. */
export function optionsOf(protector: KeyProtector): string[] {
  if (protector.kind === 'startup-key') return ['-StartupKey', protector.folder];
  if (protector.kind === 'tpm-and-startup-key') return ['-TPMAndStartupKey', protector.folder];
  return [protector.kind === 'tpm' ? '-TPM' : '-RecoveryPassword'];
}
