import { isSecretProperty } from '../plain-secrets.ts';

/** What is set to these is a switch, or gone: OSDRandomAdminPassword. */
const SWITCH = /^(|true|false|yes|no|0|1)$/i;

/** Whether a variable that is set in plain text must not be written into a document. */
export function isPlainSecret(name: string, value: string): boolean {
  return isSecretProperty(name) && !value.includes('%') && !SWITCH.test(value.trim());
}
