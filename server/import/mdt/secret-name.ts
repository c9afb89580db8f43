import { isSecretName } from '#agent/sequence/secret-names.ts';

const SECRET =
  /pass(?:words?|phrase|wd)?\d*$|pwd\d*$|secret|credential|token$|^bdepin$|startupkey$/i;
const PRODUCT_KEY = /^(?:override)?productkey$/i;
/** Names that only speak of a password. */
const SETTING = /^skip|^osdrandom|create|validate|minlength/i;

/** Whether a variable of MDT holds a secret, by its name: AdminPassword, BdePin, OverrideProductKey. */
export function isMdtSecretName(name: string): boolean {
  const plain = name.trim();
  if (isSecretName(plain)) return true;
  return PRODUCT_KEY.test(plain) || (SECRET.test(plain) && !SETTING.test(plain));
}
